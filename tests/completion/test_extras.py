"""What of other files is shown becomes pieces by file, in the order that the context gives."""

from __future__ import annotations

from twolane.clients.model import Extra
from twolane.completion.extras import followed, group, shown, sources
from twolane.context.snippet import Parallel, Snippet


def snippet(path: str, line: int, text: str) -> Snippet:
    return Snippet(path, line, line + text.count("\n"), text.split("(")[0], "imported here", 1.0, 10, text)


def test_neighbours_of_one_file_are_one_piece_and_the_order_stays() -> None:
    shown = (snippet("b.py", 7, "class B:"), snippet("b.py", 9, "def b(\n    x):"), snippet("a.py", 3, "def a():"))
    assert group(shown) == (
        Extra("b.py", "class B:\ndef b(\n    x):", (7, 10)),
        Extra("a.py", "def a():", (3, 3)),
    )


def test_what_follows_the_cursor_stays_behind_even_of_a_file_shown_before() -> None:
    shown = (snippet("a.py", 3, "def a():"), snippet("b.py", 1, "def b():"), snippet("a.py", 9, "def c():"))
    assert [extra.path for extra in group(shown)] == ["a.py", "b.py", "a.py"]


def test_each_snippet_says_where_it_is_from_and_why() -> None:
    (told,) = sources((snippet("a.py", 3, "def a():"),))
    assert (told.path, told.start_line, told.end_line, told.symbol, told.why) == (
        "a.py",
        3,
        3,
        "def a",
        "imported here",
    )


def test_nothing_is_no_piece() -> None:
    assert group(()) == ()


def test_a_place_that_is_followed_is_told_but_was_not_shown() -> None:
    shown_ones = sources((snippet("a.py", 3, "def a():"),))
    (told,) = followed(Parallel("b.py", 7, "x)\n    return x\n"))
    assert (told.path, told.start_line, told.end_line) == ("b.py", 7, 8)
    assert shown((*shown_ones, told)) == tuple(shown_ones)
    assert followed(None) == []
