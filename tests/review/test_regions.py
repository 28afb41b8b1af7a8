"""What is reviewed of a change: the functions it lies in, nothing twice, and a name for the content."""

from __future__ import annotations

from twolane.context.languages.reading import read_text
from twolane.context.parsing import Refused
from twolane.review.changes import Lines, between
from twolane.review.regions import Region, regions

TEXT = """\
import os

LIMIT = 3


def first(values):
    total = sum(values)
    return total / len(values)


class Shelf:
    size = 1

    def put(self, item):
        self.items.append(item)

    def take(self):
        return self.items.pop()


def last():
    return 1
"""


def cut(text: str, *changed: Lines) -> tuple[Region, ...]:
    facts = read_text("python", text)
    assert not isinstance(facts, Refused)
    return regions(text, facts, changed)


def spans(text: str, *changed: Lines) -> list[tuple[int, int, str]]:
    return [(one.first, one.last, one.symbol) for one in cut(text, *changed)]


def test_a_changed_line_is_shown_with_its_function() -> None:
    assert spans(TEXT, Lines(7, 7)) == [(6, 8, "first")]
    assert spans(TEXT, Lines(15, 15)) == [(14, 15, "Shelf.put")]


def test_a_change_over_several_functions_is_one_of_each_without_what_lies_between() -> None:
    assert spans(TEXT, Lines(15, 17)) == [(14, 15, "Shelf.put"), (17, 18, "Shelf.take")]
    new = "\n\ndef more():\n    return 2\n"
    assert spans(TEXT + new, *between(TEXT, TEXT + new)) == [(25, 26, "more")]


def test_two_changes_of_one_function_are_one_region() -> None:
    (region,) = cut(TEXT, Lines(6, 6), Lines(8, 8))
    assert region.changed == (Lines(6, 6), Lines(8, 8))
    assert [region.is_new(line, line) for line in (6, 7, 8)] == [True, False, True]


def test_outside_of_any_function_the_lines_around_are_shown() -> None:
    assert spans(TEXT, Lines(3, 3)) == [(1, 22, "")]


def test_blank_lines_are_nothing_to_review() -> None:
    assert cut(TEXT.replace("LIMIT = 3\n", "LIMIT = 3\n\n"), Lines(4, 4)) == ()


def test_content_has_one_name_wherever_it_stands_and_another_once_it_is_changed() -> None:
    (region,) = cut(TEXT, Lines(7, 7))
    (moved,) = cut("# above\n" + TEXT, Lines(8, 8))
    (other,) = cut(TEXT.replace("sum(values)", "sum(values, 1)"), Lines(7, 7))
    (wider,) = cut(TEXT, Lines(7, 8))
    assert moved.digest == region.digest
    assert len({region.digest, other.digest, wider.digest}) == 3


def test_a_language_that_is_not_known_is_shown_by_lines() -> None:
    text = "\n".join(f"line {number}" for number in range(1, 101))
    (region,) = regions(text, None, [Lines(50, 51)])
    assert (region.first, region.last) == (30, 71)
