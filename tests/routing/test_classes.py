"""What is looked for in a text by class, and by all marks at once, is what a plain search would find."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from twolane.routing.secrets import assigned, joining, words
from twolane.routing.secrets.classes import classes
from twolane.routing.secrets.scan import scan
from twolane.routing.secrets.seen import Look

QUOTED = re.compile(r"""["'`](?=[^"'`\s0-9]*+[0-9])[^\s"'`<>]{8,400}+["'`]""")
DIGIT = re.compile(r"[0-9](?:[A-Za-z0-9_+/.~-]{7,}|(?<=[A-Za-z0-9_+/.~-]{9}))")
PIECES = [
    *("a", "Z9", "0", "_", "12345678", "ghp_", '"', "'", "`", '" "', '"+"', "+", ".", "/", "//", "#", "=", "-", "~"),
    *("<", ">", "|", "&", "\\", "(", ")", ",", ":", ";", "?", "!", "@", " ", "\n", "\r\n", "\t", "\x0b", "\x1c"),
    *("\x85", "\xa0", "é", "ß", "\u2028", "\u3000", "→", "日本", "😀", "\ud800", "concat(", '.concat("', "f'", "\\n"),
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=60).map("".join)


@given(texts)
@settings(max_examples=400)
def test_a_search_by_class_finds_what_a_plain_one_finds(text: str) -> None:
    flat = classes(text)
    assert len(flat) == len(text)
    assert [m.span() for m in assigned._QUOTED.finditer(flat)] == [m.span() for m in QUOTED.finditer(text)]
    assert [m.span() for m in words._DIGIT.finditer(flat)] == [m.span() for m in DIGIT.finditer(text)]
    for maybe, surely in ((joining._MAYBE_ADJACENT, joining._ADJACENT), (joining._MAYBE_LISTED, joining._LISTED)):
        found = joining._splits(maybe, surely, text, flat, 0, len(text))
        assert [m.span() for m in found] == [m.span() for m in surely.finditer(text)]


@given(texts)
def test_each_mark_is_found_at_each_of_its_places(text: str) -> None:
    marks = ("ghp_", "p_", '"', "\\\n", "://", "pat", "pat.", "1234", "日")
    seen = Look(marks).at(text)
    for mark in marks:
        places = [match.start() for match in re.finditer(f"(?={re.escape(mark)})", text)]
        assert seen.places(mark) == places
        assert seen.any_of((mark,)) == bool(places)


@given(texts)
def test_any_text_is_read_to_its_end(text: str) -> None:
    for secret in scan(text):
        assert 0 <= secret.start < secret.end <= len(text)
        assert all(start < end for start, end in secret.parts)


def test_a_mark_within_another_and_one_that_goes_on_are_both_found() -> None:
    assert Look(("EAA", "EAAA", "A")).at("xEAAA").marks == {"EAA": [1], "EAAA": [1], "A": [2, 3, 4]}
