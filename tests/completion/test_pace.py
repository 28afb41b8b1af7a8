"""Sizes follow the speed that is measured, and the goal that is missed or reached."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

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
        pace.answered(15, usage(read=4, read_ms=10), 600)
    assert late.max_tokens < plan(pace).max_tokens >= before.max_tokens - 1
    assert plan(pace).p90_ms == 15


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


def test_prompts_that_were_given_up_before_they_were_read_make_prompts_shorter_not_answers() -> None:
    pace = learnt(1000, 100)
    before = plan(pace)
    for _ in range(16):
        pace.gave_up(900, 600, reading=True)
        pace.answered(15, usage(read=4, read_ms=10), 600)
    assert plan(pace).prompt_tokens < before.prompt_tokens
    assert plan(pace).max_tokens == before.max_tokens


def test_one_answer_that_is_late_however_little_is_written_makes_no_other_shorter() -> None:
    pace = learnt(1000, 100)
    before = plan(pace)
    pace.answered(1800, usage(read=1500, read_ms=1500), 600)
    assert plan(pace).max_tokens == before.max_tokens


def test_what_seldom_comes_true_is_begun_later_and_sooner_once_it_does() -> None:
    pace = Pace()
    assert plan(pace).ahead_after_ms == 150
    for _ in range(100):
        pace.works_ahead()
    assert plan(pace).ahead_after_ms == 600
    for _ in range(100):
        for _ in range(3):
            pace.works_ahead()
        pace.came_true()
    assert plan(pace).ahead_after_ms < 180
    assert pace.plan(INFO, 64, 600, 600, ahead=False).ahead_after_ms == 0


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


@dataclass(frozen=True)
class Machine:
    """A model that reads and writes so many tokens a second; a batch takes as long as a token at least."""

    reads_per_s: float
    writes_per_s: float
    device: str = "cpu"

    def answer(self, chosen: Plan, to_read: int, to_write: int) -> tuple[float, Usage]:
        """How long somebody waits, and what was spent; time is looked at after each token."""
        token_ms = 1000 / self.writes_per_s
        read_ms = max(1000 * to_read / self.reads_per_s, token_ms)
        written, write_ms = 1, 0.0
        while written < min(to_write, chosen.max_tokens) and write_ms < chosen.time_limit_ms:
            written, write_ms = written + 1, write_ms + token_ms
        return 6 + read_ms + write_ms, usage(read=to_read, read_ms=read_ms, written=written, write_ms=write_ms)


def steady(machine: Machine) -> Callable[[int], Machine]:
    return lambda _: machine


def slowed(machine: Machine, at: int, until: int = 10_000) -> Callable[[int], Machine]:
    slow = replace(machine, reads_per_s=machine.reads_per_s / 2, writes_per_s=machine.writes_per_s / 2)
    return lambda number: slow if at <= number < until else machine


def typed(
    machines: Callable[[int], Machine], *, jumps: float, answers: int = 400, to_write: int = 0, seed: int = 1
) -> tuple[list[float], list[Plan]]:
    """Type at a machine: at a jump the whole prompt is read. Answers end by themselves where `to_write` is 0."""
    chance, pace = random.Random(seed), Pace()
    first = machines(0)
    info = replace(
        INFO, device=first.device, reads_per_s=first.reads_per_s, writes_per_s=first.writes_per_s, context_tokens=4096
    )
    pace.met(info)
    waits, plans = list[float](), list[Plan]()
    for number in range(answers):
        chosen = pace.plan(info, 64, 600, 0, ahead=True)
        jumped = chance.random() < jumps or not number
        to_read = min(chosen.prompt_tokens or 4096, 1500) if jumped else chance.randint(1, 8)
        wanted = to_write or min(64, 2 + int(chance.expovariate(1 / 14)))
        wait_ms, spent = machines(number).answer(chosen, to_read, wanted)
        pace.answered(wait_ms, spent, chosen.goal_ms)
        waits.append(wait_ms)
        plans.append(chosen)
    return waits, plans


def p90(waits: list[float]) -> float:
    return sorted(waits)[int(0.9 * len(waits))]


GPU, BIG_GPU = Machine(20_000, 300, "gpu"), Machine(4000, 80, "gpu")
STARTER, HALF_BILLION, SLOW = Machine(5500, 600), Machine(100, 10), Machine(60, 6)


@pytest.mark.parametrize("to_write", [0, 64])
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("machine", [GPU, BIG_GPU, STARTER, HALF_BILLION, SLOW])
def test_nine_answers_of_ten_are_in_time_after_a_few(machine: Machine, seed: int, to_write: int) -> None:
    waits, plans = typed(steady(machine), jumps=0.04, seed=seed, to_write=to_write)
    assert p90(waits[20:]) <= plans[-1].goal_ms


@pytest.mark.parametrize("to_write", [0, 64])
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("machine", [GPU, BIG_GPU, STARTER, Machine(200, 20), Machine(2000, 150)])
def test_a_machine_that_has_only_half_its_speed_left_is_in_time_again(
    machine: Machine, seed: int, to_write: int
) -> None:
    waits, plans = typed(slowed(machine, 200), jumps=0.04, seed=seed, to_write=to_write)
    assert p90(waits[220:]) <= plans[-1].goal_ms


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("machine", [BIG_GPU, Machine(2000, 150)])
def test_who_jumps_often_gets_prompts_that_can_be_read_in_time(machine: Machine, seed: int) -> None:
    waits, plans = typed(steady(machine), jumps=0.3, seed=seed, to_write=64)
    assert p90(waits[200:]) <= plans[-1].goal_ms
    assert plans[-1].prompt_tokens >= 0.2 * plans[-1].goal_ms * machine.reads_per_s / 1000


@pytest.mark.parametrize("machine", [GPU, STARTER])
def test_a_machine_that_is_fast_enough_gives_up_nothing(machine: Machine) -> None:
    _, plans = typed(steady(machine), jumps=0.04)
    assert sum(plan.max_tokens == 64 for plan in plans[20:]) >= 0.9 * len(plans[20:])
    assert plans[-1].prompt_tokens == 0 or plans[-1].prompt_tokens >= 4096
    assert plans[-1].time_limit_ms >= 0.85 * plans[-1].goal_ms


@pytest.mark.parametrize("jumps", [0.04, 0.3])
@pytest.mark.parametrize("machine", [BIG_GPU, HALF_BILLION, SLOW])
def test_most_of_the_goal_goes_into_answers_where_they_would_be_longer(machine: Machine, jumps: float) -> None:
    """Prompts that cannot be read in time, however short, make no other answer shorter."""
    waits, plans = typed(steady(machine), jumps=jumps, to_write=64)
    usual = sorted(waits[20:])[len(waits[20:]) // 2]
    assert usual >= (0.45 if machine is BIG_GPU and jumps > 0.1 else 0.75) * plans[-1].goal_ms


def test_what_a_slow_time_took_comes_back() -> None:
    machine = Machine(2000, 150)
    _, plans = typed(slowed(machine, 100, 200), jumps=0.04, answers=600)
    assert plans[199].max_tokens < 0.7 * plans[99].max_tokens
    assert plans[-1].max_tokens >= 0.9 * plans[99].max_tokens
    assert plans[-1].prompt_tokens >= 0.7 * plans[99].prompt_tokens
