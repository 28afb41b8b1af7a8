"""What is hidden stood there, and an answer is judged as a reader would."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.replay import ngrams, through, truth
from benchmarks.replay.__main__ import HELD_OUT
from benchmarks.replay.answers import Answers
from benchmarks.replay.projects import CHOSEN
from benchmarks.replay.scoring import score
from benchmarks.replay.sides import BASELINE, OURS, Sides
from benchmarks.replay.window import Window
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
    given = score(hole, "1", 2.0, 0.5, ("syntax: fits",), "", ("trailing space",), (("b.py", 1, 2),))
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


FAR = "total = add_all(items, start=7)\n"
CALL = Hole(Path("a.py"), "python", "rest of line", "x = 1\ntotal = add_all(", "items, start=7)", "\n\nlast = 2\n")


def test_the_n_grams_see_the_lines_of_other_files_that_the_model_was_shown(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text(f"import os\n{FAR}rest = 3\n")
    assert ngrams.answer(CALL, tmp_path, "a.py", [("b.py", 2, 2)], 64) == "items, start=7)"
    assert ngrams.answer(CALL, tmp_path, "a.py", [("b.py", 1, 1)], 64) != "items, start=7)"
    assert ngrams.answer(CALL, tmp_path, "a.py", [], 64) != "items, start=7)"


def test_the_n_grams_see_the_file_itself_with_its_hole_and_no_more_than_the_window(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CALL.before + CALL.text + CALL.after)
    assert ngrams.answer(CALL, tmp_path, "a.py", [("a.py", 1, 3)], 64) != "items, start=7)"
    near, far = (replace(CALL, before=FAR + "y = 1\n" * count + CALL.before) for count in (20, 2_000))
    assert ngrams.answer(near, tmp_path, "a.py", [], 64) == "items, start=7)"
    assert ngrams.answer(far, tmp_path, "a.py", [], 64) != "items, start=7)"


def test_of_two_other_places_the_n_grams_prefer_the_one_shown_last(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text("total = add_all(first)\ntotal = add_all(second)\n")
    places = [("b.py", 1, 1), ("b.py", 2, 2)]
    assert ngrams.answer(CALL, tmp_path, "a.py", places, 64) == "second)"
    assert ngrams.answer(CALL, tmp_path, "a.py", places[::-1], 64) == "first)"


class Told(Window):
    """A window that answers nothing, and tells what it showed and what it went on from."""

    def __init__(self) -> None:
        self.opened: list[Path] = []

    def open(self, path: Path, text: str, language: str) -> None:
        self.opened.append(path)

    def close(self, path: Path) -> None:
        self.opened.remove(path)

    async def complete(self, path: Path, line: int, column: int) -> tuple[float, str]:
        return 1.0, ""

    async def told(self, path: str, count: int) -> dict[str, Any]:
        place = {"path": "b.py", "symbol": "", "why": "uses add_all"}
        shown = {**place, "start_line": 2, "end_line": 2}
        followed = {**place, "start_line": 1, "end_line": 1, "why": "goes on from the same text"}
        return {"stages": {}, "checks": [], "reason": "", "filters": [], "sources": [shown, followed]}


async def test_what_the_product_showed_its_model_is_what_the_n_grams_see(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text(f"import os\n{FAR}")
    answers = Answers(None)
    sides = Sides(tmp_path, {OURS: Told()}, "", 0.0, answers, native=True)
    told = await sides.ask(CALL, tmp_path / "a.py", "a.py", [OURS, BASELINE])
    assert told[OURS].sources == (("b.py", 2, 2),)
    assert told[BASELINE].exact
