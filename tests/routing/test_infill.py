"""Keystrokes that are answered elsewhere pass the same door: privacy, secrets, budget, the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.completion.fakes import ScriptedClient, ScriptedStream
from tests.routing.money_factory import caps
from tests.routing.test_gateway import SECRET
from twolane.clients.errors import AnswerCut, ModelError, ModelRefused, ModelUnavailable, RequestRefused
from twolane.clients.model import Extra, Finish, InfillRequest, InfillStream
from twolane.routing.infill import GuardedInfill, Home
from twolane.routing.money import prices
from twolane.routing.money.budget import Caps
from twolane.routing.money.history import Entry, entries
from twolane.routing.money.ledger import Ledger
from twolane.routing.money.store import Store
from twolane.routing.privacy.privacy import Privacy, PrivacyRules

PRICES = ("team/* input=1 output=10 cache_read=0.1",)


class Unreported(ScriptedClient):
    """A server that tells its usage only at an end, which never comes."""

    @asynccontextmanager
    async def infill(self, request: InfillRequest) -> AsyncIterator[InfillStream]:
        stream = Endless([] if callable(self.pieces) else self.pieces, None, "end")
        self.streams.append(stream)
        self.started.set()
        yield stream


class Endless(ScriptedStream):
    def end(self, finish: Finish) -> None:
        raise AssertionError("it has no end")

    async def __aiter__(self) -> AsyncIterator[str]:
        for piece in self._pieces:
            self.given += 1
            yield piece
        await asyncio.Event().wait()


class Desk:
    """A guarded client over a scripted one, in a workspace of its own."""

    def __init__(
        self, root: Path, inner: ScriptedClient, rules: PrivacyRules, own: tuple[str, ...], most: Caps
    ) -> None:
        self.root = root
        self.inner = inner
        self.path = root.parent / "data" / "ledger.sqlite3"
        self.ledger = Ledger(Store(self.path))
        self.client = GuardedInfill(
            inner,
            Home("team", "team", "team.example", "coder"),
            privacy=Privacy(rules, outer=()),
            ledger=self.ledger,
            prices=lambda: prices.load(own),
            caps=lambda: most,
        )

    async def complete(self, prefix: str = "x = ", **others: Any) -> str:
        given: dict[str, Any] = {"path": "a.py", "suffix": "\n", "repository": "demo"}
        request = InfillRequest(prefix=prefix, workspace=str(self.root), **(given | others))
        async with self.client.infill(request) as stream:
            return "".join([piece async for piece in stream])

    async def entries(self) -> list[Entry]:
        def read() -> list[Entry]:
            store = Store(self.path)
            found = entries(store, date.min, pieces=True) if store.exists else []
            store.close()
            return found

        return await asyncio.to_thread(read)


@asynccontextmanager
async def desk(
    tmp_path: Path,
    inner: ScriptedClient,
    rules: PrivacyRules | None = None,
    own: tuple[str, ...] = PRICES,
    most: Caps | None = None,
) -> AsyncIterator[Desk]:
    root = tmp_path / "project"
    root.mkdir()
    made = Desk(root, inner, rules or PrivacyRules(), own, most or caps())
    try:
        yield made
    finally:
        await made.client.close()
        await made.ledger.close()


async def check(tmp_path: Path, refusal: type[ModelError], words: str, **others: Any) -> None:
    """A key is refused before anything is asked."""
    inner = ScriptedClient(["1"])
    async with desk(tmp_path, inner, **others) as made:
        with pytest.raises(refusal, match=words):
            await made.complete()
        assert inner.requests == []
        assert await made.entries() == []


async def test_a_key_is_answered_and_written_down(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedClient(["1", "\n"])) as made:
        assert await made.complete(extras=(Extra("b.py", "y = 2\n"),)) == "1\n"
        (entry,) = await made.entries()
    assert (entry.state, entry.task, entry.lane, entry.host) == ("done", "completion", "team", "team.example")
    assert entry.charged == 10 + 9 + 2 * 10
    assert entry.reserved > entry.charged
    assert [(piece.kind, piece.path) for piece in entry.pieces] == [("file", "a.py"), ("snippet", "b.py")]
    assert entry.body_bytes > 20


async def test_secrets_stay_here_and_come_back(tmp_path: Path) -> None:
    inner = ScriptedClient()
    async with desk(tmp_path, inner) as made:
        await made.complete(
            f'key = "{SECRET}"\n', suffix=f'\nk = "{SECRET}"', extras=(Extra("b.py", f'z = "{SECRET}"'),)
        )
        (asked,) = inner.requests
        assert SECRET not in f"{asked}"
        inner.pieces = [asked.prefix.split('"')[1], "!"]
        assert await made.complete(f'key = "{SECRET}"\n') == f"{SECRET}!"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'key = "{SECRET[:20]}', f'{SECRET[20:]}"\n'),
        ('password = "', 'hunter2-Kq9!xW"\n'),
        (f'key = "{SECRET}', 'abc"\n'),
    ],
)
async def test_a_secret_around_the_cursor_stays_here(tmp_path: Path, before: str, after: str) -> None:
    inner = ScriptedClient(["1"])
    async with desk(tmp_path, inner) as made:
        await made.complete(before, suffix=after)
    (asked,) = inner.requests
    sent = asked.prefix + asked.suffix
    assert not any(part in sent for part in (SECRET[:20], SECRET[20:], "hunter2", "Kq9!xW"))
    assert asked.prefix.startswith(before.split('"')[0])
    assert asked.suffix.endswith('"\n')


async def test_a_secret_in_a_name_stays_here(tmp_path: Path) -> None:
    inner = ScriptedClient(["1"])
    async with desk(tmp_path, inner) as made:
        await made.complete(path=f"{SECRET}/a.py", repository=SECRET, extras=(Extra(f"b/{SECRET}.py", "y = 2\n"),))
        await made.complete()
    assert SECRET not in f"{inner.requests}"
    assert inner.requests[0].path.endswith("/a.py")
    assert not any(SECRET.encode() in file.read_bytes() for file in (tmp_path / "data").iterdir())


async def test_what_another_place_goes_on_with_stays_here(tmp_path: Path) -> None:
    inner = ScriptedClient(["1"])
    async with desk(tmp_path, inner) as made:
        await made.complete(onward="unseen(by, anybody)\n")
    assert "unseen" not in f"{inner.requests}"


async def test_pieces_of_files_that_must_stay_here_are_left_out(tmp_path: Path) -> None:
    inner = ScriptedClient(["1"])
    async with desk(tmp_path, inner, PrivacyRules(near_only=("b.py",))) as made:
        await made.complete(extras=(Extra("b.py", "hidden"), Extra("c.py", "shown")))
        assert [extra.path for extra in inner.requests[0].extras] == ["c.py"]


async def test_a_file_that_must_stay_here_is_refused(tmp_path: Path) -> None:
    await check(tmp_path, RequestRefused, "a.py may not be shown", rules=PrivacyRules(near_only=("a.py",)))


async def test_a_server_without_a_price_is_refused(tmp_path: Path) -> None:
    await check(tmp_path, ModelRefused, r"budget\.prices", own=())


async def test_a_cap_holds_for_keys_too(tmp_path: Path) -> None:
    await check(tmp_path, ModelRefused, r"budget\.day_dollars", most=caps(day=0.0001))


async def test_guesses_are_the_wrapped_clients_own_to_skip(tmp_path: Path) -> None:
    inner = ScriptedClient(["1"])
    async with desk(tmp_path, inner) as made:
        await made.complete(priority="speculative")
        assert len(inner.requests) == 1
        assert await made.entries() == []


async def test_leaving_early_and_failing_are_settled(tmp_path: Path) -> None:
    inner = ScriptedClient(["one", "two"], pause=asyncio.Event())
    async with desk(tmp_path, inner) as made:
        request = InfillRequest("x = ", "", "a.py", str(made.root), "demo")
        async with made.client.infill(request) as stream:
            assert await anext(aiter(stream)) == "one"
        inner.failure = AnswerCut("it broke")
        with pytest.raises(AnswerCut):
            await made.complete()
        first, second = await made.entries()
    assert inner.left_early == [True]
    assert (first.state, first.charged) == ("cancelled", 10 + 9 + 10)
    assert (second.state, second.reason, second.charged) == ("failed", "cut", 0)


@pytest.mark.parametrize(("pieces", "tokens"), [([], 0), (["four", "more"], 3)])
async def test_what_was_sent_and_never_reported_is_charged(tmp_path: Path, pieces: list[str], tokens: int) -> None:
    inner = Unreported(pieces)
    async with desk(tmp_path, inner) as made:
        asking = asyncio.create_task(made.complete())
        await inner.started.wait()
        while inner.streams[0].given < len(pieces):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait({asking})
        (entry,) = await made.entries()
    assert (entry.state, entry.charged) == ("cancelled", entry.reserved - (64 - tokens) * 10)


async def test_what_was_never_sent_costs_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedClient(failure=ModelUnavailable("nothing listens"))) as made:
        with pytest.raises(ModelUnavailable):
            await made.complete()
        (entry,) = await made.entries()
    assert (entry.state, entry.charged) == ("failed", 0)


async def test_counting_sends_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedClient()) as made:
        assert await made.client.count_tokens(["abcdef", "", "é"]) == [2, 0, 1]
        assert (await made.client.info()).name == "scripted"
        assert made.client.health.kind == "ready"
