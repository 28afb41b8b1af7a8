"""What is hidden stood there, and an answer is judged as a reader would."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.replay import through, truth
from benchmarks.replay.__main__ import HELD_OUT
from benchmarks.replay.answers import Answers
from benchmarks.replay.projects import CHOSEN
from benchmarks.replay.scoring import score
from tests.starter import card
from twolane.evaluation.holes import Hole
from twolane.starter.corpus import normalized


@pytest.mark.parametrize(
    ("after", "hidden", "text", "judged"),
    [
        ("\n", "a + b", "a + b", {"exact": True, "valid": True}),
        ("\n", "a + b", " a + b ", {"exact": True}),
        ("\n", "a + b", "a +", {"exact": False, "valid": False, "more_errors": 0}),
        ("\n", "a + b", "", {"exact": False, "shown": False, "valid": False}),
        ("\nprint(x)\n", "a", "a\nprint(x)", {"repeats": True}),
        ("\nprint(x)\n", "a", "a\nprint(y)", {"repeats": False}),
        ("\nprint(x, 'y')\n", "a", 'a\nprint(x,"y")', {"repeats": True}),
        ("\nprint(x)\n\nprint(y)\n", "a", "a\nprint(x)\nprint(y)", {"repeats": True}),
        ("\nprint(x)\nprint(y)\n", "a", "a\nprint(y)", {"repeats": False}),
        ("\nx = total\n", "b", "total", {"repeats": True}),
        ("\n]\n)\n", "a", "[\n(\n]\n)", {"repeats": False}),
        ("\nprint(x)\n", "a\nprint(x)", "a\nprint(x)", {"repeats": False}),
        (" + tail\n", "a", "a + tail", {"repeats": True}),
        (" + tail\n", "a", "a+tail", {"repeats": True}),
        ("\n", "a", "a<|fim_pad|>", {"leaks": True}),
        ("\n", "a", "a <| b", {"leaks": False}),
    ],
)
def test_scores(after: str, hidden: str, text: str, judged: dict[str, object]) -> None:
    found = score(Hole(Path("a.py"), "python", "line", "x = ", hidden, after), text, 1.0)
    assert {name: getattr(found, name) for name in judged} == judged


@pytest.mark.parametrize(
    ("true", "text", "outcome"),
    [
        ("a = 1\nb = 2\n", "a = 1\r\nb = 2", "whole"),
        ("a = 1\nb = 2", "a = 1", "shorter"),
        ("f(", "f(\n    a)", "longer"),
        ("a = 1", "", "silent"),
        ("a = 1\nb = 2", "b = 2", "changed"),
    ],
)
def test_what_became_of_a_true_text(true: str, text: str, outcome: str) -> None:
    assert through.judged(true, text) == outcome


async def test_a_true_text_goes_through_all_that_a_models_does() -> None:
    hole = Hole(Path("a.py"), "python", "line", "def f(a):\n    ", "return a + 1", "\n\n\ndef g():\n    pass\n")
    assert (await through.shown(hole)).outcome == "whole"
    wrong = Hole(Path("a.py"), "python", "line", "def f(a):\n    ", "return (a + ]", "\n\n\ndef g():\n    pass\n")
    found = await through.shown(wrong)
    assert (found.outcome, found.text) == ("silent", "")


def test_a_long_replay_goes_on_from_the_answers_it_has(tmp_path: Path) -> None:
    hole = Hole(Path("a.py"), "python", "line", "x = ", "1", "\n")
    other = Hole(Path("a.py"), "python", "line", "x = ", "2", "\n")
    given = score(hole, "1", 2.0, 0.5, ("syntax: fits",), "", ("trailing space",))
    Answers(tmp_path / "answers.jsonl").add(hole, "Twolane", given)
    again = Answers(tmp_path / "answers.jsonl")
    assert again.find(hole, "Twolane") == given
    assert again.find(hole, "Twolane, no checks") is None
    assert again.find(other, "Twolane") is None


def test_a_slip_is_made_in_a_name_that_stands_alone() -> None:
    hole = Hole(Path("a.py"), "python", "line", "import os\n\ntotal = 1\n", "x = os.path.join(total)", "\n")
    slipped = {truth.slipped(hole, random.Random(seed)) for seed in range(20)}
    assert slipped == {"x = os.path.join(totalWrt)"}
    assert truth.slipped(Hole(Path("a.py"), "python", "line", "", "1 + 2", "\n"), random.Random(1)) is None


def test_nothing_is_asked_about_that_the_weights_that_ship_have_learnt_from() -> None:
    distributions = {"attr": "attrs", "markdown_it": "markdown-it-py"}
    asked = {*(normalized(one.name) for one in CHOSEN), *(distributions.get(name, name) for name in HELD_OUT)}
    assert not asked & card.trained_on()
    assert "fmt" not in asked, "its headers were learnt from, as torch's copy"


def test_every_language_has_a_project() -> None:
    languages = {"c", "cpp", "csharp", "go", "java", "lua", "php", "python", "ruby", "rust", "shellscript"}
    assert {one.language for one in CHOSEN} == {*languages, "typescript", "typescriptreact"}
