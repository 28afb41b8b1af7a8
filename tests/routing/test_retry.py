"""When to ask the same model once more."""

from __future__ import annotations

import pytest

from twolane.clients.errors import AnswerCut, KeyRefused, ModelBusy, ModelError, RequestRefused
from twolane.routing.health.retry import Retries


def check(error: ModelError, done: int, expected: float | None, *, left: float = 100, elsewhere: bool = False) -> None:
    """The pause without jitter; with the most of it, it is no less than half as long."""
    pause = Retries(chance=lambda: 1.0).pause(done, error, left, elsewhere=elsewhere)
    assert pause == expected
    if pause is not None and not isinstance(error, ModelBusy):
        assert Retries(chance=lambda: 0.0).pause(done, error, left, elsewhere=elsewhere) == pause / 2


def test_the_pause_doubles_and_there_are_two_of_them() -> None:
    check(AnswerCut("x"), 1, 0.5)
    check(AnswerCut("x"), 2, 1.0)
    check(AnswerCut("x"), 3, None)


@pytest.mark.parametrize("error", [KeyRefused("x"), RequestRefused("x")])
def test_what_cannot_pass_is_not_tried_again(error: ModelError) -> None:
    check(error, 1, None)


def test_a_pause_must_fit_into_what_is_left() -> None:
    check(AnswerCut("x"), 1, None, left=0.5)
    check(ModelBusy("x", 30), 1, 30, left=31)
    check(ModelBusy("x", 30), 1, None, left=30)
    check(ModelBusy("x", 3600), 1, None)


def test_another_model_at_once_beats_a_long_wait() -> None:
    check(ModelBusy("x", 30), 1, None, elsewhere=True)
    check(ModelBusy("x", 0.1), 1, 0.5, elsewhere=True)
    check(AnswerCut("x"), 1, 0.5, elsewhere=True)


@pytest.mark.parametrize("wish", [None, -1.0, float("nan")])
def test_a_wish_that_makes_no_sense_is_passed_over(wish: float | None) -> None:
    check(ModelBusy("x", wish), 1, 0.5)
