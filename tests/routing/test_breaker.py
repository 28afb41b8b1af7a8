"""The circuit breaker alone: what opens it, what closes it, what it does not care about."""

from __future__ import annotations

import pytest

from twolane.clients.errors import (
    AnswerCut,
    AnswerDeclined,
    AnswerGarbled,
    KeyRefused,
    ModelBusy,
    ModelError,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from twolane.routing.health.breaker import Board, Breaker, Limits, Permit

CUT = AnswerCut("it broke")


class Patient:
    """A breaker, its clock, and what is done with it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.breaker = Breaker("m (p)", Limits(failures=3, first_s=10, longest_s=60), lambda: self.now)

    def permit(self) -> Permit:
        permit = self.breaker.enter()
        assert permit is not None
        return permit

    def fail(self, error: ModelError = CUT, times: int = 1, key: str = "") -> None:
        for _ in range(times):
            self.permit().failed(error, key)


def check(patient: Patient, obstacle: str) -> None:
    """The way is barred for this reason; '' where it is free."""
    assert obstacle in patient.breaker.obstacle
    assert (patient.breaker.obstacle == "") == (obstacle == "")
    if obstacle:
        assert patient.breaker.enter() is None


def test_it_opens_after_three_failures_in_a_row() -> None:
    patient = Patient()
    patient.fail(times=2)
    patient.permit().answered()
    patient.fail(times=2)
    check(patient, "")
    patient.fail()
    check(patient, "m (p) is left alone for 10 s: it broke")


@pytest.mark.parametrize("error", [CUT, ModelTimeout("slow"), ModelUnavailable("no host"), AnswerGarbled("junk")])
def test_it_waits_twice_as_long_each_time_up_to_a_limit(error: ModelError) -> None:
    patient = Patient()
    patient.fail(error, times=3)
    for seconds in (10, 20, 40, 60, 60):
        check(patient, f"left alone for {seconds} s")
        patient.now += seconds - 0.25
        check(patient, "left alone")
        patient.now += 0.25
        assert patient.breaker.state == "half-open"
        patient.fail(error)
    patient.now += 60
    patient.permit().answered()
    assert patient.breaker.state == "closed"
    patient.fail(error, times=3)
    check(patient, "left alone for 10 s")


def test_one_probe_only_and_a_cancelled_probe_makes_way_for_another() -> None:
    patient = Patient()
    patient.fail(times=3)
    patient.now += 10
    probe = patient.permit()
    check(patient, "being tried again")
    probe.dropped()
    patient.permit().answered()
    check(patient, "")


def test_a_late_failure_of_an_old_call_does_not_free_the_probe() -> None:
    patient = Patient()
    old = patient.permit()
    patient.fail(times=3)
    patient.now += 10
    patient.permit()
    old.dropped()
    check(patient, "being tried again")


@pytest.mark.parametrize("error", [RequestRefused("too long"), AnswerDeclined("it declines")])
def test_an_answer_that_is_no_use_is_an_answer(error: ModelError) -> None:
    patient = Patient()
    patient.fail(times=2)
    patient.fail(error, times=5)
    check(patient, "")


@pytest.mark.parametrize(("asked", "seconds"), [(5.0, "5 s"), (3600.0, "60 s"), (float("inf"), "60 s")])
def test_who_is_busy_is_left_alone_as_long_as_it_asks(asked: float, seconds: str) -> None:
    patient = Patient()
    patient.fail(ModelBusy("busy", asked))
    check(patient, f"left alone for {seconds}: busy")


@pytest.mark.parametrize("asked", [None, 0.0, -3.0, float("nan")])
def test_a_wish_that_makes_no_sense_counts_as_a_failure(asked: float | None) -> None:
    patient = Patient()
    patient.fail(ModelBusy("busy", asked), times=2)
    check(patient, "")
    patient.fail(ModelBusy("busy", asked))
    check(patient, "left alone for 10 s")


def test_a_refused_key_bars_the_way_until_there_is_another() -> None:
    patient = Patient()
    patient.fail(KeyRefused("the key is not accepted"), key="one")
    patient.now += 1e9
    check(patient, "waits for another key: the key is not accepted")
    patient.breaker.renew("one")
    check(patient, "waits for another key")
    patient.breaker.renew("two")
    check(patient, "")


def test_what_a_person_must_mend_is_not_asked_again_at_once() -> None:
    patient = Patient()
    patient.fail(ModelRefused("there is no such model"))
    check(patient, "left alone for 10 s: there is no such model")


def test_models_of_one_provider_are_judged_apart() -> None:
    board = Board()
    for _ in range(3):
        permit = board.breaker("anthropic", "a").enter()
        assert permit is not None
        permit.failed(CUT)
    assert board.breaker("anthropic", "a").obstacle
    assert not board.breaker("anthropic", "b").obstacle
    assert not board.breaker("team", "a").obstacle
