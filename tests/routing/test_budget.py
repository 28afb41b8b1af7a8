"""Caps hold whatever happens: in parallel, at the edges of days, with a clock that lies."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.routing.money_factory import DAY, NOON, Clock, Till, caps
from twolane.clients.chat import ChatUsage
from twolane.routing.errors import CapReached
from twolane.routing.money.budget import Caps, Piece
from twolane.routing.money.history import entries


def check(till: Till, worst: float, limits: Caps, key: str, left: str) -> None:
    """A reservation is refused by the cap `key`; the message says how much of it is left."""
    before = till.spent()
    with pytest.raises(CapReached) as refused:
        till.reserve(worst, limits)
    assert refused.value.key == key
    assert f"{left} is left" in str(refused.value)
    assert key in str(refused.value)
    assert till.spent() == before


def test_what_is_reserved_counts_and_what_is_settled_replaces_it(till: Till) -> None:
    one = till.reserve(2)
    assert till.spent() == (2, 2, 2)
    till.settle(one, 0.5, usage=ChatUsage(10, 20))
    assert till.spent() == (0.5, 0.5, 0.5)
    two = till.reserve(1)
    till.settle(two, 0, "failed")
    assert till.spent() == (0.5, 0.5, 0.5)


def test_each_cap_refuses_what_could_exceed_it(till: Till) -> None:
    till.reserve(1)
    check(till, 0.6, caps(request=0.5), "budget.request_dollars", "$0.5000")
    check(till, 4.000001, caps(day=5), "budget.day_dollars", "$4.00")
    check(till, 1, caps(month=1.5), "budget.month_dollars", "$0.5000")
    check(till, 1, caps(project=1.25), "budget.project_dollars", "$0.2500")
    till.reserve(4, caps(day=5))
    check(till, 0.000001, caps(day=5), "budget.day_dollars", "$0")


def test_another_projects_spend_counts_for_the_day_but_not_for_the_project(till: Till) -> None:
    till.reserve(1, project="/work/other")
    till.reserve(1, caps(project=1))
    check(till, 1, caps(project=1), "budget.project_dollars", "$0")
    check(till, 4, caps(day=5), "budget.day_dollars", "$3.00")


def test_what_is_free_is_never_refused_and_still_written_down(till: Till) -> None:
    till.reserve(5)
    till.reserve(0, caps(day=0))
    with till.store.read() as connection:
        assert connection.execute("SELECT count(*) FROM call").fetchone() == (2,)


def test_a_new_day_and_a_new_month_begin_once(open_till: Callable[..., Till]) -> None:
    clock = Clock(datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp())
    till = open_till(clock=clock)
    till.reserve(5)
    check(till, 1, caps(), "budget.day_dollars", "$0")
    clock.now += DAY
    till.reserve(4)
    assert till.spent() == (4, 9, 9)
    clock.now += DAY
    assert till.spent() == (0, 0, 0)
    till.reserve(5)
    assert till.spent() == (5, 5, 5)


def test_what_is_open_at_midnight_where_the_person_lives_counts_for_the_day_it_was_asked(
    open_till: Callable[..., Till], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as zone:
        zone.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        clock = Clock(datetime(2026, 11, 30, 10, 59, tzinfo=UTC).timestamp())  # 23:59 there
        till = open_till(clock=clock)
        late = till.reserve(4)
        assert till.spent() == (4, 4, 4)
        clock.now += 120
        assert till.spent() == (0, 0, 0)
        today = till.reserve(5)
        till.settle(late, 3)
        assert till.spent() == (5, 5, 5)
        with pytest.raises(CapReached):
            till.reserve(0.01)
        till.settle(today, 1)
        assert till.spent() == (1, 1, 1)
        clock.now -= 120
        assert till.spent() == (1, 1, 1)
    time.tzset()


@pytest.mark.parametrize("back", [3600.0 * 13, DAY, 40 * DAY])
def test_a_clock_set_back_opens_no_day_again(open_till: Callable[..., Till], back: float) -> None:
    clock = Clock()
    till = open_till(clock=clock)
    till.reserve(1)
    clock.now += DAY
    till.reserve(5)
    clock.now -= back
    check(till, 1, caps(), "budget.day_dollars", "$0")
    clock.now = NOON + 2 * DAY
    till.reserve(5)


def test_a_clock_that_was_ahead_is_believed_again_when_a_person_says_so(open_till: Callable[..., Till]) -> None:
    clock = Clock(NOON + 900 * DAY)
    till = open_till(clock=clock)
    till.reserve(3)
    clock.now = NOON
    with pytest.raises(CapReached, match=r"later than this machine's clock.*--accept-clock"):
        till.reserve(3)
    till.budget.accept_clock()
    assert till.spent()[0] == 3
    check(till, 3, caps(), "budget.day_dollars", "$2.00")
    clock.now += DAY
    till.reserve(5)


def test_old_calls_are_forgotten_when_their_time_is_over(open_till: Callable[..., Till]) -> None:
    clock = Clock()
    till = open_till(clock=clock)
    till.reserve(1)
    for days in (401, 1):
        clock.now += days * DAY
        till.reserve(1)
    with till.store.read() as connection:
        assert connection.execute("SELECT count(*) FROM call").fetchone() == (2,)


def test_a_clock_far_ahead_makes_nothing_forgotten(open_till: Callable[..., Till]) -> None:
    clock = Clock()
    till = open_till(clock=clock)
    till.reserve(4)
    clock.now += 900 * DAY
    till.reserve(1)
    clock.now = NOON
    till.budget.accept_clock()
    assert till.spent()[0] == 5
    check(till, 1, caps(), "budget.day_dollars", "$0")


def test_a_hundred_threads_at_ninety_nine_percent_overshoot_by_nothing(open_till: Callable[..., Till]) -> None:
    till = open_till(busy_s=60.0)
    till.reserve(4.95)
    won: list[str] = []
    lost: list[CapReached] = []
    together = threading.Barrier(100)

    def ask() -> None:
        mine = Till(till.folder, busy_s=60.0)
        together.wait()
        try:
            won.append(mine.reserve(0.02))
        except CapReached as refused:
            lost.append(refused)
        finally:
            mine.close()

    threads = [threading.Thread(target=ask) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (2, 98)
    assert till.spent()[0] == 4.99


PROCESS = """
import sys
from pathlib import Path
from tests.routing.money_factory import Till
from twolane.routing.errors import CapReached
till = Till(Path(sys.argv[1]), busy_s=60.0)
sys.stdin.read(1)
for _ in range(25):
    try:
        till.reserve(0.004)
        print("won")
    except CapReached:
        print("lost")
till.close()
"""


def test_processes_that_spend_at_once_overshoot_by_nothing(till: Till) -> None:
    till.reserve(4.95)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", PROCESS, str(till.folder)]
    processes = [
        subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    words = [word for process in processes for word in process.communicate(timeout=100)[0].split()]
    assert (words.count("won"), words.count("lost")) == (12, 88)
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert round(till.spent()[0], 6) == 4.998


def test_names_that_are_no_text_are_kept_and_counted(till: Till) -> None:
    project, name = os.fsdecode(b"/home/caf\xe9"), os.fsdecode(b"src/\xff.py")
    till.reserve(2, project=project, pieces=(Piece("file", name, 1, 9),))
    assert till.spent(project)[2] == 2
    assert till.spent()[2] == 0
    (entry,) = entries(till.store, date(2026, 11, 1), pieces=True)
    assert (entry.project, entry.pieces[0].path) == ("/home/caf\\udce9", "src/\\udcff.py")
