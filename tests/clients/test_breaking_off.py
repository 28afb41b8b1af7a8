"""Work broken off at any moment, and beginnings taken over from other files, change no answer."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests import gguf_factory
from tests.clients.test_job import Listener
from tests.clients.test_reuse import Answer, Engine, Watched, asking, check_same, typing
from twolane.clients.engine.brake import Brake
from twolane.clients.engine.families import QWEN, STARTER, Family
from twolane.clients.engine.job import Job
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model
from twolane.clients.model import InfillRequest


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    """Random weights in full precision, large enough that a batch can be met in its middle."""
    path = tmp_path_factory.mktemp("models") / "random.gguf"
    loaded = Model(Library(), gguf_factory.write(path, endless=True, context=4096, layers=6, width=128), 0, _unheard)
    yield loaded
    loaded.close()


def _unheard(progress: float) -> None:
    pass


class Broken(Watched):
    """Most batches are asked to stop after a random moment of their computing."""

    chance = random.Random(5)
    broken = 0
    complete = 0

    def decode(self) -> bool:
        if self.chance.random() < 0.3:
            self.complete += 1
            return super().decode()
        timer = threading.Timer(self.chance.random() * 0.004, self.stop)
        timer.start()
        done = super().decode()
        timer.join()
        self.go()
        self.broken += not done
        return done


def breaking(model: Model, family: Family, *, slots: int = 2) -> Engine:
    """An engine whose work is broken off again and again; it moves nothing, so that equal means equal."""
    engine = Engine(model, family, slots=slots)
    engine.sequences.__class__ = Broken
    engine.sequences.moves = False
    return engine


def unmoved(model: Model, family: Family, *, slots: int = 1, context: int = 2048) -> Engine:
    engine = Engine(model, family, slots=slots, context=context)
    engine.sequences.moves = False
    return engine


@pytest.mark.parametrize("family", [STARTER, QWEN], ids=lambda family: family.name)
def test_answers_broken_off_anywhere_and_gone_on_with_equal_those_of_a_fresh_start(
    model: Model, family: Family
) -> None:
    broken, fresh = breaking(model, family), unmoved(model, family)
    for request in typing(places=2, keys=2, before=500):
        check_same(broken.answer(request), fresh.afresh(request))
    together = [
        replace(one, path=f"{number}.py", max_tokens=12)
        for number, one in enumerate(typing(places=3, keys=1, before=400))
    ]
    for request, answer in zip(together, broken.answers(*together), strict=True):
        check_same(answer, fresh.afresh(request))
    assert isinstance(broken.sequences, Broken)
    assert broken.sequences.broken > 10
    assert broken.runner.status()["batches_broken_off"] == broken.sequences.broken
    broken.close()
    fresh.close()


def test_what_is_set_aside_with_its_positions_moved_is_never_left_halfway(model: Model) -> None:
    engine = Engine(model, QWEN)
    requests = list(typing(places=1, keys=3, before=400, after=300))
    engine.answer(requests[0])
    engine.sequences.__class__ = Broken
    reference = Engine(model, QWEN)
    reference.answer(requests[0])
    assert engine.sequences.moves
    for request in requests[1:]:
        answer = engine.answer(request)
        check_same(answer, reference.answer(request))
        assert answer.usage.evaluated_tokens < 8
    engine.close()
    reference.close()


def test_where_the_brake_cannot_be_had_work_runs_to_its_end(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twolane.clients.engine.brake._strlen", lambda: None)
    engine = Engine(model, STARTER)
    assert not engine.sequences.stops
    assert engine.runner.status()["stops_at_once"] is False
    engine.sequences.add(0, 0, [1, 2, 3], outputs=1)
    engine.sequences.stop()
    assert engine.sequences.decode() is True
    engine.close()


def test_this_machine_has_a_brake(model: Model) -> None:
    engine = Engine(model, STARTER)
    assert engine.sequences.stops
    engine.sequences.add(0, 0, [1, 2, 3], outputs=1)
    engine.sequences.stop()
    assert engine.sequences.decode() is False
    assert engine.sequences.length(0) == 0
    engine.sequences.go()
    engine.sequences.add(0, 0, [1, 2, 3], outputs=1)
    assert engine.sequences.decode() is True
    assert engine.sequences.length(0) == 3
    assert isinstance(engine.sequences._brake, Brake)
    engine.close()


def alike(family: Family, number: int, rest: str = "") -> InfillRequest:
    """Requests of different workspaces whose prompts begin alike, whatever the order of the parts."""
    shared = "".join(f"value_{line} = compute({line})\n" for line in range(20))
    own = f"\ndef f{number}(x):\n    return {rest}"
    before, after = (shared + own, "") if family is QWEN else (own, shared)
    return replace(asking(before, after), workspace=f"w{number}")


@pytest.mark.parametrize("family", [STARTER, QWEN], ids=lambda family: family.name)
def test_answers_on_a_beginning_taken_from_another_file_equal_those_of_a_fresh_start(
    model: Model, family: Family
) -> None:
    sharing, fresh = Engine(model, family, slots=2), unmoved(model, family)
    for number, rest in ((0, ""), (1, ""), (2, ""), (1, "x"), (0, "y"), (3, ""), (2, "z"), (3, "x")):
        request = alike(family, number, rest)
        answer = sharing.answer(request)
        check_same(answer, fresh.afresh(request))
        if number:
            assert answer.usage.reused_tokens > 200
    assert sharing.runner.status()["shared_tokens"] > 600
    sharing.close()
    fresh.close()


@pytest.mark.parametrize("family", [STARTER, QWEN], ids=lambda family: family.name)
def test_several_files_admitted_at_once_share_one_beginning(model: Model, family: Family) -> None:
    sharing, fresh = Engine(model, family, slots=3), unmoved(model, family)
    sharing.answer(alike(family, 0))
    requests = [alike(family, number) for number in (1, 2, 3, 4)]
    for request, answer in zip(requests, sharing.answers(*requests), strict=True):
        check_same(answer, fresh.afresh(request))
    for request in (alike(family, 0, "x"), alike(family, 2, "x")):
        check_same(sharing.answer(request), fresh.afresh(request))
    sharing.close()
    fresh.close()


def test_a_file_that_was_pre_empted_in_mid_answer_goes_on_as_if_nothing_had_been(model: Model) -> None:
    engine, fresh = unmoved(model, STARTER), unmoved(model, STARTER)
    low = replace(asking("def low(x):\n    return " + "x + " * 30, "\n", "low.py", 24), priority="background")
    high = asking("def high(y):\n    return " + "y * " * 30, "\n", "high.py", 12)
    engine.sequences.margins = []
    heard = Listener()
    job = Job(low, heard)
    engine.runner.submit(job)
    while len(job.generated) < 9:
        engine.runner.step()
    check_same(engine.answer(high), fresh.afresh(high))
    assert heard.usage is not None
    check_same(Answer(job.generated, [], heard.usage), fresh.afresh(low))
    engine.close()
    fresh.close()


def test_a_pool_too_small_for_all_files_parks_one_and_answers_all_the_same(model: Model) -> None:
    small, fresh = unmoved(model, QWEN, slots=2, context=256), unmoved(model, QWEN)
    small.runner._jobs._context_tokens = 512
    text = "".join(f"value_{line} = compute({line})\n" for line in range(12))
    for number in (1, 2, 1):
        request = asking(f"# {number}\n" + text, "", f"{number}.py")
        answer = small.answer(request)
        check_same(answer, fresh.afresh(request))
        assert answer.usage.prompt_tokens > 256
    assert len(small.runner.parking) == 1
    small.close()
    fresh.close()
