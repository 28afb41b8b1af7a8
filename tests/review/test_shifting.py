"""After a small edit the definitions stand where parsing would find them; any other edit is left to the parser."""

from __future__ import annotations

import random
import re

import pytest

from tests.review.test_regions import TEXT
from twolane.context.facts import FileFacts
from twolane.context.languages.reading import read_text
from twolane.context.parsing import Refused
from twolane.review.changes import Lines
from twolane.review.shifting import shifted


def facts(text: str) -> FileFacts:
    read = read_text("python", text)
    assert not isinstance(read, Refused)
    return read


def places(one: FileFacts) -> list[tuple[str, int, int, int]]:
    return [(item.symbol, item.start_line, item.end_line, item.last_line) for item in one.definitions]


def moved(known: FileFacts, before: str, after: str, *lines: Lines, around: int = 0) -> FileFacts | None:
    return shifted(known, before.split("\n"), after.split("\n"), lines or [Lines(1, 10_000)], around)


LONG = re.sub(r"^( +)return", r"\1a = 1\n\1b = 2\n\1c = 3\n\1return", TEXT, flags=re.MULTILINE)


def test_edits_inside_of_functions_shift_what_stands_below() -> None:
    dice = random.Random(5)
    text, known = LONG, facts(LONG)
    for number in range(40):
        rows = text.split("\n")
        line = dice.choice([at for at, row in enumerate(rows) if row.strip() in ("b = 2", "a = 1")])
        indent = rows[line][: len(rows[line]) - len(rows[line].lstrip())]
        match number % 3:
            case 0:
                rows.insert(line, f"{indent}x = {number}")
            case 1:
                rows[line + 1 : line + 1] = [f"{indent}y = {number}", "", f"{indent}z = 1"]
            case _:
                rows = [row for row in rows if "y = " not in row]
        new = "\n".join(rows)
        if new == text:
            continue
        found = moved(known, text, new)
        assert found is not None
        assert places(found) == places(facts(new))
        text, known = new, facts(new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def last():", "def least():"),
        ("LIMIT = 3", "LIMIT = 4"),
        ("    b = 2", "    b = ("),
        ("    size = 1", "    size = 2"),
        ("\n\ndef last", "\n\ndef more():\n    return 1\n\n\ndef last"),
    ],
)
def test_anything_else_is_left_to_the_parser(old: str, new: str) -> None:
    assert moved(facts(LONG), LONG, LONG.replace(old, new, 1)) is None


def test_of_an_equal_text_there_is_nothing_to_tell() -> None:
    assert moved(facts(LONG), LONG, LONG) is None


def test_only_definitions_around_the_lines_are_brought_along() -> None:
    new = LONG.replace("    b = 2", "    x = 1\n    b = 2", 1)
    every = places(facts(new))
    symbol, first, _, last = every[-1]
    assert not symbol.startswith(every[-2][0])
    for lines, around in ((Lines(last, last), 0), (Lines(last + 5, last + 9), 5)):
        found = moved(facts(LONG), LONG, new, lines, around=around)
        assert found is not None
        assert places(found) == [one for one in every if one[3] >= lines.first - around and one[1] <= lines.last]
        assert len(found.definitions) < len(every)
        assert (symbol, first) in [(one.symbol, one.start_line) for one in found.definitions]
