"""Models whose memory cannot be cut, or forgets what is far away: right answers, and the status says why so slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients.odd_models import write_hybrid, write_recurrent, write_sliding
from tests.clients.test_job import Listener
from tests.clients.test_reuse import Answer, Engine, asking, check_same, typing
from twolane.clients.engine.families import QWEN, STARTER, Family
from twolane.clients.engine.gguf_check import read_header
from twolane.clients.engine.job import Job
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model
from twolane.clients.engine.loading import Loader
from twolane.clients.engine.spec import ModelSpec

WINDOW = 64


def loaded(path: Path) -> Model:
    return Model(Library(), path, 0, lambda _: None)


@pytest.fixture(scope="module")
def recurrent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = loaded(write_recurrent(tmp_path_factory.mktemp("models") / "mamba.gguf"))
    yield model
    model.close()


@pytest.fixture(scope="module")
def hybrid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = loaded(write_hybrid(tmp_path_factory.mktemp("models") / "granite.gguf"))
    yield model
    model.close()


@pytest.fixture(scope="module", params=["recurrent", "hybrid"])
def uncut(request: pytest.FixtureRequest) -> Model:
    """Models of which nothing can be cut off a sequence."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def sliding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = loaded(write_sliding(tmp_path_factory.mktemp("models") / "gemma.gguf", WINDOW))
    yield model
    model.close()


def check_right(model: Model, expect: Callable[[Engine], None], marks: int = 0) -> None:
    """Typing, jumping between files, sharing and warming change no answer; then `expect` looks at the engine."""
    kept, fresh = Engine(model, QWEN, slots=2, marks=marks), Engine(model, QWEN, slots=1)
    for number, request in enumerate(typing(places=2, keys=5, before=300)):
        wanted = replace(request, path=f"{number % 3}.py")
        if number % 4 == 1:
            kept.answer(replace(wanted, max_tokens=0, priority="warm"))
        check_same(kept.answer(wanted), fresh.afresh(wanted))
    assert not kept.sequences.moves
    expect(kept)
    kept.close()
    fresh.close()


@pytest.mark.parametrize("marks", [0, 20_000, 1 << 24], ids=["no marks", "few marks", "all marks"])
def test_a_memory_that_cannot_be_cut_gives_the_right_answers_and_the_status_tells(uncut: Model, marks: int) -> None:
    def expect(engine: Engine) -> None:
        assert not engine.sequences.cuts
        assert "cannot be cut" in engine.runner.status()["reuse"]
        assert engine.runner.status()["stops_at_once"] is False
        assert (engine.runner.parking.marks is not None) == (marks > 0)
        if engine.runner.parking.marks:
            assert 0 < engine.runner.parking.marks.size <= marks

    check_right(uncut, expect, marks)


LINES = "".join(f"value_{line} = compute({line})\n" for line in range(20))


def typed(engine: Engine, fresh: Engine, line: str, above: str = LINES, below: str = "done()\n") -> list[Answer]:
    """What is answered at each key of a line, each answer equal to that of a fresh start."""
    answers = []
    for end in range(1, len(line) + 1):
        request = asking(above + line[:end], below)
        answers.append(engine.answer(request))
        check_same(answers[-1], fresh.afresh(request))
    return answers


@pytest.mark.parametrize("family", [QWEN, STARTER], ids=["suffix last", "prefix last"])
def test_a_key_has_only_its_line_read_again_where_marks_are_kept(uncut: Model, family: Family) -> None:
    engine, fresh = Engine(uncut, family, marks=1 << 24), Engine(uncut, family, slots=1)
    line, below = "    total = value", "done()\n"
    first, *later = typed(engine, fresh, line, below=below)
    assert first.usage.reused_tokens == 0
    for number, answer in enumerate(later, 2):
        assert answer.usage.evaluated_tokens <= number + len(below) + 8
        assert answer.usage.reused_tokens > len(LINES)
    engine.close()
    fresh.close()


def test_a_line_that_is_joined_to_the_one_above_is_set_back_to_that_one(uncut: Model) -> None:
    engine, fresh = Engine(uncut, STARTER, marks=1 << 24), Engine(uncut, STARTER, slots=1)
    typed(engine, fresh, "first = 1")
    typed(engine, fresh, "se", above=f"{LINES}first = 1\n")
    joined = typed(engine, fresh, "s", above=f"{LINES}first = 1")
    assert joined[0].usage.reused_tokens > len(LINES)
    engine.close()
    fresh.close()


def test_a_file_that_was_parked_comes_back_with_its_marks(uncut: Model) -> None:
    engine, fresh = Engine(uncut, STARTER, slots=1, marks=1 << 24), Engine(uncut, STARTER, slots=1)
    typed(engine, fresh, "first")
    engine.answer(asking("other = 2\n" * 20, "", path="other.py"))
    back = engine.answer(asking(f"{LINES}first ", "done()\n"))
    check_same(back, fresh.afresh(asking(f"{LINES}first ", "done()\n")))
    assert back.usage.reused_tokens > len(LINES)
    engine.close()
    fresh.close()


@pytest.mark.parametrize("write", [write_recurrent, write_hybrid], ids=["recurrent", "hybrid"])
def test_a_model_that_cannot_be_cut_is_loaded_with_marks_and_its_memory_is_counted(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = write(tmp_path / "odd.gguf")
    loader = Loader(Library(), tmp_path)
    model = loader(ModelSpec(str(path), threads=1), lambda _: None)
    try:
        usages = []
        for typed_so_far in ("t", "to"):
            listener = Listener()
            model.runner.submit(Job(asking(LINES + typed_so_far, "", most=4), listener))
            while model.runner.busy:
                model.runner.step()
            assert listener.usage is not None
            usages.append(listener.usage)
        assert usages[0].reused_tokens == 0
        assert usages[1].reused_tokens > usages[1].prompt_tokens // 2
        told = model.status()
        assert told["memory"]["kv_bytes"] >= model.plan.slots * read_header(path).state_bytes > 0
        assert told["memory"]["parked_bytes"] > read_header(path).state_bytes
        assert not model.sequences.branches
    finally:
        model.close()
        loader.leave(forget=True)


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
