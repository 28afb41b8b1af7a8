"""A model that nobody wants any more gives its memory back, and one that somebody wants stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import gguf_factory
from twolane.clients.engine import loaded as loaded_module
from twolane.clients.engine import scheduler as scheduler_module
from twolane.clients.engine.library import Library
from twolane.clients.engine.loaded import Loaded
from twolane.clients.engine.loading import Loader
from twolane.clients.engine.scheduler import Scheduler
from twolane.clients.engine.spec import ModelSpec
from twolane.clients.engine.turns import Turns
from twolane.clients.errors import ModelRefused


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> list[ModelSpec]:
    folder = tmp_path_factory.mktemp("models")
    return [
        ModelSpec(str(gguf_factory.write(folder / f"{name}.gguf", name=name)), slots=2, threads=1) for name in "abc"
    ]


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Scheduler]:
    loader = Loader(Library(), tmp_path)

    def load(spec: ModelSpec, progress: Callable[[float], bool], turns: Turns) -> Loaded:
        return loader(spec, progress, turns)

    worker = Scheduler(load, lambda spec, progress: None)
    yield worker
    worker.close(timeout=10)
    loader.leave(forget=True)


def names(scheduler: Scheduler, settled: ModelSpec) -> list[str]:
    """What is loaded once everything that was asked for is done."""
    scheduler.info(settled).result(timeout=20)
    return sorted(model["name"] for model in scheduler.status())


def test_what_no_client_wants_leaves_and_what_one_wants_stays(
    scheduler: Scheduler, specs: list[ModelSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = specs
    for spec in specs:
        scheduler.info(spec).result(timeout=20)
    scheduler.want({one, two})
    assert names(scheduler, one) == ["a", "b", "c"]
    monkeypatch.setattr(scheduler_module, "_UNWANTED_SECONDS", 0.0)
    scheduler.want({one, two})
    assert names(scheduler, one) == ["a", "b"]
    scheduler.want({one, three})
    assert names(scheduler, three) == ["a", "c"]


@pytest.mark.parametrize("how", [shutil.copyfile, os.replace])
def test_a_model_whose_file_is_replaced_is_loaded_anew(
    scheduler: Scheduler,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: Callable[[Path, Path], object],
) -> None:
    monkeypatch.setattr(scheduler_module, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(loaded_module, "_WRITTEN_SECONDS", 3600.0)
    model = ModelSpec(str(gguf_factory.write(tmp_path / "m.gguf", name="old")), slots=2, threads=1)
    assert scheduler.info(model).result(timeout=20).name == "old"
    scheduler.look_at_files()
    assert scheduler.info(model).result(timeout=20).name == "old"
    how(gguf_factory.write(tmp_path / "new.gguf", name="new"), tmp_path / "m.gguf")
    scheduler.look_at_files()
    assert scheduler.info(model).result(timeout=20).name == "old", "perhaps it is being written still"
    os.utime(tmp_path / "m.gguf", (1, 1))
    scheduler.look_at_files()
    settled(scheduler)
    assert scheduler.info(model).result(timeout=20).name == "new"
    (tmp_path / "m.gguf").unlink()
    scheduler.look_at_files()
    settled(scheduler)
    assert scheduler.info(model).result(timeout=20).name == "new"


def settled(scheduler: Scheduler) -> None:
    """Wait until the worker has done what it was asked for."""
    with pytest.raises(ModelRefused):
        scheduler.info(ModelSpec("no.gguf")).result(timeout=20)


def test_while_nobody_is_connected_the_last_models_stay_warm(
    scheduler: Scheduler, specs: list[ModelSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler_module, "_UNWANTED_SECONDS", 0.0)
    scheduler.info(specs[0]).result(timeout=20)
    scheduler.want(set())
    assert names(scheduler, specs[0]) == ["a"]
