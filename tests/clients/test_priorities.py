"""What is computed for whom, and in which order; over a cache that only records."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.clients.conftest import request
from tests.clients.test_job import Listener
from tests.clients.test_runner import Failing, Recorder, finish, runner
from twolane.clients.engine.job import BREATH_SECONDS, Job
from twolane.clients.engine.llama import NoRoom
from twolane.clients.engine.prompt import Prompt
from twolane.clients.engine.runner import Runner
from twolane.clients.errors import ModelCrashed
from twolane.clients.model import InfillRequest, Priority

LONG = "value = 1\n" * 20


def asked(priority: Priority, path: str, text: str = "x = ", *, most: int = 12) -> InfillRequest:
    return replace(request(text, path=path, max_tokens=most), priority=priority)


def submit(running: Runner, wanted: InfillRequest) -> tuple[Job, Failing]:
    listener = Failing()
    job = Job(wanted, listener)
    running.submit(job)
    return job, listener


def run(running: Runner) -> None:
    for _ in range(10_000):
        if not running.busy:
            return
        running.step()
    raise AssertionError("it never ends")


def check_whole(listener: Failing, tokens: int = 12) -> None:
    """An answer came, as long as it was asked for."""
    assert "".join(listener.pieces) == "x" * tokens
    assert listener.usage is not None
    assert listener.usage.finish == "length"


@pytest.mark.parametrize("lower", ["speculative", "warm", "background"])
def test_while_somebody_waits_all_else_holds_still_and_goes_on_afterwards(lower: Priority) -> None:
    running = runner(Recorder())
    guess, heard = submit(running, asked(lower, "a", LONG, most=30))
    for _ in range(8):
        running.step()
    said, read = len(guess.generated), guess.evaluated
    assert said
    _, waits = submit(running, asked("live", "b", LONG))
    while waits.usage is None:
        running.step()
    assert (len(guess.generated), guess.evaluated) == (said, read)
    run(running)
    check_whole(waits)
    check_whole(heard, 30)
    assert heard.usage is not None
    assert heard.usage.reused_tokens + heard.usage.evaluated_tokens == heard.usage.prompt_tokens


def test_who_waits_is_served_before_guesses_those_before_warming_and_that_before_the_rest() -> None:
    running = runner(Recorder(), slots=1)
    order: list[str] = []

    class Noting(Failing):
        def done(self, usage: object) -> None:
            order.append(self.name)

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    kinds: tuple[Priority, ...] = ("background", "warm", "speculative", "live")
    for kind in kinds:
        for number in range(2):
            running.submit(Job(asked(kind, f"{kind}{number}"), Noting(f"{kind}{number}")))
    run(running)
    assert order == [f"{kind}{number}" for kind in reversed(kinds) for number in (1, 0)]


def test_who_waits_takes_a_sequence_from_lower_work_which_then_goes_on_where_it_stood() -> None:
    cache = Recorder()
    running = runner(cache, slots=1, parking=100_000)
    guess, heard = submit(running, asked("background", "a", LONG, most=30))
    while len(guess.generated) < 10:
        running.step()
    _, waits = submit(running, asked("live", "b", "another one = "))
    while waits.usage is None:
        running.step()
    check_whole(waits)
    assert [slot.key for slot in running.slots] == [("w", "b")]
    read = sum(cache.batches)
    run(running)
    check_whole(heard, 30)
    assert sum(cache.batches) - read < 40, "nothing of the parked file is read again"


def test_lower_work_never_takes_a_sequence_from_who_waits() -> None:
    running = runner(Recorder(), slots=1)
    _, waits = submit(running, asked("live", "a", LONG, most=40))
    running.step()
    submit(running, asked("speculative", "b"))
    submit(running, asked("speculative", "a"))
    while waits.usage is None:
        assert running.slots[0].key == ("w", "a")
        running.step()
    run(running)


def test_a_request_goes_on_where_the_reading_made_warm_for_it_stood() -> None:
    running = runner(Recorder())
    warm, heard = submit(running, asked("warm", "a", LONG * 5, most=0))
    running.step()
    warm.cancelled = True
    (answer,) = finish(running, asked("live", "a", LONG * 5))
    assert heard.usage is not None
    assert heard.usage.finish == "cancelled"
    assert answer.usage is not None
    assert answer.usage.reused_tokens == warm.evaluated >= 64


def test_a_prompt_read_beforehand_leaves_one_token_to_read() -> None:
    cache = Recorder()
    running = runner(cache)
    (warm,) = finish(running, asked("warm", "a", LONG, most=0))
    assert warm.pieces == []
    assert warm.usage is not None
    assert warm.usage.finish == "length"
    assert (warm.usage.generated_tokens, warm.usage.reused_tokens) == (0, 0)
    assert warm.usage.evaluated_tokens == warm.usage.prompt_tokens - 1
    (answer,) = finish(running, asked("live", "a", LONG))
    assert answer.usage is not None
    assert answer.usage.evaluated_tokens == 1


def test_what_is_read_already_is_not_computed_at_all() -> None:
    cache = Recorder()
    running = runner(cache)
    finish(running, asked("live", "a", LONG))
    done, held = len(cache.batches), list(cache.held[0])
    (warm,) = finish(running, asked("warm", "a", LONG, most=0))
    assert len(cache.batches) == done
    assert cache.held[0] == held
    assert warm.usage is not None
    assert warm.usage.reused_tokens == warm.usage.prompt_tokens - 1


def test_after_warming_the_text_behind_the_cursor_is_still_moved() -> None:
    running = runner(Recorder(moves=True))
    suffix = "\n" + "rest of the file\n" * 20
    for text in ("def f", "def fo"):
        finish(running, replace(request(text, suffix=suffix, max_tokens=0), priority="warm"))
    (typed,) = finish(running, request("def foo", suffix=suffix))
    assert typed.usage is not None
    assert typed.usage.evaluated_tokens == 4


def test_two_clients_that_ask_for_one_file_are_both_answered() -> None:
    for slots in (1, 2):
        for answer in finish(runner(Recorder(), slots=slots), asked("live", "a", LONG), asked("live", "a", LONG)):
            check_whole(answer)


def test_guesses_at_one_files_future_take_turns_on_its_sequence() -> None:
    running = runner(Recorder(), slots=2)
    finish(running, asked("live", "b", LONG))
    both = [submit(running, asked("speculative", "a", LONG + ending))[1] for ending in ("one", "two")]
    run(running)
    for listener in both:
        check_whole(listener)
    assert {slot.key for slot in running.slots} == {("w", "a"), ("w", "b")}


@pytest.mark.parametrize(
    ("newer", "older", "stops"),
    [
        ("live", "live", True),
        ("live", "background", True),
        ("warm", "warm", True),
        ("speculative", "warm", True),
        ("speculative", "speculative", False),
        ("speculative", "live", False),
        ("background", "background", False),
    ],
)
def test_a_newer_request_stops_what_it_makes_pointless(newer: Priority, older: Priority, stops: bool) -> None:
    job = Job(asked(newer, "a"), Listener())
    assert job.stops(Job(asked(older, "a"), Listener())) is stops
    assert not job.stops(Job(asked(older, "b"), Listener()))


def check_stopped(
    priority: Priority,
    arriving: Priority | None,
    path: str = "b",
    *,
    cancel: bool,
    stopped: bool,
    reads: bool = True,
    later: float = 0.0,
) -> None:
    """A batch for `a`, which `reads` its prompt or writes, is broken off or runs to its end as something comes.

    What comes, if anything, is there so many seconds `later` than the cancel.
    """
    cache = Recorder()
    running = runner(cache)
    job, _ = submit(running, asked(priority, "a", LONG if reads else "x = "))
    if not reads:
        running.step()
    asked_to: list[bool] = []

    def decode() -> bool:
        job.cancelled = cancel
        time.sleep(later)
        running.reconsider([Job(asked(arriving, path), Listener())] if arriving else [])
        asked_to.append(cache.asked_to_stop)
        return Recorder.decode(cache)

    cache.decode = decode  # type: ignore[method-assign]
    running.step()
    assert asked_to == [stopped]


def test_a_batch_is_broken_off_only_where_nobody_waits_for_any_of_it() -> None:
    check_stopped("live", None, cancel=True, stopped=True, reads=False)
    check_stopped("live", None, cancel=False, stopped=False)
    check_stopped("live", "live", cancel=False, stopped=False)
    check_stopped("live", "live", cancel=True, stopped=True)
    check_stopped("warm", "live", cancel=False, stopped=True)
    check_stopped("warm", "speculative", cancel=False, stopped=True)
    check_stopped("speculative", "warm", cancel=False, stopped=False)


def test_a_piece_of_a_prompt_is_read_to_its_end_for_the_next_key_in_its_file() -> None:
    check_stopped("live", None, cancel=True, stopped=False)
    check_stopped("live", "live", "a", cancel=True, stopped=False)
    check_stopped("live", "live", "a", cancel=True, stopped=False, later=1.5 * BREATH_SECONDS)
    check_stopped("warm", "live", "a", cancel=False, stopped=False)
    check_stopped("live", "live", "a", cancel=True, stopped=True, reads=False)
    check_stopped("speculative", "live", "a", cancel=False, stopped=True, reads=False)


def test_a_piece_of_a_prompt_that_nobody_asks_for_again_is_broken_off_a_breath_later() -> None:
    check_stopped("live", None, cancel=True, stopped=True, later=1.5 * BREATH_SECONDS)
    check_stopped("warm", None, cancel=True, stopped=True, later=1.5 * BREATH_SECONDS)
    check_stopped("live", None, cancel=False, stopped=False, later=1.5 * BREATH_SECONDS)


class Losing(Recorder):
    """Of a batch that it is asked to stop nothing is kept; `during` is called in the middle of each."""

    before: dict[int, list[int]]

    def during(self) -> None: ...

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        if not self._count:
            self.before = {key: list(held) for key, held in self.held.items()} | {slot: list(self.held.get(slot, []))}
        return super().add(slot, position, tokens, outputs=outputs)

    def decode(self) -> bool:
        self.during()
        if self.asked_to_stop:
            self.held, self._count = self.before, 0
            return False
        return super().decode()


def test_who_types_faster_than_a_prompt_is_read_has_it_read_all_the_same() -> None:
    cache = Losing()
    cache.stops = True
    running = runner(cache)
    for number in range(10):
        job, _ = submit(running, asked("live", "a", LONG + "y" * number))

        def next_key(typed: Job = job) -> None:
            typed.cancelled = True
            running.reconsider([])
            running.reconsider([Job(asked("live", "a", LONG), Listener())])

        cache.during = next_key  # type: ignore[method-assign]
        running.step()
    assert max(map(len, cache.held.values())) > len(LONG) / 2


def test_what_came_before_the_batch_began_breaks_it_off_too() -> None:
    cache = Recorder()
    running = runner(cache)
    submit(running, asked("warm", "a", LONG, most=0))
    coming = [Job(asked("live", "b"), Listener())]
    running.step(lambda: coming)
    assert cache.asked_to_stop


class Full(Recorder):
    """A cache whose cells are counted over all sequences."""

    cells = 400

    def decode(self) -> bool:
        if sum(map(len, self.held.values())) > self.cells:
            for slot, held in self.before.items():
                self.held[slot] = held
            self._count = 0
            raise NoRoom
        self.before = {slot: list(held) for slot, held in self.held.items()}
        return super().decode()

    before: dict[int, list[int]]

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        if not self._count:
            self.before = {0: [], 1: []} | {key: list(held) for key, held in self.held.items()}
        return super().add(slot, position, tokens, outputs=outputs)


def test_a_full_cache_parks_the_file_unused_for_longest_and_tries_again() -> None:
    running = runner(Full(), parking=100_000)
    finish(running, request("a" * 300, path="a"))
    (answer,) = finish(running, request("b" * 300, path="b"))
    check_whole(answer)
    assert len(running.parking) == 1
    (back,) = finish(running, request("a" * 300, path="a"))
    check_whole(back)
    assert back.usage is not None
    assert back.usage.reused_tokens > 250


def test_what_fits_into_no_cache_fails_alone() -> None:
    running = runner(Full())
    (failed,) = finish(running, request("a" * 500, path="a"))
    assert isinstance(failed.error, ModelCrashed)
    (good,) = finish(running, request("b" * 100, path="b"))
    check_whole(good)


def test_the_limit_of_time_does_not_run_while_a_guess_holds_still() -> None:
    now = [0.0]
    job = Job(replace(asked("speculative", "a"), time_limit_ms=1000), Listener(), clock=lambda: now[0])
    job.admit(Prompt([1, 2]), 0, 99)
    now[0] = 1.0
    assert job.take(5, b"a", ends=False) is None
    job.rest()
    now[0] = 10.0
    job.go_on()
    now[0] = 10.9
    assert job.take(5, b"b", ends=False) is None
    now[0] = 11.1
    assert job.take(5, b"c", ends=False) == "time"


def test_the_models_time_is_shared_out_and_what_nobody_saw_is_told_apart() -> None:
    running = runner(Recorder())
    finish(running, asked("live", "a", LONG), asked("live", "b", LONG))
    guess, heard = submit(running, asked("speculative", "a", LONG * 2))
    for _ in range(6):
        running.step()
    guess.cancelled = True
    run(running)
    report = running.status()
    assert heard.usage is not None
    assert heard.usage.model_ms > 0
    assert report["wasted_ms"] == pytest.approx(heard.usage.model_ms, abs=0.06)
    assert report["model_ms"]["speculative"] == report["wasted_ms"]
    assert report["model_ms"]["live"] > 0
    assert report["generated_tokens"] == 24 + heard.usage.generated_tokens
    assert report["evaluated_tokens"] > 400


def test_a_second_file_begins_with_what_it_has_in_common_with_another() -> None:
    running = runner(Recorder(), slots=2)
    finish(running, asked("live", "a", LONG + "here"))
    (second,) = finish(running, asked("live", "b", LONG + "there"))
    assert second.usage is not None
    assert second.usage.reused_tokens == 0, "its path stands in front"
    (third,) = finish(running, replace(asked("live", "a", LONG + "elsewhere"), workspace="w2"))
    assert third.usage is not None
    assert third.usage.reused_tokens >= len(LONG)
    assert running.status()["shared_tokens"] == third.usage.reused_tokens


def test_a_parked_file_lends_its_beginning_too() -> None:
    running = runner(Recorder(), slots=1, parking=100_000)
    finish(running, asked("live", "a", LONG + "here"))
    finish(running, asked("live", "b", "something else"))
    (third,) = finish(running, replace(asked("live", "a", LONG + "elsewhere"), workspace="w2"))
    assert third.usage is not None
    assert third.usage.reused_tokens >= len(LONG)
    assert len(running.parking) == 1


def test_a_block_that_others_share_is_not_moved_under_them() -> None:
    cache = Recorder(moves=True)
    running = runner(cache, slots=2)
    suffix = "\n" + "rest of the file\n" * 20
    finish(running, replace(request("def f", suffix=suffix), workspace="one"))
    finish(running, replace(request("def f", suffix=suffix), workspace="two"))
    for workspace in ("one", "two"):
        (typed,) = finish(running, replace(request("def fo", suffix=suffix), workspace=workspace))
        assert typed.usage is not None
        assert typed.usage.evaluated_tokens > len(suffix) // 2
        (more,) = finish(running, replace(request("def foo", suffix=suffix), workspace=workspace))
        assert more.usage is not None
        assert more.usage.evaluated_tokens == 4


def test_the_status_says_where_a_models_memory_cannot_be_cut() -> None:
    assert "moved along" in runner(Recorder(moves=True)).status()["reuse"]
    assert "cannot be cut" in runner(Recorder(partial=False)).status()["reuse"]
