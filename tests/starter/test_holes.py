from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twolane.starter import holes
from twolane.starter.holes import KINDS, Hole, Kind, Lines, draw, inside_word

TEXT = Path(holes.__file__).read_text("utf-8")


def drawn(kind: Kind, count: int = 200) -> list[Hole]:
    rng = random.Random(3)
    found = [hole for _ in range(count) if (hole := draw(Lines(TEXT), rng, kind)) and hole.kind == kind]
    assert found, kind
    return found


@given(st.text(alphabet="ab (]):\n\téクラス", max_size=120), st.integers(0, 2**32))
def test_a_hole_lies_inside_any_text_and_is_never_empty(text: str, seed: int) -> None:
    hole = draw(Lines(text), random.Random(seed))
    assert hole is None or 0 <= hole.start < hole.end <= len(text)


@pytest.mark.parametrize("kind", [name for name, _ in KINDS])
def test_every_kind_is_found_in_real_code(kind: Kind) -> None:
    assert all(TEXT[hole.start : hole.end] for hole in drawn(kind))


def test_rest_of_line_ends_at_the_line_break() -> None:
    for hole in drawn("rest-of-line"):
        assert "\n" not in TEXT[hole.start : hole.end]
        assert TEXT[hole.end : hole.end + 1] in ("\n", "")


def test_people_stop_in_the_middle_of_words_half_of_the_time() -> None:
    inside = [inside_word(TEXT, hole.start) for hole in drawn("rest-of-line", 400)]
    assert 0.3 < sum(inside) / len(inside) < 0.6


def test_a_word_goes_on_only_between_two_of_its_signs() -> None:
    assert [inside_word("a_b é.", at) for at in range(7)] == [False, True, True, False, False, False, False]


def test_comments_and_documentation_are_seldom_taken() -> None:
    text = '"""About.\n\nMore of it,\nand more.\n"""\n# why\nfirst = 1\nsecond = 2\n' * 20
    rng = random.Random(1)
    found = [hole for _ in range(300) if (hole := draw(Lines(text), rng, "line"))]
    code = [hole for hole in found if " = " in text[hole.start : hole.end]]
    assert len(code) > 0.6 * len(found)
    assert len(code) < len(found)


def test_bodies_are_found_where_braces_hold_them() -> None:
    text = "export function area(width: number): number {\n  const all = width * width;\n  return all;\n}\n" * 6
    hole = draw(Lines(text), random.Random(2), "body")
    assert hole is not None
    assert text[hole.start : hole.end].strip() == "const all = width * width;\n  return all;"


def test_an_argument_ends_before_its_bracket() -> None:
    for hole in drawn("argument"):
        assert TEXT[hole.end] in ")]"


def test_a_body_ends_with_the_function() -> None:
    for hole in drawn("body"):
        following = TEXT[hole.end :].lstrip("\n").split("\n")[0]
        first = TEXT[TEXT.rfind("\n", 0, hole.start) + 1 :].split("\n")[0]
        header = len(first) - len(first.lstrip())
        assert len(following) - len(following.lstrip()) <= header


def test_the_last_line_break_is_not_part_of_a_line() -> None:
    lines = Lines("a\nbc\n")
    assert [lines.line(index) for index in range(len(lines.starts))] == ["a", "bc"]
