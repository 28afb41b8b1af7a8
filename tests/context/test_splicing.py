"""A text is put into a file and only the lines around it are read again: the facts are those of reading all of it."""

from __future__ import annotations

import pytest

from twolane.context.facts import FileFacts
from twolane.context.languages.reading import read, read_text
from twolane.context.parsing import Parsed, TreeParser
from twolane.context.splicing import Place, spliced

FILE = '''\
import os
from shapes import Circle, \\
    Square


class Tool:
    """One."""

    size: int = 1

    def use(self, times: int) -> str:
        each = os.sep
        ‸
        for one in range(times):
            each += str(one)
        return each

    def drop(self) -> None:
        gone = Circle()
        gone.fall()


LIMIT = 3


def last(way: Square) -> int:
    found = way.side()
    return found
'''


def check(text: str, cursor: str = "‸", file: str = FILE, *, wide: bool = False) -> None:
    """Splice `text` into the file at its mark; `wide` reads the whole class again and not just the text's lines."""
    before, _, behind = file.partition(cursor)
    whole = f"{before}{text}{behind}"
    parsed = TreeParser("python").parse(whole)
    old, new = read_text("python", before + behind), read_text("python", whole)
    assert isinstance(parsed, Parsed)
    assert isinstance(old, FileFacts)
    assert isinstance(new, FileFacts)
    row, more = before.count("\n") + 1, text.count("\n")
    first, last = (row, row + more) if not wide else (before[: before.index("class Tool")].count("\n") + 1, row + more)
    ends = [0, *(place + 1 for place, sign in enumerate(whole) if sign == "\n"), len(whole) + 1]
    part = (ends[first - 1], ends[last] - 1)
    seen = read("python", parsed, part, part)
    made = spliced(old, seen, Place(first, last, row, more, 0), within=False)
    assert tuple(made.definitions) == tuple(new.definitions)
    assert made.imports == new.imports
    assert tuple(made.locals) == tuple(new.locals)
    assert {one for one in new.references if first <= one.line <= last} <= set(made.references)


@pytest.mark.parametrize(
    "text",
    [
        "found = 3",
        "found = 3\n        other = found",
        "if each:\n            inner = 1\n        outer = 2\n",
        "import json\n        from a import (\n            b,\n            c,\n        )",
        "pass",
        "",
    ],
)
def test_what_is_put_into_a_body_moves_what_stands_below_and_adds_its_own(text: str) -> None:
    check(text)
    check(text, wide=True)


@pytest.mark.parametrize("text", ["LEAST = 1\n", "def between(a: int) -> int:\n    b = a\n    return b\n", "\n\n\n"])
def test_what_is_put_between_definitions(text: str) -> None:
    check(text, "‸", FILE.replace("‸", "pass").replace("LIMIT = 3\n", "LIMIT = 3\n‸"))


def test_what_is_put_at_the_very_beginning_and_the_very_end() -> None:
    check("import sys\nimport re\n", "‸", "‸" + FILE.replace("‸", "pass"))
    check("\ntail = LIMIT\nmore = tail\n", "‸", FILE.replace("‸", "pass") + "‸")


def test_a_file_of_which_nothing_was_known() -> None:
    check("one = 1\n", "‸", "‸")
