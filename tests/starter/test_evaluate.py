"""What is counted when answers are compared with what stood there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from twolane.clients.engine.prompt import Prompt
from twolane.starter import evaluate, layout
from twolane.starter.corpus import Source
from twolane.starter.evaluate import Figures, Score, differences, main, measure, score, speeds, table
from twolane.starter.holes import Hole
from twolane.starter.runner import Agreeing, Answer, Runner
from twolane.starter.tasks import SINGLES, Task, holes_of

from .conftest import MODEL

if TYPE_CHECKING:
    from twolane.starter.holes import Kind

TEXT = "def area(width, height):\n    return width * height\n"


def task(hidden: str, kind: Kind) -> Task:
    start = TEXT.index(hidden)
    hole = Hole(kind, start, start + len(hidden))
    source = Source("shapes", "shapes.py", TEXT)
    empty = Prompt([])
    return Task(source, hole, TEXT[:start], TEXT[hole.end :], hidden, empty, empty, empty, ())


def test_an_answer_to_a_line_counts_up_to_its_end() -> None:
    told = score(task("width * height", "rest-of-line"), Answer("width * height\n\nprint(", 9, stopped=False))
    assert told == Score(exact=1, similarity=1, parses=1, stopped=0, in_line=0)


@pytest.mark.parametrize(
    ("text", "stopped", "in_line"),
    [("width * height", True, 1), ("width * height\n\nprint()", True, 0), ("width * height", False, 0)],
)
def test_an_answer_that_went_on_beyond_its_line_did_not_end_within_it(text: str, stopped: bool, in_line: int) -> None:
    told = score(task("width * height", "rest-of-line"), Answer(text, 9, stopped=stopped))
    assert (told.exact, told.stopped, told.in_line) == (1, stopped, in_line)


def test_a_hole_is_of_one_line_by_its_own_text_and_not_by_its_kind() -> None:
    source = Source("shapes", "shapes.py", "area(\n    width,\n    height,\n)\n")
    middle = "\n    width,\n    height,\n"
    hole = Hole("argument", 5, 5 + len(middle))
    one = Task(source, hole, "area(", ")\n", middle, Prompt([]), Prompt([]), Prompt([]), ())
    told = score(one, Answer(middle, 9, stopped=True))
    assert (told.exact, told.stopped, told.in_line) == (1, 1, 1)
    beyond = score(task("return width * height", "body"), Answer("return width * height\n\n\ndef", 9, stopped=True))
    assert (beyond.exact, beyond.stopped, beyond.in_line) == (1, 1, 0)


def test_the_baseline_is_stopped_where_the_holes_own_text_is(starter: Runner) -> None:
    before = "first = load(\n    path,\n    mode,\n)\nsecond = load("
    middle = "\n    path,\n    mode,\n"
    source = Source("shop", "shop.py", f"{before}{middle})\n")
    hole = Hole("argument", len(before), len(before) + len(middle))
    one = Task(source, hole, before, ")\n", middle, Prompt([]), Prompt([]), Prompt([]), ())
    assert [told.exact for told in measure([one], {}, starter, 1).scores[evaluate.BASELINE]] == [1]


@pytest.mark.parametrize(("kind", "together"), [("line", True), ("argument", True), ("block", False)])
def test_kinds_of_single_lines_are_counted_together(kind: Kind, together: bool) -> None:
    assert (SINGLES in task("width * height", kind).groups) is together


def test_an_answer_to_several_lines_counts_whole() -> None:
    hidden = "\n    return width * height"
    told = score(task(hidden, "block"), Answer(hidden + "\n)", 9, stopped=True))
    assert told.exact == 0
    assert told.parses == 0
    assert told.similarity > 0.8


CODE = {
    "shop.go": ("package shop\n\nfunc Total(a int) int {\n\treturn ", "sum(a)", "\n}\n"),
    "Shop.java": ("class Shop {\n    int total(int a) {\n        return ", "sum(a)", ";\n    }\n}\n"),
    "shop.ts": ("export function total(a: number): number {\n  return ", "sum(a)", ";\n}\n"),
    "shop.rs": ("fn total(a: i32) -> i32 {\n    ", "sum(a)", "\n}\n"),
    "shop.c": ("int first = = 1;\n\nint total(int a) {\n    return ", "sum(a)", ";\n}\n"),
}


@pytest.mark.parametrize("path", CODE)
def test_in_every_language_an_answer_parses_where_it_breaks_nothing_more(path: str) -> None:
    before, middle, after = CODE[path]
    whole = Source("shop", path, before + middle + after)
    hole = Hole("argument", len(before), len(before) + len(middle))
    one = Task(whole, hole, before, after, middle, Prompt([]), Prompt([]), Prompt([]), ())
    told = [score(one, Answer(text, 3, stopped=True)).parses for text in ("sum(a)", "a + 1", "sum(a", "a)) {")]
    assert told == [1, 1, 0, 0]


class Scripted(Runner):
    """The model that ships, made to say the same each time."""

    script: tuple[int | str, ...] = ()

    def generate(self, limit: int, taken: bytes = b"", agreeing: Agreeing | None = None) -> Answer:
        self.left = self.encode_segments(list(self.script))
        return super().generate(limit, taken, agreeing)

    def _choose(self, left: bytes, agreeing: Agreeing | None) -> int:
        return self.left.pop(0)


@pytest.mark.parametrize(
    ("script", "told", "stopped"),
    [
        (("width", layout.END), 0, 1.0),
        (("width", layout.PREFIX, "height"), 3, 0.0),
        ((layout.FILE,), 3, 0.0),
        (("<|fim_prefix|>", layout.END), 3, 1.0),
    ],
)
def test_answers_that_a_control_token_breaks_off_are_counted(
    starter: Runner, monkeypatch: pytest.MonkeyPatch, script: tuple[int | str, ...], told: int, stopped: float
) -> None:
    monkeypatch.setattr(evaluate, "Runner", type("One", (Scripted,), {"script": script}))
    prompt = Prompt(starter.encode_segments([layout.SUFFIX, "\n", layout.PREFIX, "return ", layout.MIDDLE]))
    one = replace(task("width * height", "rest-of-line"), with_context=prompt, without=prompt, unhealed=prompt)
    figures = measure([one], {"model": MODEL}, starter, 1)
    assert [one.stopped for one in figures.scores["model"]] == [stopped]
    assert next(iter(speeds(figures))).endswith(f"control tokens in answers: {told}")


@pytest.mark.parametrize(("hidden", "inside"), [("idth * height", True), ("width * height", False)])
def test_holes_inside_words_are_told_apart(hidden: str, inside: bool) -> None:
    assert ("inside a word" in task(hidden, "rest-of-line").groups) is inside


def test_differences_are_paired_and_say_what_lies_outside_of_chance() -> None:
    figures = Figures([("all", "line")] * 40)
    figures.scores["good"] = [Score(1, 1, 1, 1, 1)] * 40
    figures.scores["poor"] = [Score(0, 0.5, 1, 1, 1)] * 40
    whole = "100.0 (100.0–100.0)"
    row = f"| all | good | 40 | {whole} | 1.000 (1.000–1.000) | 100.0 | {whole} | {whole} |"
    assert row in list(table(figures))
    row = list(differences(figures, "good", "poor"))[-1]
    none = "+0.0 (+0.0 to +0.0)"
    assert row == f"| all | 40 | +100.0 (+100.0 to +100.0)* | +0.500 (+0.500 to +0.500)* | {none} | {none} |"


def test_every_package_and_every_kind_is_drawn_alike() -> None:
    text = TEXT + "\n\n".join(f"def f{n}(a):\n    if a:\n        return g(a, {n})\n    return a" for n in range(60))
    sources = [Source(name, f"{name}.py", text) for name in ("one", "two")]
    drawn = holes_of(sources, 4, seed=0)
    assert [source.package for source, _ in drawn].count("one") == len(drawn) / 2
    kinds = [hole.kind for _, hole in drawn]
    assert {kinds.count(kind) for kind in kinds} == {4}


def test_a_model_of_other_words_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("twolane.starter.evaluate.readback.vocabulary", lambda path: [path.name])
    monkeypatch.setattr("sys.argv", ["evaluate", "--work", "nowhere", "--against", "other.gguf"])
    with pytest.raises(SystemExit):
        main()
    assert "--against other.gguf: its vocabulary is another" in capsys.readouterr().err
