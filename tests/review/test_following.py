"""A finding moves with its text and ends when its text is changed."""

from __future__ import annotations

import difflib

from hypothesis import example, given
from hypothesis import strategies as st

from twolane.review.differences import blocks
from twolane.review.finding import Finding
from twolane.review.following import Span, follow, span, standing

TEXT = "import a\n\n\ndef f(x):\n    y = g(x)\n    return y / len(x)\n"
QUOTE = "y / len(x)"
FINDING = Finding("a.py", 6, 6, "division-by-zero", "error", "Divides by zero.", "f([]) fails.", QUOTE)


def lines_after(after: str, finding: Finding = FINDING, before: str = TEXT) -> list[tuple[int, int]]:
    return [(one.start_line, one.end_line) for one in follow([finding], before, after)]


def test_lines_above_and_below_move_it_or_leave_it() -> None:
    assert lines_after("# new\n" + TEXT) == [(7, 7)]
    assert lines_after(TEXT.replace("import a\n", "")) == [(5, 5)]
    assert lines_after(TEXT + "# end\n") == [(6, 6)]
    assert lines_after(TEXT.replace("y = g(x)", "y = g(x)\n    z = 1")) == [(7, 7)]


def test_it_stays_while_its_line_changes_around_the_quote_and_ends_when_the_quote_changes() -> None:
    assert lines_after(TEXT.replace("return y", "return 2 * y")) == [(6, 6)]
    assert lines_after(TEXT.replace("len(x)\n", "len(x)  # why\n")) == [(6, 6)]
    assert lines_after(TEXT.replace("len(x)\n", "max(1, len(x))\n")) == []
    assert lines_after("") == []


def test_of_several_lines_an_edit_within_ends_it() -> None:
    finding = Finding("a.py", 5, 6, "r", "note", "t", "w", "y = g(x)\n    return y")
    assert lines_after("\n" + TEXT, finding) == [(6, 7)]
    assert lines_after(TEXT.replace("g(x)\n", "g(x)\n\n"), finding) == []


def test_a_quote_that_stands_elsewhere_too_is_not_mixed_up() -> None:
    twice = TEXT + "\n\n" + TEXT.replace("def f", "def h")
    (first,) = follow([FINDING], TEXT, twice)
    assert first.start_line == 6
    assert lines_after(twice.replace("return y / len(x)", "return 0", 1), before=twice) == []


def test_what_is_marked_is_the_quote() -> None:
    rows = TEXT.split("\n")
    assert span(rows, FINDING) == Span(6, 11, 6, 21)
    finding = Finding("a.py", 5, 6, "r", "note", "t", "w", "g(x)\nreturn y")
    assert span(rows, finding) == Span(5, 8, 6, 12)


def test_what_a_memory_gives_back_must_stand_there() -> None:
    assert standing([FINDING], TEXT) == (FINDING,)
    assert standing([FINDING], TEXT.replace("len", "size")) == ()


rows = st.lists(st.sampled_from(["a", "b", "c", "", "  d", "e", "f"]), max_size=20)


@given(rows, rows)
def test_what_lies_outside_the_blocks_is_the_same_on_both_sides(old: list[str], new: list[str]) -> None:
    rest_old, rest_new, a, c = [], [], 0, 0
    for one in blocks(old, new):
        rest_old += old[a : one.old_first]
        rest_new += new[c : one.new_first]
        a, c = one.old_end, one.new_end
    assert rest_old + old[a:] == rest_new + new[c:]


@example(["b", *"aaaaaaa", "b"], ["b", "b", *"aaaaaaaa"])
@given(rows, rows)
def test_the_blocks_hardly_hold_more_than_an_exact_comparison_finds(old: list[str], new: list[str]) -> None:
    exact = sum(
        max(high - low, top - bottom)
        for tag, low, high, bottom, top in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    )
    ours = sum(max(one.old_end - one.old_first, one.new_end - one.new_first) for one in blocks(old, new))
    assert ours <= 2 * exact + 10
