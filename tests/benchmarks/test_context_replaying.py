"""A commit is written change by change, and what follows a point is not there yet."""

from __future__ import annotations

from pathlib import Path

from benchmarks.context.holding import Held, Holding
from benchmarks.context.replaying import replayed
from benchmarks.typing.history import Change, Commit, History

TOOLS = "def pack_it(crate): ...\n\ndef seal_it(crate): ...\n"
BEFORE = "from tools import pack_it\n\ndef go(crate):\n    return pack_it(crate)\n"
AFTER = (
    "from tools import pack_it, seal_it\n\ndef go(crate):\n    return pack_it(crate)\n\n"
    "def again(crate):\n    seal_it(crate)\n    return pack_it(crate)\n"
)


def test_a_point_is_in_what_was_written_and_hides_the_rest_of_its_change() -> None:
    commit = Commit("one", (Change("user.py", BEFORE, AFTER),))
    (states,) = replayed(History("h", {"tools.py": TOOLS, "user.py": BEFORE}, (commit,)), 1)
    first, second = states
    assert first.text == BEFORE.replace("pack_it\n", "pack_it, seal_it\n", 1)
    assert second.text == AFTER
    assert {point.name for point in second.points} <= {"seal_it", "pack_it"}
    assert second.points
    for point in second.points:
        left = second.text[: point.start] + second.text[point.end :]
        assert "return pack_it(crate)\n\ndef again" in left
        assert left[: point.start].endswith("    ")
        assert left[point.start :] in ("\n", "")
        assert all(gold.path == "tools.py" for gold in point.golds)


def test_what_is_shown_stays_from_place_to_place(tmp_path: Path) -> None:
    commit = Commit("one", (Change("user.py", BEFORE, AFTER),))
    history = History("h", {"tools.py": TOOLS, "user.py": BEFORE}, (commit,))
    session, told = Holding(history, tmp_path, 200, 1), Held()
    for states in replayed(history, 1):
        session.write(states, told)
    assert len(told.outcomes) > 0
    assert all(one.recalled[max(one.recalled)] for one in told.outcomes)
    assert len(told.again) == len(told.outcomes)
    assert not any(told.again), "two signatures are shown, and stay"
