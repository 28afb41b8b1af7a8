"""The ledger on an event loop: nothing waits for the disk, nothing is lost on the way, and it tells what it holds."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.routing.money_factory import NOON, Clock, Till, call, caps
from twolane.clients.chat import ChatUsage
from twolane.routing.errors import CapReached
from twolane.routing.money import history
from twolane.routing.money.budget import Piece, Settlement
from twolane.routing.money.days import local_day
from twolane.routing.money.ledger import Ledger
from twolane.routing.money.store import Store

TODAY = local_day(NOON)


def check(till: Till, *expected: tuple[str, float]) -> None:
    """State and dollars of each call, in order."""
    found = [(entry.state, entry.charged / 1e6) for entry in history.entries(till.store, TODAY)]
    assert found == list(expected)


@pytest.fixture
def shared(till: Till) -> Ledger:
    """A ledger over the till's own file."""
    return Ledger(Store(till.store.path, clock=Clock()))


async def test_reserving_and_settling(till: Till, shared: Ledger) -> None:
    one = call(2)
    await shared.reserve(one, caps())
    check(till, ("open", 2))
    await shared.settle(Settlement(one.id, "done", 500_000, ChatUsage(1, 2, 3, 4), first_ms=5.0, ms=6.0))
    with pytest.raises(CapReached):
        await shared.reserve(call(4.6), caps())
    assert (await shared.standing("/work/demo")).spent_day == 500_000
    await shared.close()
    check(till, ("done", 0.5))


async def test_a_reservation_that_is_cancelled_leaves_nothing_reserved(till: Till, shared: Ledger) -> None:
    for turns in range(12):
        task = asyncio.create_task(shared.reserve(call(1), caps(day=100)))
        for _ in range(turns):
            await asyncio.sleep(0.0004)
        if not task.cancel():
            continue
        with pytest.raises(asyncio.CancelledError):
            await task
    await shared.standing("")
    done = [entry for entry in history.entries(till.store, TODAY) if entry.state == "open"]
    cancelled = [entry for entry in history.entries(till.store, TODAY) if entry.state == "cancelled"]
    assert all(entry.charged == 0 for entry in cancelled)
    assert len(done) <= 12
    await shared.close()


async def test_what_cannot_be_settled_now_is_settled_later(till: Till) -> None:
    shared = Ledger(Store(till.store.path, busy_s=0.02, clock=Clock()))
    one = call(2)
    await shared.reserve(one, caps())
    other = sqlite3.connect(till.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await shared.settle(Settlement(one.id, "done", 250_000))
    check(till, ("open", 2))
    other.execute("ROLLBACK")
    other.close()
    await shared.standing("")
    check(till, ("done", 0.25))
    await shared.close()


async def test_the_loop_goes_on_while_the_disk_is_slow(till: Till) -> None:
    shared = Ledger(Store(till.store.path, busy_s=30, clock=Clock()))
    till.reserve(0)
    other = sqlite3.connect(till.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(shared.reserve(call(1), caps()))
    turns = 0
    while turns < 50:
        await asyncio.sleep(0.001)
        turns += 1
    assert not waiting.done()
    other.execute("ROLLBACK")
    other.close()
    await waiting
    await shared.close()


def test_sums_by_lane_model_and_task(till: Till) -> None:
    for number in range(1, 21):
        one = till.reserve(0.01, task="review")
        till.settle(one, 0.001, usage=ChatUsage(10, 5, 2, 1), first_ms=10.0 * number, ms=100.0 * number)
    till.settle(till.reserve(0.01, task="review"), 0, "failed", first_ms=9e9, ms=9e9)
    till.settle(till.reserve(0.01, task="refactor", model="dear"), 0.5)
    till.budget.acknowledge(call(1))
    dear, review = history.sums(history.entries(till.store, TODAY))
    assert (dear.model, dear.task, dear.calls, dear.charged) == ("dear", "refactor", 1, 500_000)
    assert (review.calls, review.failed, review.charged) == (21, 1, 20_000)
    assert review.usage == ChatUsage(200, 100, 40, 20)
    assert (review.first.p50, review.first.p95) == (110, 200)
    assert (review.whole.p50, review.whole.p95) == (1100, 2000)
    assert dear.first.p50 is None


def test_entries_know_what_was_sent(till: Till, tmp_path: Path) -> None:
    assert tmp_path == till.folder
    pieces = (Piece("file", "a.py", 1, 9), Piece("snippet", "b.py", 3, 4))
    till.reserve(1, pieces=pieces, body_bytes=77, body_sha256="ab" * 32)
    (entry,) = history.entries(till.store, TODAY, pieces=True)
    assert (entry.pieces, entry.body_bytes, entry.body_sha256) == (pieces, 77, "ab" * 32)
    assert history.entries(till.store, TODAY)[0].pieces == ()
    assert history.entries(till.store, TODAY.replace(year=2030)) == []
