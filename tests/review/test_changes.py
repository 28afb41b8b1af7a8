"""Which lines are new, from a diff and from two texts."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from twolane.review.changes import Lines, between, of_hunks


def test_added_and_changed_lines_are_new() -> None:
    diff = "@@ -1,2 +1,3 @@\n a\n-b\n+B\n+c\n@@ -10,0 +12 @@\n+z\n"
    assert of_hunks(diff) == (Lines(2, 3), Lines(12, 12))


def test_where_lines_were_only_taken_away_the_two_around_the_gap_count() -> None:
    assert of_hunks("@@ -4,2 +3,0 @@\n-x\n-y\n") == (Lines(3, 4),)
    assert between("a\nb\nx\nc\n", "a\nb\nc\n") == (Lines(2, 3),)


def test_lines_that_look_like_headers_inside_a_hunk_are_text() -> None:
    diff = "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n--- sql comment\n+++ plus\n kept\n"
    assert of_hunks(diff) == (Lines(1, 1),)


def test_a_line_without_a_break_at_the_end_is_no_line_of_its_own() -> None:
    diff = "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n"
    assert of_hunks(diff) == (Lines(1, 2),)


def test_equal_texts_have_no_new_lines() -> None:
    assert between("a\nb\n", "a\nb\n") == ()


def test_two_long_texts_are_not_compared_line_by_line() -> None:
    old = "\n".join(f"a{n}" for n in range(15_000))
    new = "\n".join(f"b{n}" for n in range(15_000))
    assert between(f"head\n{old}\ntail", f"head\n{new}\ntail") == (Lines(2, 15_001),)


lines = st.lists(st.sampled_from(["a", "b", "c", "", "  d"]), min_size=1, max_size=12).map("\n".join)


@given(lines, lines)
def test_what_is_not_new_stood_in_the_old_text(before: str, after: str) -> None:
    new = {number for one in between(before, after) for number in range(one.first, one.last + 1)}
    kept = [row for number, row in enumerate(after.split("\n"), 1) if number not in new]
    old = iter(before.split("\n"))
    assert all(row in old for row in kept)


def test_git_and_the_comparison_agree(tmp_path: Path) -> None:
    before, after = "a\nb\nc\nd\ne\nf\n", "a\nB\nc\nnew\nd\nf\n"
    (tmp_path / "x").write_text(before)
    (tmp_path / "y").write_text(after)
    said = subprocess.run(
        ["git", "diff", "--no-index", "-U0", "x", "y"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert of_hunks(said.stdout) == between(before, after) == (Lines(2, 2), Lines(4, 6))
