"""Models whose memory cannot be cut, or forgets what is far away: right answers, and the status says why so slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients.odd_models import write_recurrent, write_sliding
from tests.clients.test_reuse import Engine, asking, check_same, typing
from twolane.clients.engine.families import QWEN
from twolane.clients.engine.llama import Library, Model

WINDOW = 64


def loaded(path: Path) -> Model:
    return Model(Library(), path, 0, lambda _: None)


@pytest.fixture(scope="module")
def recurrent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = loaded(write_recurrent(tmp_path_factory.mktemp("models") / "mamba.gguf"))
    yield model
    model.close()


@pytest.fixture(scope="module")
def sliding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = loaded(write_sliding(tmp_path_factory.mktemp("models") / "gemma.gguf", WINDOW))
    yield model
    model.close()


def check_right(model: Model, expect: Callable[[Engine], None]) -> None:
    """Typing, jumping between files, sharing and warming change no answer; then `expect` looks at the engine."""
    kept, fresh = Engine(model, QWEN, slots=2), Engine(model, QWEN, slots=1)
    for number, request in enumerate(typing(places=2, keys=5, before=300)):
        wanted = replace(request, path=f"{number % 3}.py")
        if number % 4 == 1:
            kept.answer(replace(wanted, max_tokens=0, priority="warm"))
        check_same(kept.answer(wanted), fresh.afresh(wanted))
    assert not kept.sequences.moves
    expect(kept)
    kept.close()
    fresh.close()


def test_a_memory_that_cannot_be_cut_is_read_again_and_the_status_says_so(recurrent: Model) -> None:
    def expect(engine: Engine) -> None:
        assert not engine.sequences.cuts
        assert "whole prompts only" in engine.runner.status()["reuse"]
        assert engine.runner.status()["stops_at_once"] is False

    check_right(recurrent, expect)


def test_a_memory_that_cannot_be_cut_is_never_broken_off(recurrent: Model) -> None:
    engine = Engine(recurrent, QWEN)
    engine.sequences.add(0, 0, [1, 2, 3], outputs=1)
    engine.sequences.stop()
    assert engine.sequences.decode() is True
    engine.close()


def test_what_just_goes_on_is_not_read_again_even_there(recurrent: Model) -> None:
    engine, fresh = Engine(recurrent, QWEN), Engine(recurrent, QWEN, slots=1)
    request = asking("def f(x):\n    return ", "\n")
    engine.answer(replace(request, max_tokens=0, priority="warm"))
    answer = engine.answer(request)
    check_same(answer, fresh.afresh(request))
    assert answer.usage.evaluated_tokens == 1
    engine.close()
    fresh.close()


def test_a_sliding_window_is_cut_where_it_still_holds_what_it_needs(sliding: Model) -> None:
    def expect(engine: Engine) -> None:
        assert engine.sequences.cuts
        assert engine.runner.status()["reuse"] == "what a prompt begins with stays; nothing is moved"

    check_right(sliding, expect)


def test_a_long_text_behind_a_sliding_window_is_reused(sliding: Model) -> None:
    engine, fresh = Engine(sliding, QWEN), Engine(sliding, QWEN, slots=1)
    text = "".join(f"value_{line} = compute({line})\n" for line in range(30))
    for end in (len(text) - 200, len(text) - 20, len(text) - 120):
        request = asking(text[:end], "\n")
        answer = engine.answer(request)
        check_same(answer, fresh.afresh(request))
    assert answer.usage.reused_tokens > 4 * WINDOW
    engine.close()
    fresh.close()
