"""Answers are compared up to where they part, and by how far ahead the reference's token was."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.agreement import Agreement, Answer, Scores


def said(*scores: list[float]) -> Answer:
    """An answer whose tokens are the likeliest by these scores."""
    each: list[Scores] = [np.array(one, np.float32) for one in scores]
    return Answer([int(one.argmax()) for one in each], each)


def test_equal_answers_differ_in_nothing() -> None:
    told = Agreement()
    told.note(said([1, 0], [0, 1]), said([1, 0], [0, 1]))
    assert (told.answers, told.tokens, told.other_first, told.gaps) == (1, 2, 0, [])
    assert told.everywhere == [0.0, 0.0]


def test_what_comes_behind_the_first_other_token_is_not_compared() -> None:
    told = Agreement()
    told.note(said([2, 0], [0.5, 0], [9, 0]), said([2, 0], [0, 0.25], [0, 9]))
    assert told.gaps == [0.25]
    assert told.other_first == 0
    assert len(told.everywhere) == 2
    assert told.next_tokens == [0.0]


def test_a_total_variation_is_what_odds_move_from_one_token_to_another() -> None:
    told = Agreement()
    told.note(said([0, 0, float(np.log(2))]), said([float(np.log(2)), 0, 0]))
    assert told.next_tokens == [pytest.approx(0.25)]
    assert told.other_first == 1
