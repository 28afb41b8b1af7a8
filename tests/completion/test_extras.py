"""What of other files is shown keeps its order, so that the model need not read it again."""

from __future__ import annotations

import pytest

from twolane.completion.extras import settled
from twolane.context.snippet import Packed, Snippet


def packed(words: str) -> Packed:
    """`a1 a2 b1`: lines 1 and 2 of file a and line 1 of file b, ten tokens each."""
    snippets = tuple(
        Snippet(word[0], int(word[1]), int(word[1]), word, "imported", float(index), 10, f"def {word}(): ...")
        for index, word in enumerate(words.split())
    )
    return Packed(snippets, 10 * len(snippets), 1.0)


@pytest.mark.parametrize(
    ("held", "fresh", "budget", "shown"),
    [
        ("a1 b1", "a1 b1", 100, "a1 b1"),
        ("b1 a1", "a1 b1", 100, "b1 a1"),
        ("b1", "a1 b1", 100, "b1 a1"),
        ("a1 b1", "b1 c1", 100, "a1 b1 c1"),
        ("a1 b1", "b1 c1", 20, "b1 c1"),
        ("a1 a2 b1", "a1 b1", 30, "a1 a2 b1"),
        ("a1 a2 b1", "a1 b1", 20, "b1 a1"),
        ("a1 b1", "a1 a2 b1", 100, "b1 a1 a2"),
        ("", "a1", 100, "a1"),
        ("a1", "", 5, ""),
    ],
)
def test_the_order_of_what_is_shown(held: str, fresh: str, budget: int, shown: str) -> None:
    result = settled(packed(held), packed(fresh), budget, same_code=True)
    assert " ".join(snippet.symbol for snippet in result.snippets) == shown
    assert result.tokens == sum(snippet.tokens for snippet in result.snippets) <= budget


def test_lines_that_may_have_changed_do_not_stay() -> None:
    result = settled(packed("a1 b1"), packed("b1"), 100, same_code=False)
    assert [snippet.symbol for snippet in result.snippets] == ["b1"]
