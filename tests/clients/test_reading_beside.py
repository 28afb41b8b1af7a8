"""While the file of one model is read the others answer; what is asked for meanwhile waits its turn, or is given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import gguf_factory
from tests.clients.conftest import request, spec
from tests.clients.test_turns import Heard
from twolane.clients.engine.job import Job
from twolane.clients.engine.library import Library
from twolane.clients.engine.loading import Loader
from twolane.clients.engine.scheduler import Scheduler
from twolane.clients.engine.spec import ModelSpec
from twolane.clients.errors import ModelUnavailable


class Listener:
    """Hears how far the models are, and is slow to hear of one that is half read: so long its file is being read."""

    def __init__(self) -> None:
        self.half_read = threading.Event()
        self.goes_on = threading.Event()
        self.told: list[tuple[ModelSpec, float]] = []
        self.waits_for: ModelSpec | None = None

    def __call__(self, model: ModelSpec, progress: float) -> None:
        self.told.append((model, progress))
        if model == self.waits_for and 0.5 < progress < 1.0:
            self.half_read.set()
            assert self.goes_on.wait(20)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> ModelSpec:
    path = tmp_path_factory.mktemp("wide") / "wide.gguf"
    return spec(gguf_factory.write(path, name="wide", width=256, layers=8, context=1024))


@pytest.fixture
def listener(wide: ModelSpec) -> Listener:
    listener = Listener()
    listener.waits_for = wide
    return listener


@pytest.fixture
def scheduler(tmp_path: Path, listener: Listener) -> Iterator[Scheduler]:
    loader = Loader(Library(), tmp_path)
    worker = Scheduler(loader, listener)
    yield worker
    listener.goes_on.set()
    worker.close(timeout=20)
    loader.leave(forget=True)


def test_a_key_is_answered_while_another_model_is_read(
    scheduler: Scheduler, listener: Listener, wide: ModelSpec, starter: Path
) -> None:
    here, heard = spec(starter), Heard()
    scheduler.info(here).result(20)
    coming = scheduler.info(wide)
    assert listener.half_read.wait(20)
    scheduler.submit(here, Job(request(), heard))
    assert heard.over.wait(20)
    assert heard.error is None
    assert heard.usage is not None
    assert not coming.done()
    assert [model.get("loading", 1.0) < 1.0 for model in scheduler.status()] == [False, True]
    listener.goes_on.set()
    assert coming.result(20).name == "wide"


def test_what_is_wanted_of_one_file_at_the_same_time_is_read_once(
    scheduler: Scheduler, listener: Listener, wide: ModelSpec
) -> None:
    other = replace(wide, slots=1)
    first, second = scheduler.info(wide), scheduler.info(other)
    assert listener.half_read.wait(20)
    assert [progress for model, progress in listener.told if model == other] == []
    listener.goes_on.set()
    assert first.result(20).name == second.result(20).name == "wide"
    assert [progress for model, progress in listener.told if model == other] == [0.0, 1.0]
    assert [model["shares_weights"] for model in scheduler.status()] == [False, True]


def test_an_engine_that_is_told_to_leave_breaks_the_reading_off(
    scheduler: Scheduler, listener: Listener, wide: ModelSpec, tiny: Path
) -> None:
    here, heard = spec(tiny), Heard()
    scheduler.info(here).result(20)
    coming, later = scheduler.info(wide), scheduler.count(spec(Path("later.gguf")), ["x"])
    assert listener.half_read.wait(20)
    scheduler.submit(here, Job(replace(request(), max_tokens=100_000), heard))
    closing = threading.Thread(target=scheduler.close, args=(20,))
    closing.start()
    for asked in (coming, later):
        with pytest.raises(ModelUnavailable, match="shutting down"):
            asked.result(20)
    assert heard.over.wait(20)
    assert isinstance(heard.error, ModelUnavailable)
    told = len(listener.told)
    listener.goes_on.set()
    closing.join(20)
    assert not closing.is_alive()
    assert "loading" not in {thread.name for thread in threading.enumerate()}
    assert len(listener.told) == told, "it was not read to its end"
