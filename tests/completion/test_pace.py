"""Sizes follow the speed that is measured, and the goal that is missed or reached."""

from __future__ import annotations

from dataclasses import replace

import pytest

from twolane.clients.model import Usage
from twolane.completion.pace import GOAL_MS, Pace, Plan

from .fakes import INFO


def usage(*, read: int = 0, read_ms: float = 0.0, written: int = 0, write_ms: float = 0.0) -> Usage:
    return Usage(read + 10, 10, read, written, 0.0, read_ms, write_ms, "end")


def plan(pace: Pace, goal_ms: int = 600, device: str = "cpu") -> Plan:
    return pace.plan(replace(INFO, device=device), 64, 600, goal_ms, ahead=True)


def learnt(reads_per_s: float, writes_per_s: float) -> Pace:
    pace = Pace()
    pace.met(replace(INFO, reads_per_s=reads_per_s, writes_per_s=writes_per_s))
    return pace


def test_what_is_not_known_yet_limits_nothing() -> None:
    chosen = plan(Pace())
    assert (chosen.prompt_tokens, chosen.max_tokens, chosen.ahead) == (0, 64, True)


@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_the_goal_follows_the_device_unless_a_person_sets_it(device: str) -> None:
    assert plan(Pace(), 0, device).goal_ms == GOAL_MS[device]
    assert plan(Pace(), 123, device).goal_ms == 123


def test_a_fast_machine_gets_all_that_is_set() -> None:
    chosen = plan(learnt(20_000, 1_000))
    assert (chosen.prompt_tokens, chosen.max_tokens, chosen.ahead) == (0, 64, True)


def test_a_slow_machine_gets_short_prompts_and_short_answers() -> None:
    chosen = plan(learnt(150, 20))
    assert 192 <= chosen.prompt_tokens <= 360
    assert 8 <= chosen.max_tokens <= 12
    assert chosen.time_limit_ms <= 600


def test_answers_are_never_so_short_that_they_say_nothing() -> None:
    chosen = plan(learnt(10, 1))
    assert chosen.max_tokens == 12
    assert not chosen.ahead


def test_a_small_limit_of_the_person_holds() -> None:
    assert learnt(10, 1).plan(INFO, 5, 50, 600, ahead=False).max_tokens == 5
    assert learnt(10, 1).plan(INFO, 5, 50, 600, ahead=False).time_limit_ms == 50


def test_speeds_are_learnt_from_answers() -> None:
    pace = Pace()
    pace.answered(100, usage(read=1000, read_ms=500, written=11, write_ms=100), 600)
    chosen = plan(pace)
    assert (chosen.reads_per_s, chosen.writes_per_s) == (2000, 100)


def test_answers_that_come_late_make_the_next_ones_smaller_and_early_ones_larger_again() -> None:
    pace = learnt(1000, 60)
    before = plan(pace)
    for _ in range(64):
        pace.answered(2000, usage(read=4, read_ms=10), 600)
    late = plan(pace)
    assert late.max_tokens < before.max_tokens
    assert late.prompt_tokens < before.prompt_tokens
    for _ in range(400):
        pace.answered(50, usage(read=4, read_ms=10), 600)
    assert late.max_tokens < plan(pace).max_tokens >= before.max_tokens - 1
    assert plan(pace).p90_ms == 50


def test_what_a_search_for_a_line_takes_makes_no_other_answer_shorter() -> None:
    pace = learnt(2000, 300)
    before = plan(pace)
    for _ in range(20):
        pace.answered(100, replace(usage(read=4, read_ms=10, written=8, write_ms=200), searched_tokens=40), 600)
    assert plan(pace).max_tokens == before.max_tokens
    assert plan(pace).writes_per_s == 300


def test_no_line_is_searched_for_while_answers_come_late() -> None:
    pace = learnt(1000, 60)

    def hypotheses() -> int:
        return pace.plan(INFO, 64, 600, 600, ahead=True, hypotheses=4).hypotheses

    assert hypotheses() == 4
    for _ in range(32):
        pace.answered(2000, None, 600)
    assert hypotheses() == 1
    for _ in range(400):
        pace.answered(50, None, 600)
    assert hypotheses() == 4


def test_after_a_busy_time_answers_that_take_all_they_may_grow_back() -> None:
    pace = learnt(2000, 100)
    before = plan(pace).time_limit_ms
    for _ in range(32):
        pace.answered(2000, None, 600)
    assert plan(pace).time_limit_ms < 0.7 * before
    for _ in range(200):
        pace.answered(plan(pace).time_limit_ms, None, 600)
    assert plan(pace).time_limit_ms >= 0.8 * before


def test_requests_that_were_given_up_count_only_where_they_were_late() -> None:
    pace = learnt(1000, 100)
    before = plan(pace)
    for _ in range(100):
        pace.gave_up(20, 600)
    assert plan(pace).p90_ms == 0
    for _ in range(100):
        pace.gave_up(900, 600)
    assert plan(pace).p90_ms == 900
    assert plan(pace).max_tokens < before.max_tokens


def test_the_prompt_keeps_its_length_while_the_speed_wavers() -> None:
    pace = learnt(450, 100)
    lengths = set()
    for round_ in range(50):
        pace.answered(100, usage(read=100, read_ms=1000 * 100 / (450 if round_ % 2 else 420)), 600)
        lengths.add(plan(pace).prompt_tokens)
    assert len(lengths) == 1


def test_a_guess_made_on_a_busy_machine_does_not_last() -> None:
    pace = learnt(200, 100)
    assert plan(pace).prompt_tokens == 384
    for _ in range(200):
        pace.answered(50, usage(read=4, read_ms=10), 600)
    assert plan(pace).prompt_tokens == 0
    pace = learnt(200, 100)
    pace.answered(50, usage(read=1000, read_ms=100), 600)
    assert plan(pace).prompt_tokens == 0
