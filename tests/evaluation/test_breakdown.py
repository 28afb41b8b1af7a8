"""Figures say what the answers were; an answer that was not given counts for its cost only."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.evaluation import intervals
from twolane.evaluation.asking import Answer, Place, sources
from twolane.evaluation.breakdown import by_task, figures, more, row
from twolane.evaluation.holes import Hole, Kind


def hole(hidden: str, kind: Kind = "line", before: str = "x = ", after: str = "\n") -> Hole:
    return Hole(Path("a.py"), "python", kind, before, hidden, after)


def test_a_difference_holds_its_truth() -> None:
    ours, theirs = [1.0] * 60 + [0.0] * 40, [1.0] * 30 + [0.0] * 70
    found = intervals.difference(ours, theirs)
    assert found.value == pytest.approx(0.3)
    assert found.low < 0.3 < found.high
    assert intervals.difference(ours, ours) == intervals.Estimate(0.0, 0.0, 0.0)


def test_each_side_is_told_by_what_it_answered() -> None:
    rows = [
        row(hole("1"), {"near": Answer("1", "near", "m", 10.0), "far": Answer("1", "far", "f", 900.0, 0.02)}),
        row(hole("ab"), {"near": Answer("ab(", "near", "m", 30.0), "far": Answer("ab", "far", "f", 1100.0, 0.03)}),
        row(hole("cd"), {"near": Answer("", "near", "m", 20.0), "far": Answer(cost_usd=0.01, trouble="broke off")}),
    ]
    near, far = figures(rows, "near"), figures(rows, "far")
    assert near is not None
    assert far is not None
    assert (near.answered, far.answered) == (3, 2)
    assert near.exact.value == pytest.approx(1 / 3)
    assert near.silent == pytest.approx(1 / 3)
    assert near.parses == pytest.approx(1 / 2)
    assert (near.ms_p50, near.cost_usd) == (20.0, 0.0)
    assert far.exact.value == 1.0
    assert far.cost_usd == pytest.approx(0.06)
    assert far.models == (("far", "f"),)
    assert figures(rows, "nobody") is None


def test_differences_are_of_the_places_that_both_answered() -> None:
    rows = [
        row(hole("1"), {"near": Answer("2"), "far": Answer("1")}),
        row(hole("2"), {"near": Answer("2"), "far": Answer(trouble="refused")}),
    ]
    found = more(rows, "far", "near")
    assert found is not None
    assert (found.places, found.exact.value) == (1, 1.0)
    assert more(rows[1:], "far", "near") is None


def test_tasks_are_told_apart() -> None:
    rows = [row(hole("1", kind), {"near": Answer("1")}) for kind in ("line", "body", "line")]
    assert [(kind, len(of)) for kind, of in by_task(rows)] == [("line", 2), ("body", 1)]


def test_a_long_file_is_shown_around_the_cursor_in_whole_lines() -> None:
    before = "".join(f"line_{number} = {number}\n" for number in range(5000)) + "here = "
    after = "\n" + "".join(f"more_{number} = {number}\n" for number in range(5000))
    first, second = sources(Place(Path("/w"), "a.py", hole("1", before=before, after=after)))
    assert before.endswith(first.text)
    assert first.text.startswith("line_")
    assert before.split("\n")[first.start_line - 1] == first.text.split("\n")[0]
    assert first.end_line == second.start_line == 5001
    assert after.startswith(second.text)
    assert second.text.endswith("\n")
    assert len(first.text) + len(second.text) < 33_000
