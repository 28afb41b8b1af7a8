"""Where memory is shorter than it seemed, a model is loaded smaller, once; then it is refused with the numbers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import gguf_factory
from tests.clients.conftest import OPTIONS
from twolane.clients.engine import control
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.engine.fitting import Plan
from twolane.clients.engine.spec import ModelSpec
from twolane.clients.engine.trial import CRASH, NOTES, Trials

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of 20 MiB whose files take 32 MiB each."""
    path = tmp_path_factory.mktemp("wide") / "wide.gguf"
    return gguf_factory.write(path, name="wide", width=256, layers=8, context=4096)


def loaded(folder: Path, model: Path, slots: int, *fate: str) -> dict[str, Any] | None:
    """What an engine's loader says that meets `fate`; None where its process was ended by a signal."""
    child = Path(__file__).with_name("dying_child.py")
    command = [sys.executable, "-P", str(child), str(folder), str(model), str(slots), *fate]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode < 0 and not done.stdout:
        return None
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@unix_only
def test_memory_that_is_short_means_fewer_files_and_is_told(tmp_path: Path, wide: Path) -> None:
    plenty = loaded(tmp_path, wide, 8, "live")
    short = loaded(tmp_path, wide, 8, "short", "250")
    assert plenty is not None
    assert short is not None
    assert plenty["stepped_down"] is None
    assert short["stepped_down"] == "memory was too short, so 4 instead of 8 files at once"
    assert short["memory"]["kv_bytes"] * 2 == plenty["memory"]["kv_bytes"]
    assert len(short["slots"]) == 4


@unix_only
def test_after_one_step_down_it_is_refused_with_the_numbers(tmp_path: Path, wide: Path) -> None:
    said = loaded(tmp_path, wide, 8, "short", "80")
    assert said is not None
    assert "does not fit (about 148 MiB, and" in said["refused"]
    assert "lower near.slots" in said["refused"]
    assert not (tmp_path / NOTES).exists()


@unix_only
def test_an_engine_that_dies_while_it_loads_makes_the_next_one_ask_for_less(tmp_path: Path, wide: Path) -> None:
    assert loaded(tmp_path, wide, 4, "abort") is None
    second = loaded(tmp_path, wide, 4, "live")
    assert second is not None
    assert second["stepped_down"] == "the last engine died with it, so 2 instead of 4 files at once"
    third = loaded(tmp_path, wide, 4, "live")
    assert third is not None
    assert len(third["slots"]) == 2


@unix_only
def test_a_model_that_kills_two_engines_is_refused_and_the_third_lives(tmp_path: Path, wide: Path, tiny: Path) -> None:
    assert loaded(tmp_path, wide, 4, "abort") is None
    assert loaded(tmp_path, wide, 4, "abort") is None
    said = loaded(tmp_path, wide, 4, "live")
    assert said is not None
    assert "The engine died 2 times with the model" in said["refused"]
    assert "MiB are free): lower near.slots" in said["refused"]
    assert "tried again in 60 minutes, or after `twolane engine stop`" in said["refused"]
    other = loaded(tmp_path, tiny, 2, "live")
    assert other is not None
    assert other["stepped_down"] is None
    notes = json.loads((tmp_path / NOTES).read_text())
    for entry in notes.values():
        entry["at"] -= 3540
    (tmp_path / NOTES).write_text(json.dumps(notes))
    late = loaded(tmp_path, wide, 4, "live")
    assert late is not None
    assert "tried again in 1 minute, or" in late["refused"]


@unix_only
def test_a_death_after_the_model_was_good_is_not_held_against_it(tmp_path: Path, wide: Path) -> None:
    loaded(tmp_path, wide, 4, "abort-later")
    assert not (tmp_path / NOTES).exists()
    assert "Fatal Python error: Aborted" in (tmp_path / CRASH).read_text()
    again = loaded(tmp_path, wide, 4, "live")
    assert again is not None
    assert again["stepped_down"] is None
    assert not (tmp_path / CRASH).exists()


class Notes:
    """The notes of one folder, by a clock of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        self._folder = folder

    def opened(self, *, aborted: bool = False) -> Trials:
        return Trials(self._folder, aborted=aborted, clock=lambda: self.now)


def chosen(slots: int = 8) -> Plan:
    return Plan(4096, slots, 4, 29, "f16", "auto", 0, 0)


def test_on_a_device_one_that_ended_itself_while_computing_is_to_blame(tmp_path: Path) -> None:
    notes, spec = Notes(tmp_path), ModelSpec("m.gguf")
    first = notes.opened()
    first.note(spec, "loading", chosen())
    first.note(spec, "computing", chosen())
    assert notes.opened().deaths(spec) == 0
    first.note(spec, "computing", chosen())
    second = notes.opened(aborted=True)
    assert second.deaths(spec) == 1
    assert second.tried(spec, chosen(2)) == chosen(8)


def test_one_that_had_computed_for_hours_is_to_blame_as_well(tmp_path: Path) -> None:
    notes, spec = Notes(tmp_path), ModelSpec("m.gguf")
    notes.opened().note(spec, "computing", chosen())
    notes.now += 7200
    assert notes.opened(aborted=True).deaths(spec) == 1
    notes.now += 3601
    assert notes.opened().deaths(spec) == 0


def test_deaths_are_forgotten_after_an_hour_and_when_the_engine_is_stopped(tmp_path: Path) -> None:
    notes, spec = Notes(tmp_path), ModelSpec("m.gguf")
    notes.opened().note(spec, "loading", chosen())
    assert notes.opened().deaths(spec) == 1
    notes.now += 3599
    kept = notes.opened()
    assert (kept.deaths(spec), kept.minutes_left(spec)) == (1, 1)
    notes.now += 2
    assert notes.opened().deaths(spec) == 0
    stopped = notes.opened()
    stopped.note(spec, "loading", chosen())
    notes.opened().leave(forget=True)
    assert notes.opened().deaths(spec) == 0


def test_an_engine_that_lives_on_forgets_them_after_an_hour_too(tmp_path: Path) -> None:
    notes, spec = Notes(tmp_path), ModelSpec("m.gguf")
    for _ in range(2):
        notes.opened().note(spec, "loading", chosen())
    living = notes.opened()
    notes.now += 3599
    assert living.deaths(spec) == 2
    notes.now += 2
    assert living.deaths(spec) == 0
    living.note(spec, "loading", chosen())
    assert notes.opened().deaths(spec) == 1


def test_leaving_in_order_while_a_model_loads_is_no_death(tmp_path: Path) -> None:
    notes, spec = Notes(tmp_path), ModelSpec("m.gguf")
    trials = notes.opened()
    trials.note(spec, "loading", chosen())
    trials.leave()
    assert notes.opened().deaths(spec) == 0
    assert not (tmp_path / NOTES).exists()


def damage(text: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        (folder / NOTES).write_text(text)

    return harm


@pytest.mark.parametrize(
    "harm",
    [
        damage(""),
        damage("[1, 2]"),
        damage('{"a": 1, "b": {"path": 1}}'),
        damage('{"a": {"path": "m", "stage": "loading", "deaths": true, "at": 1000}}'),
        damage('{"a": {"path": "m", "stage": "loading", "deaths": 1, "at": NaN, "plan": []}}'),
        damage("[" * 100_000),
        lambda folder: (folder / NOTES).mkdir(),
    ],
)
def test_notes_that_cannot_be_used_cost_nothing(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    harm(tmp_path)
    trials = Notes(tmp_path).opened()
    assert trials.deaths(ModelSpec("m.gguf")) == 0
    trials.note(ModelSpec("m.gguf"), "loading", chosen())
    trials.leave()


async def test_the_engines_status_tells_that_it_stepped_down_and_stop_forgets_it(place: Endpoint, tiny: Path) -> None:
    spec = ModelSpec(str(tiny), slots=4, threads=1)
    Trials(place.folder).note(spec, "loading", chosen(4))
    report = await control.start(spec, OPTIONS, place)
    assert report["models"][0]["stepped_down"] == "the last engine died with it, so 2 instead of 4 files at once"
    await control.stop(place)
    report = await control.start(spec, OPTIONS, place)
    assert report["models"][0]["stepped_down"] is None
    assert report["models"][0]["chosen"]["slots"] == "set"
