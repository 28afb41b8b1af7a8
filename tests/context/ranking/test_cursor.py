"""What stands around a cursor."""

from __future__ import annotations

import pytest

from twolane.context.ranking.cursor import look
from twolane.context.ranking.pool import split


@pytest.mark.parametrize(
    ("typed", "receiver", "dot", "prefix"),
    [
        ("", "", "", ""),
        ("    ", "", "", ""),
        ("x = ma", "", "", "ma"),
        ("    self.client.", "self.client", ".", ""),
        ("    self.client.ge", "self.client", ".", "ge"),
        ("return make(1).wi", "make(1)", ".", "wi"),
        ("let s = String::fr", "String", "::", "fr"),
        ("p->ne", "p", "->", "ne"),
        ("if (a.b", "a", ".", "b"),
        ("x = 3 + ", "", "", ""),
    ],
)
def test_what_is_typed_before_the_cursor(typed: str, receiver: str, dot: str, prefix: str) -> None:
    text = f"def f():\n{typed}"
    view = look(text + "\nafter\n", len(text))
    assert (view.receiver, view.dot, view.prefix) == (receiver, dot, prefix)


def test_names_have_the_distance_of_their_nearest_use_and_imports_do_not_count() -> None:
    text = "from a import far\nnear = 1\nother = near\n"
    view = look(text + "\nnear\nlast\n", len(text))
    assert dict(view.near) == {"near": 1, "other": 1, "last": 2}
    assert view.line == 3


def test_what_is_typed_of_a_name_is_no_name() -> None:
    assert "unfini" not in look("x = unfini", 10).near


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("merge_headers", {"merge", "header"}),
        ("HTTPServer", {"http", "server"}),
        ("getUserName", {"get", "user", "name"}),
        ("x", set()),
        ("MAX_RETRIES", {"max", "retrie"}),
    ],
)
def test_a_name_is_split_into_its_words(name: str, words: set[str]) -> None:
    assert split(name) == words
