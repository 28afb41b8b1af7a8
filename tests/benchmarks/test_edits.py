"""From one text to another: the edits lead there, and they are those that a person would make."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.typing.edits import Edit, hunks

LINES = st.lists(st.sampled_from(["", "a = 1", "    return a", "b = foo(a, 2)", "b = foo(a, 3)", "é🎉"]), max_size=12)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))


def applied(text: str, edits: list[Edit]) -> str:
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@given(TEXTS, TEXTS)
def test_edits_lead_from_one_text_to_the_other_without_touching(before: str, after: str) -> None:
    edits = [edit for hunk in hunks(before, after) for edit in hunk]
    assert applied(before, edits) == after
    for first, second in itertools.pairwise(edits):
        assert first.end < second.start


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\nb\n", "a\nnew\nb\n", [Edit(1, 1, "\nnew")]),
        ("b\n", "new\nb\n", [Edit(0, 0, "new\n")]),
        ("a\nold\nb\n", "a\nb\n", [Edit(2, 6, "")]),
        ("", "all\nnew\n", [Edit(0, 0, "all\nnew\n")]),
        ("x = first(1)\n", "x = second(1)\n", [Edit(4, 9, "second")]),
        ("    one()\n", "    while 1:\n        two()\n", [Edit(4, 9, "while 1:\n        two()")]),
    ],
    ids=["a line below another", "a first line", "a line goes", "a new file", "a word", "a line becomes others"],
)
def test_people_write_below_a_line_and_mend_words(before: str, after: str, expected: list[Edit]) -> None:
    assert [edit for hunk in hunks(before, after) for edit in hunk] == expected


def test_places_far_apart_are_hunks_of_their_own() -> None:
    lines = [f"line {number}\n" for number in range(40)]
    changed = [*lines]
    changed[2], changed[4], changed[30] = "other 2\n", "other 4\n", "other 30\n"
    assert [len(hunk) for hunk in hunks("".join(lines), "".join(changed))] == [2, 1]
