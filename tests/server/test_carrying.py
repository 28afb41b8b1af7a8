from __future__ import annotations

import pytest

from twolane.server.lsp.carrying import Carried, carry


@pytest.mark.parametrize(
    ("asked", "now", "carried"),
    [
        ("x = |;", "x = |;", Carried("foo()", 4, 4)),
        ("x = |;", "x = fo|;", Carried("o()", 6, 6)),
        ("x = |;", "x = foo()|;", None),
        ("x = |;", "x = fa|;", None),
        ("x = |;", "x = foo() + 1|;", None),
        ("x = |;", "x =|;", None),
        ("x = |;", "y = f|;", None),
        ("x = |;", "x = f| ;", None),
        ("x = |;", "", None),
        ("x = |oo", "x = f|oo", Carried("oo()", 5, 5)),
    ],
)
def test_only_what_agrees_is_carried_over(asked: str, now: str, carried: Carried | None) -> None:
    cursor = asked.index("|")
    answer = Carried("foo()", cursor, cursor)
    assert carry(answer, cursor, asked.replace("|", ""), now.replace("|", "")) == carried


@pytest.mark.parametrize(
    ("answer", "now", "carried"),
    [
        (Carried("call(a)", 2, 7), "x call(a)", Carried("call(a)", 2, 8)),
        (Carried("a)", 7, 8), "x call(a)", Carried(")", 8, 9)),
        (Carried("call(b)", 2, 7), "x call(a)", None),
        (Carried("other", 0, 3), "x call(a)", None),
    ],
)
def test_an_answer_that_replaces_text_around_the_cursor(answer: Carried, now: str, carried: Carried | None) -> None:
    assert carry(answer, 7, "x call()", now) == carried
