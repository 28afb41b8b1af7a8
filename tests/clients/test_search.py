"""The likeliest line, among hypotheses written side by side; over a model of four words that is written down here."""

from __future__ import annotations

import numpy as np
import pytest

from twolane.clients.engine.search import Endings, Scores, Search, Step

WORDS = [b"a", b"b", b"c", b"ab", b")\n", b"\n", b"  \n", b"", b""]
A, B, C, AB, CLOSED, BREAK, BLANK, END, PADDING = range(len(WORDS))
LEAST = 1e-9

Model = dict[tuple[int, ...], dict[int, float]]
"""Behind some tokens, how likely the next ones are; all others are hardly ever said."""

TEMPTING: Model = {
    (): {A: 0.5, B: 0.4},
    (A,): {A: 0.3, B: 0.3, C: 0.3},
    (B,): {C: 0.95},
    (B, C): {END: 0.95},
    (A, A): {END: 0.9},
    (A, B): {END: 0.9},
    (A, C): {END: 0.9},
}
"""The likeliest first word leads to lines that are each less likely than the one behind the other."""


def spelt(token: int) -> bytes:
    return WORDS[token]


def endings() -> Endings:
    return Endings(len(WORDS), spelt, lambda token: token == END)


def scores(model: Model, tokens: list[int]) -> Scores:
    said = model.get(tuple(tokens), {END: 1.0})
    return np.log(np.array([said.get(token, LEAST) for token in range(len(WORDS))], dtype=np.float32)) + np.float32(7)


def run(search: Search, model: Model) -> list[Step]:
    """Search to the end; every branch must hold what its step says."""
    steps: list[Step] = []
    held: dict[int, list[int]] = {0: []}
    step = search.feed([scores(model, [])])
    while step is not None:
        steps.append(step)
        for source, target in step.copies:
            assert target not in (0, source)
            held[target] = list(held[source])
        for branch, token in step.tokens:
            assert len(held[branch]) == step.at, "a branch is not where the step says"
            held[branch].append(token)
        step = search.feed([scores(model, held[branch]) for branch, _ in step.tokens])
    return steps


def line(search: Search) -> bytes:
    return b"".join(map(spelt, search.best()))


def test_a_line_that_is_likelier_as_a_whole_wins_over_the_likeliest_first_word() -> None:
    alone, several = Search(1, endings(), spelt, 20), Search(3, endings(), spelt, 20)
    run(alone, TEMPTING)
    run(several, TEMPTING)
    assert line(alone)[:1] == b"a"
    assert line(several) == b"bc"


def test_every_way_to_end_a_line_counts_as_the_same_end() -> None:
    model: Model = {(): {A: 0.4, END: 0.2, BREAK: 0.2, BLANK: 0.2}, (A,): {END: 1.0}}
    search = Search(2, endings(), spelt, 20)
    run(search, model)
    assert line(search).strip() == b""


def test_a_bracket_that_is_closed_with_the_line_break_is_part_of_the_line() -> None:
    model: Model = {(): {A: 0.9}, (A,): {CLOSED: 0.9}}
    search = Search(2, endings(), spelt, 20)
    run(search, model)
    assert line(search) == b"a)\n"


def test_what_is_typed_already_is_spelt_anew() -> None:
    agreeing = {b"a": np.array([A, AB]), b"b": np.array([B])}
    model: Model = {(): {C: 0.8, A: 0.1, AB: 0.05}, (A,): {C: 0.9}, (A, C): {END: 0.9}, (AB,): {END: 0.9}}
    search = Search(2, endings(), spelt, 20, b"a", agreeing.__getitem__)
    run(search, model)
    assert line(search) == b"ac"


def test_a_hopeless_line_is_given_up() -> None:
    model: Model = {(): {A: 0.97, B: 0.01}, (A,): {A: 0.9}, (A, A): {A: 0.9}, (B,): {B: 0.9}, (B, B): {B: 0.9}}
    search = Search(4, endings(), spelt, 20)
    steps = run(search, model)
    assert all(len(step.tokens) == 1 for step in steps)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_a_line_without_an_end_is_as_long_as_it_may_be(most: int) -> None:
    class Endless(dict[tuple[int, ...], dict[int, float]]):
        def get(self, key: tuple[int, ...], default: object = None) -> dict[int, float]:
            return {A: 0.6, B: 0.3}

    search = Search(3, endings(), spelt, most)
    steps = run(search, Endless())
    assert len(steps) <= most
    assert len(search.best()) <= most + 1


def test_a_search_that_is_left_early_tells_no_hopeless_line_as_whole() -> None:
    model: Model = {
        (): {A: 0.9, END: 0.01},
        (A,): {B: 0.9, END: 0.01},
        (A, B): {C: 0.9, END: 0.01},
        (A, B, C): {A: 0.9, END: 0.01},
    }
    search = Search(2, endings(), spelt, 2)
    run(search, model)
    assert line(search) == b"abc"


def test_where_no_word_can_go_on_a_search_is_over_and_says_what_it_has() -> None:
    nothing = np.array([], dtype=np.int64)
    search = Search(2, endings(), spelt, 20, b"x", {b"x": nothing}.__getitem__)
    assert run(search, {(): {A: 0.9}}) == []
    assert search.best() == []


def test_scores_that_are_no_numbers_end_a_search_and_nothing_else() -> None:
    search = Search(3, endings(), spelt, 4)
    with np.errstate(invalid="ignore"):
        step = search.feed([np.full(len(WORDS), np.nan, np.float32)])
        while step is not None:
            assert step.tokens
            step = search.feed([np.full(len(WORDS), np.nan, np.float32) for _ in step.tokens])
    assert isinstance(search.best(), list)


def test_a_search_of_one_hypothesis_follows_the_likeliest_words() -> None:
    model: Model = {(): {C: 0.6, A: 0.4}, (C,): {B: 0.9}, (C, B): {BREAK: 0.9}}
    search = Search(1, endings(), spelt, 20)
    run(search, model)
    assert line(search) == b"cb\n"


def test_no_score_is_lost_to_words_that_are_never_said() -> None:
    model: Model = {(): {PADDING: 0.99, A: 0.01}, (A,): {END: 1.0}}
    search = Search(2, endings(), spelt, 20)
    run(search, model)
    assert line(search) == b"a"
