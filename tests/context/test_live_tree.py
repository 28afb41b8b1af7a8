"""A text that is edited: its tree, and what is read from it, are those of a fresh parse."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twolane.context.languages.reading import read
from twolane.context.parsing import LiveTree, Parsed, Refused, TreeParser

BAR = "=" * 40
FOLDER = Path(__file__).parent / "languages"
SOURCES = {
    identifier: (FOLDER / folder / "idioms.txt").read_text(encoding="utf-8").partition(BAR)[0]
    for identifier, folder in {
        "python": "python",
        "typescript": "typescript",
        "javascript": "javascript",
        "go": "go",
        "rust": "rust",
        "java": "java",
        "c": "c",
        "cpp": "cpp",
        "csharp": "csharp",
        "ruby": "ruby",
        "php": "php",
        "lua": "lua",
        "shellscript": "bash",
    }.items()
}
PIECES = [
    "",
    "x",
    "\n",
    "    ",
    "(",
    ")",
    "{",
    "}",
    '"',
    "é",
    "name",
    ".",
    ", b",
    "def f(a):\n    return a\n",
    "# no\n",
]
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES)),
    min_size=1,
    max_size=6,
)


def edited(text: str, place: float, length: int, piece: str) -> str:
    start = int(place * len(text))
    return text[:start] + piece + text[start + length :]


@pytest.mark.parametrize("language", SOURCES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_random_edits_end_as_a_fresh_parse_would(language: str, edits: list[tuple[float, int, str]]) -> None:
    live, fresh = LiveTree(language), TreeParser(language)
    text = SOURCES[language]
    live.update(text, seconds=20)
    for place, length, piece in edits:
        text = edited(text, place, length, piece)
        updated, parsed = live.update(text, seconds=20), fresh.parse(text, seconds=20)
        assert isinstance(updated, Parsed)
        assert isinstance(parsed, Parsed)
        assert str(updated.root) == str(parsed.root)
        assert read(language, updated) == read(language, parsed)


def test_an_earlier_result_stays_what_it_was() -> None:
    live = LiveTree("python")
    first = live.update("a = 1\n")
    live.update("a = 1\nb = 2\n")
    assert isinstance(first, Parsed)
    assert first.root.end_byte == 6
    assert [item.name for item in read("python", first).definitions] == ["a"]


def test_a_text_that_is_refused_is_followed_by_one_that_is_not() -> None:
    live = LiveTree("python")
    live.update("a = 1\n")
    assert isinstance(live.update("(" * 1000), Refused)
    after = live.update("b = 1\n")
    assert isinstance(after, Parsed)
    assert [item.name for item in read("python", after).definitions] == ["b"]
