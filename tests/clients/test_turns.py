"""Several models on one thread: whose turn it is, and what leaves when memory is short."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.clients.conftest import request, spec
from tests.clients.test_runner import Failing, Recorder, runner
from twolane.clients.engine.job import Job
from twolane.clients.engine.scheduler import Scheduler
from twolane.clients.engine.spec import ModelSpec
from twolane.clients.engine.turns import Turns
from twolane.clients.errors import ModelLoading, ModelRefused, ModelUnavailable, TooLarge
from twolane.clients.model import Priority, Usage

ONE, TWO, HUGE = spec(Path("one.gguf")), spec(Path("two.gguf")), spec(Path("huge.gguf"))


class Paced(Recorder):
    """Computes a batch only when it is let; `asks` is released whenever it is about to."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Semaphore(0)
        self.asks = threading.Semaphore(0)

    def decode(self) -> bool:
        self.asks.release()
        assert self.may.acquire(timeout=20)
        return super().decode()


class Heard(Failing):
    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def done(self, usage: Usage) -> None:
        super().done(usage)
        self.over.set()

    def failed(self, error: Any) -> None:
        super().failed(error)
        self.over.set()


class Machine:
    """Loads models that only record; holds `room` of them, and never the huge one."""

    def __init__(self, room: int = 9) -> None:
        self.caches: dict[str, Paced] = {}
        self.closed: list[str] = []
        self.held: set[str] = set()
        self.asked = threading.Event()
        self.opens = threading.Event()
        self.opens.set()
        self.patience_s = 30.0
        self._room = room

    def load(self, model: ModelSpec, progress: Callable[[float], bool], turns: Turns) -> Any:
        self.asked.set()
        assert self.opens.wait(20)
        if model == HUGE or len(self.held) >= self._room:
            raise TooLarge("no room")
        cache = self.caches[model.path] = Paced()
        self.held.add(model.path)

        def close() -> None:
            self.held.remove(model.path)
            self.closed.append(model.path)

        return SimpleNamespace(
            runner=runner(cache),
            info=model.path,
            seconds=0.0,
            stuck_after_s=self.patience_s,
            close=close,
            status=dict,
        )


def submit(scheduler: Scheduler, model: ModelSpec, priority: Priority = "live") -> tuple[Job, Heard]:
    heard = Heard()
    job = Job(replace(request(path=priority), priority=priority), heard)
    scheduler.submit(model, job)
    return job, heard


def test_work_of_one_model_holds_still_while_somebody_waits_for_another() -> None:
    machine = Machine()
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        scheduler.info(ONE).result(20)
        scheduler.info(TWO).result(20)
        guess, later = submit(scheduler, ONE, "speculative")
        _, waits = submit(scheduler, TWO)
        machine.caches["one.gguf"].may.release()
        machine.caches["two.gguf"].may.release(99)
        assert waits.over.wait(20)
        assert len(machine.caches["one.gguf"].batches) <= 1
        machine.caches["one.gguf"].may.release(99)
        assert later.over.wait(20)
        assert later.usage is not None
        assert later.usage.finish == "length"
        assert guess.generated
    finally:
        scheduler.close(20)


def test_the_time_limit_of_a_guess_does_not_run_while_another_model_has_the_turn() -> None:
    machine, heard, now = Machine(), Heard(), [1.0]
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        scheduler.info(ONE).result(20)
        scheduler.info(TWO).result(20)
        one, two = machine.caches["one.gguf"], machine.caches["two.gguf"]
        guess = replace(request(path="guess"), priority="speculative", time_limit_ms=1000)
        scheduler.submit(ONE, Job(guess, heard, clock=lambda: now[0]))
        one.may.release()
        for _ in ("its prompt", "its answer, begun"):
            assert one.asks.acquire(timeout=20)
        _, waits = submit(scheduler, TWO)
        one.may.release()
        assert two.asks.acquire(timeout=20)
        now[0] = 10.0
        two.may.release(99)
        assert waits.over.wait(20)
        one.may.release(99)
        assert heard.over.wait(20)
        assert "".join(heard.pieces) == "x" * 12
    finally:
        scheduler.close(20)


def test_the_time_limit_of_an_answer_does_not_run_while_another_model_is_loaded() -> None:
    machine, heard, now = Machine(), Heard(), [1.0]
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        scheduler.info(ONE).result(20)
        one = machine.caches["one.gguf"]
        scheduler.submit(ONE, Job(replace(request(), time_limit_ms=1000), heard, clock=lambda: now[0]))
        one.may.release()
        for _ in ("its prompt", "its answer, begun"):
            assert one.asks.acquire(timeout=20)
        machine.opens.clear()
        other = scheduler.info(TWO)
        machine.asked.clear()
        one.may.release()
        assert machine.asked.wait(20)
        now[0] = 10.0
        machine.opens.set()
        other.result(20)
        one.may.release(99)
        assert heard.over.wait(20)
        assert "".join(heard.pieces) == "x" * 12
    finally:
        scheduler.close(20)


def test_what_is_cancelled_ends_at_once_though_another_model_has_the_turn() -> None:
    machine = Machine()
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        scheduler.info(ONE).result(20)
        scheduler.info(TWO).result(20)
        _, waits = submit(scheduler, TWO)
        guess, dropped = submit(scheduler, ONE, "speculative")
        guess.cancelled = True
        scheduler.reconsider()
        machine.caches["two.gguf"].may.release(1)
        assert dropped.over.wait(20)
        assert dropped.usage is not None
        assert dropped.usage.finish == "cancelled"
        machine.caches["two.gguf"].may.release(99)
        assert waits.over.wait(20)
    finally:
        scheduler.close(20)


def test_the_idle_model_leaves_for_another_and_who_asks_for_it_then_is_told_to_ask_again() -> None:
    machine = Machine(room=1)
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        scheduler.info(ONE).result(20)
        machine.opens.clear()
        machine.asked.clear()
        swapped = scheduler.info(TWO)
        assert machine.asked.wait(20)
        _, late = submit(scheduler, ONE)
        machine.opens.set()
        swapped.result(20)
        assert machine.closed == ["one.gguf"]
        assert late.over.wait(20)
        assert isinstance(late.error, ModelUnavailable)
        _, again = submit(scheduler, ONE)
        assert isinstance(again.error, ModelLoading)
    finally:
        scheduler.close(20)


def test_a_model_that_somebody_waits_for_does_not_leave() -> None:
    machine = Machine(room=1)
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        scheduler.info(ONE).result(20)
        _, waits = submit(scheduler, ONE)
        machine.caches["one.gguf"].may.release(1)
        refused = scheduler.info(TWO)
        machine.caches["one.gguf"].may.release(1)
        with pytest.raises(TooLarge):
            refused.result(20)
        machine.caches["one.gguf"].may.release(99)
        assert waits.over.wait(20)
        assert "".join(waits.pieces) == "x" * 12
        assert machine.closed == []
    finally:
        scheduler.close(20)


def test_a_model_that_never_fits_takes_the_place_of_its_neighbour_once_not_at_every_key() -> None:
    machine = Machine()
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        for key in range(4):
            scheduler.info(ONE).result(20)
            with pytest.raises(TooLarge):
                scheduler.info(HUGE).result(20)
            assert machine.closed == ["one.gguf"], f"after key {key}"
        scheduler.info(TWO).result(20)
        with pytest.raises(TooLarge):
            scheduler.info(HUGE).result(20)
        assert "two.gguf" in machine.closed, "without that one it might have fitted"
    finally:
        scheduler.close(20)


def test_models_that_fit_only_alone_go_on_taking_turns() -> None:
    machine = Machine(room=1)
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        for model in (ONE, TWO) * 3:
            scheduler.info(model).result(20)
        assert machine.closed == ["one.gguf", "two.gguf", "one.gguf", "two.gguf", "one.gguf"]
    finally:
        scheduler.close(20)


class Slow(Machine):
    """Reads weights beside the worker thread until `opens`, or until it is told to give up."""

    def __init__(self) -> None:
        super().__init__()
        self.reading: list[str] = []
        self.given_up: list[str] = []

    def load(self, model: ModelSpec, progress: Callable[[float], bool], turns: Turns) -> Any:
        def read() -> None:
            self.reading.append(model.path)
            self.asked.set()
            while not self.opens.wait(0.01):
                if not progress(0.5):
                    self.given_up.append(model.path)
                    raise ModelRefused("given up")
            self.reading.remove(model.path)

        turns.beside(read)
        return super().load(model, progress, turns)


@pytest.mark.parametrize(("patience_s", "hangs"), [(0.05, True), (300.0, False)])
def test_a_step_hangs_where_it_takes_longer_than_its_model_ever_does(patience_s: float, hangs: bool) -> None:
    machine = Machine()
    machine.patience_s = patience_s
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        scheduler.info(ONE).result(20)
        assert not scheduler.stuck
        _, heard = submit(scheduler, ONE)
        assert machine.caches["one.gguf"].asks.acquire(timeout=20)
        time.sleep(0.2)
        assert scheduler.stuck is hangs
        machine.caches["one.gguf"].may.release(99)
        assert heard.over.wait(20)
    finally:
        scheduler.close(20)
    assert not scheduler.stuck


def test_keys_are_answered_while_another_model_is_loaded() -> None:
    machine = Slow()
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        scheduler.info(ONE).result(20)
        machine.caches["one.gguf"].may.release(999)
        machine.asked.clear()
        machine.opens.clear()
        other = scheduler.info(TWO)
        assert machine.asked.wait(20)
        for _ in range(3):
            _, heard = submit(scheduler, ONE)
            assert heard.over.wait(20)
            assert "".join(heard.pieces) == "x" * 12
        assert str(scheduler.info(ONE).result(20)) == "one.gguf"
        assert not other.done()
        machine.opens.set()
        assert str(other.result(20)) == "two.gguf"
    finally:
        machine.opens.set()
        scheduler.close(20)


def test_models_are_loaded_one_after_the_other_and_each_once() -> None:
    machine = Slow()
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    try:
        machine.opens.clear()
        asked = [scheduler.info(model) for model in (ONE, TWO, ONE, TWO)]
        assert machine.asked.wait(20)
        assert machine.reading == ["one.gguf"]
        machine.opens.set()
        assert [str(one.result(20)) for one in asked] == ["one.gguf", "two.gguf"] * 2
        assert sorted(machine.held) == ["one.gguf", "two.gguf"]
    finally:
        machine.opens.set()
        scheduler.close(20)


def test_an_engine_that_leaves_gives_up_what_it_loads() -> None:
    machine = Slow()
    scheduler = Scheduler(machine.load, lambda model, progress: None)
    scheduler.info(ONE).result(20)
    machine.asked.clear()
    machine.opens.clear()
    scheduler.info(TWO)
    assert machine.asked.wait(20)
    scheduler.close(20)
    assert machine.given_up == ["two.gguf"]
