"""Keys become a table: who waited how long, what counts as answered, how sure a ratio is."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from benchmarks.report import figure, quantile
from benchmarks.typing.figures import notes, table, together
from benchmarks.typing.intervals import ratio
from benchmarks.typing.plot import Panel, draw
from benchmarks.typing.score import Clock, Key, Score, Totals, Work


def test_an_answer_serves_every_key_that_waited_and_only_while_it_holds() -> None:
    score = Score()
    clock = Clock(score)
    first = clock.struck()
    second = clock.struck()
    assert clock.answered(first, "model", text=True) == []
    assert len(clock.answered(second, "model", text=True)) == 2
    assert [key.late for key in score.keys] == [True, False]
    clock.struck()
    clock.left()
    assert not clock.waiting
    assert [key.missed for key in score.keys] == [False, False, True]
    assert all(key.wait_ms >= 0 for key in score.keys)


def side(waits: list[float], **totals: float) -> Score:
    keys = [Key(number // 4, 0.0, wait, origin="model", text=True) for number, wait in enumerate(waits)]
    work = Work(0, evaluated=4, prompt=100, generated=5, model_ms=3.0)
    return Score(keys=keys, works=[work], totals=Totals(**totals), player_late_ms=[0.1])  # type: ignore[arg-type]


def test_the_table_judges_the_goals() -> None:
    ours = side([10.0, 10.0, 20.0, 20.0] * 6, evaluated=96, generated=80, model_ms=160.0, unseen_ms=40.0)
    theirs = side([100.0] * 24, evaluated=640, generated=80, model_ms=1600.0, unseen_ms=800.0)
    rows = {row.name: row for row in table(ours, theirs)}
    assert rows["twolane / llama.vim, key to answer: p50"].p50 == pytest.approx(0.1)
    assert rows["twolane / llama.vim, key to answer: p95"].p50 == pytest.approx(0.2)
    verdicts = {row.name.strip(): row.verdict for row in table(ours, theirs) if row.goals}
    assert verdicts == {
        "twolane / llama.vim, key to answer: p50": "reached",
        "twolane / llama.vim, key to answer: p95": "reached",
        "tokens read a key, mean": "reached",
        "prompt reused": "reached",
    }
    assert "6 pieces" in notes(ours, theirs)[0]


def test_a_ratio_is_judged_by_its_interval() -> None:
    def verdicts(waits: list[float]) -> list[str]:
        return [row.verdict for row in table(side(waits), side([100.0] * len(waits))) if "/" in row.name]

    assert verdicts([10.0] * 24) == ["reached", "reached"]
    assert verdicts([60.0] * 24) == ["missed", "missed"]
    assert verdicts([10.0] * 12 + [90.0] * 12) == ["not shown", "missed"]
    assert verdicts([10.0] * 12) == ["not shown", "not shown"]


def test_the_goal_of_the_pace_is_judged_by_nine_of_ten() -> None:
    ours = side([10.0] * 18 + [700.0] * 2)
    ours.goal_ms, ours.asked_ms = 600.0, [10.0] * 17 + [700.0] * 3
    verdicts = {row.name.strip(): row.verdict for row in table(ours, Score())}
    assert verdicts["twolane: key to answer"] == "reached"
    assert verdicts["request to answer, or withdrawn late"] == "missed"


def test_alone_there_is_nothing_to_compare() -> None:
    ours = side([10.0] * 4, evaluated=64, generated=80, model_ms=160.0, unseen_ms=40.0)
    assert not any("llama.vim" in row.name for row in table(ours, Score()))
    assert len(notes(ours, Score())) == 1


def test_sessions_add_up() -> None:
    one = side([1.0] * 4, evaluated=4, model_ms=2.0)
    whole = together([one, one])
    assert len(whole.keys) == 8
    assert whole.totals == Totals(8, 0, 4.0, 0.0)


def test_an_interval_holds_its_ratio_and_narrows_with_more_pieces() -> None:
    few = ratio([[1.0, 9.0]] * 3 + [[5.0]], [[10.0, 90.0]] * 3 + [[50.0]], 0.5)
    assert few.low <= few.value <= few.high
    same = ratio([[2.0]] * 50, [[10.0]] * 50, 0.95)
    assert (same.low, same.value, same.high) == (0.2, 0.2, 0.2)


def test_quantiles_are_values_of_the_sample() -> None:
    assert quantile([1, 2, 3, 4], 0.5) == 2
    assert quantile(range(1, 101), 0.95) == 95
    assert quantile([7], 0.01) == 7


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        (figure("x", "ms", [1.0]), ""),
        (figure("x", "ms", [1.0, 2.0], goal=1.5), "reached"),
        (figure("x", "ms", [1.0, 20.0], goal=15, goal_p95=10), "missed"),
        (figure("x", "ms", [1.0, 20.0], goal_most=20), "reached"),
        (figure("x", "%", [96.0], goal=95, at_least=True), "reached"),
        (figure("x", "%", [94.0], goal=95, at_least=True), "missed"),
    ],
)
def test_a_verdict_needs_every_goal(made: object, verdict: str) -> None:
    assert getattr(made, "verdict", None) == verdict


def test_the_picture_is_a_picture() -> None:
    panel = Panel("Waits", "ms", {"a <b>": [1.0, 2.0, 300.0], "none": []}, 1.0)
    root = ET.fromstring(draw("Title & more", "caption", [panel, panel]))
    assert root.tag.endswith("svg")
    assert "a <b>" in "".join(root.itertext())
