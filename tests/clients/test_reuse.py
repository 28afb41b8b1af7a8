"""What is reused does not change the answer: exactly where only the end was read, nearly where a block moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import gguf_factory
from tests.clients.test_job import Listener
from twolane.clients.engine import runner as runner_module
from twolane.clients.engine.families import QWEN, STARTER, Family
from twolane.clients.engine.job import Job
from twolane.clients.engine.llama import Library, Model, Sequences
from twolane.clients.engine.parking import Parking
from twolane.clients.engine.prompt import PromptBuilder
from twolane.clients.engine.reuse import Reuse, common, plan
from twolane.clients.engine.runner import Runner
from twolane.clients.model import InfillRequest, Usage


@pytest.fixture(scope="module")
def trained(starter: Path) -> Iterator[Model]:
    """A model whose answers mean something; near-ties make single tokens depend on rounding."""
    loaded = Model(Library(), starter, 0, lambda _: None)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    """A model of random weights in full precision: its choices are far apart, so that equal means equal."""
    path = tmp_path_factory.mktemp("models") / "random.gguf"
    loaded = Model(Library(), gguf_factory.write(path, endless=True, context=4096, layers=3), 0, lambda _: None)
    yield loaded
    loaded.close()


class Engine:
    """A runner over the real model, in this process."""

    def __init__(self, model: Model, family: Family, *, moves: bool = True, slots: int = 2, exact: bool = True) -> None:
        self.sequences = Sequences(
            model, context_tokens=2048, slots=slots, threads=1, batch_tokens=512, full_precision=True
        )
        self.sequences.moves = self.sequences.moves and moves
        builder = PromptBuilder(family, model.tokenize, model.special, model.begin)
        self.runner = Runner(builder, model, self.sequences, slots=slots, threads=lambda: 1, parking=Parking(1 << 24))

    def answer(self, request: InfillRequest) -> tuple[str, Usage]:
        listener = Listener()
        self.runner.submit(Job(request, listener))
        while self.runner.busy:
            self.runner.step()
        assert listener.usage is not None
        return "".join(listener.pieces), listener.usage


def typing(*, places: int, keys: int, before: int = 300, after: int = 150) -> Iterator[InfillRequest]:
    """Someone types `keys` characters at each of `places` places of a real file."""
    text = Path(runner_module.__file__).read_text("utf-8")
    for place in range(places):
        start = (place + 1) * len(text) // (places + 2)
        for end in range(start, start + keys):
            head, tail = text[max(0, start - before) : end], text[start + keys : start + keys + after]
            yield InfillRequest(head, tail, "runner.py", "w", "twolane", max_tokens=12, time_limit_ms=60_000)


def test_answers_on_a_reused_beginning_equal_those_of_a_fresh_start(model: Model) -> None:
    kept, fresh = Engine(model, STARTER), Engine(model, STARTER, slots=1)
    reused = read = 0
    for request in typing(places=3, keys=8):
        text, usage = kept.answer(request)
        fresh.runner.slots[0].clear()
        assert fresh.answer(request)[0] == text
        reused, read = reused + usage.reused_tokens, read + usage.evaluated_tokens
    assert reused > 4 * read
    kept.sequences.close()
    fresh.sequences.close()


def test_answers_beside_others_equal_those_alone(model: Model) -> None:
    together, alone = Engine(model, STARTER, slots=3), Engine(model, STARTER, slots=1)
    requests = [
        InfillRequest(one.prefix, one.suffix, f"{number}.py", "w", "twolane", max_tokens=24, time_limit_ms=60_000)
        for number, one in enumerate(typing(places=5, keys=1))
    ]
    listeners = [Listener() for _ in requests]
    for request, listener in zip(requests, listeners, strict=True):
        together.runner.submit(Job(request, listener))
    while together.runner.busy:
        together.runner.step()
    for request, listener in zip(requests, listeners, strict=True):
        assert alone.answer(request)[0] == "".join(listener.pieces)
    together.sequences.close()
    alone.sequences.close()


def test_a_parked_files_answer_equals_that_of_a_fresh_start(model: Model) -> None:
    one, fresh = Engine(model, STARTER, slots=1), Engine(model, STARTER, slots=1)
    first, second, third = typing(places=1, keys=3)
    other = InfillRequest("something else\n" * 9, "", "other.py", "w", "twolane", max_tokens=12, time_limit_ms=60_000)
    for request in (first, other, second, other, third):
        text, usage = one.answer(request)
        fresh.runner.slots[0].clear()
        assert fresh.answer(request)[0] == text
    assert usage.evaluated_tokens < 8
    assert len(one.runner.parking) == 1
    one.sequences.close()
    fresh.sequences.close()


def test_answers_after_a_moved_block_nearly_always_equal_those_of_a_fresh_start(trained: Model) -> None:
    moved, fresh = Engine(trained, QWEN, exact=False), Engine(trained, QWEN, exact=False, moves=False, slots=1)
    if not moved.sequences.moves:
        pytest.fail("this model's cache cannot be moved; the starter's must")
    same = total = read = prompts = 0
    for request in typing(places=3, keys=8, before=900, after=500):
        text, usage = moved.answer(request)
        fresh.runner.slots[0].clear()
        same += fresh.answer(request)[0] == text
        total += 1
        read, prompts = read + usage.evaluated_tokens, prompts + usage.prompt_tokens
    assert read / prompts < 0.2, "blocks were hardly ever moved"
    assert same / total >= 0.9, f"only {same} of {total} answers agree"
    moved.sequences.close()
    fresh.sequences.close()


tokens = st.lists(st.integers(0, 3), max_size=60)


@given(tokens, tokens, tokens, tokens, tokens)
def test_a_plan_never_claims_what_is_not_there(
    start: list[int], old: list[int], new: list[int], end: list[int], said: list[int]
) -> None:
    before, after = [*start, *old, *end, 9], [*start, *new, *end, 9]
    held = before + said
    reuse = plan(held, len(before), after, may_change=96)
    assert held[: reuse.same] == after[: reuse.same]
    assert reuse.same < len(after)
    moved = held[reuse.moved_from : reuse.moved_from + reuse.moved]
    assert after[len(after) - 1 - reuse.moved : -1] == moved if reuse.moved else moved == []
    assert reuse.same + reuse.moved < len(after)
    assert reuse.moved == 0 or (reuse.moved_from >= reuse.same and reuse.changed <= 96)


def test_nothing_is_moved_where_it_is_not_allowed_or_not_worth_it() -> None:
    suffix = list(range(100, 140))
    assert plan([1, 2, *suffix], 42, [1, 3, *suffix], may_change=0) == Reuse(1)
    assert plan([1, 2, *suffix], 42, [1, 3, *suffix], may_change=96) == Reuse(1, 39, 2, 1)
    assert plan([1, 2, *suffix], 42, [1, *range(3, 200), *suffix], may_change=96).moved == 0
    assert plan([1, 2, 5, 6], 4, [1, 3, 5, 6], may_change=96).moved == 0


@given(tokens, tokens)
def test_the_common_beginning_is_found(a: list[int], b: list[int]) -> None:
    expected = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    assert common(a, b) == expected
