"""What is reused does not change the answer: exactly where only the end was read, nearly where a block moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import gguf_factory
from tests.clients.test_job import Listener
from twolane.clients.engine.drafts import Drafts
from twolane.clients.engine.families import QWEN, STARTER, Family
from twolane.clients.engine.job import Job
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model, Sequences
from twolane.clients.engine.marks import Marks
from twolane.clients.engine.parking import Parking
from twolane.clients.engine.prompt import PromptBuilder
from twolane.clients.engine.reuse import Reuse, common, plan
from twolane.clients.engine.runner import Runner
from twolane.clients.engine.spec import KvType
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


class Watched(Sequences):
    """Remembers how far ahead each choice was, and the distribution it was taken from."""

    margins: list[float]
    last: np.ndarray[tuple[int], np.dtype[np.float32]]

    def likeliest(self, index: int) -> int:
        scores = self.logits(index)
        second, first = np.partition(scores, -2)[-2:]
        self.margins.append(float(first - second))
        odds = np.exp(scores - first)
        self.last = odds / odds.sum()
        return super().likeliest(index)


@dataclass
class Answer:
    tokens: list[int]
    margins: list[float]
    usage: Usage


class Engine:
    """A runner over the real model, in this process.

    An `exact` one computes attention in one way for batches of every size: llama.cpp's flash attention on a processor
    rounds small ones and large ones differently, which a model of random weights turns into other words. `marks` are
    bytes for them.
    """

    def __init__(
        self,
        model: Model,
        family: Family,
        *,
        slots: int = 2,
        exact: bool = True,
        context: int = 2048,
        kv_type: KvType = "f16",
        marks: int = 0,
    ) -> None:
        self.sequences = Watched(
            model,
            context_tokens=context,
            slots=slots,
            threads=1,
            batch_tokens=min(512, context),
            movable=not family.prefix_last,
            full_precision=exact,
            flash_attention="off" if exact else "auto",
            kv_type=kv_type,
        )
        builder = PromptBuilder(family, model.tokenize, model.special, model.begin, tells_lasting=marks > 0)
        parking = Parking(1 << 24, Marks(marks) if marks else None)
        self.runner = Runner(builder, model, self.sequences, slots=slots, threads=lambda: 1, parking=parking)

    def answers(self, *requests: InfillRequest) -> list[Answer]:
        self.sequences.margins = []
        listeners = [Listener() for _ in requests]
        jobs = [Job(request, listener) for request, listener in zip(requests, listeners, strict=True)]
        for job in jobs:
            self.runner.submit(job)
        while self.runner.busy:
            self.runner.step()
        usages = [listener.usage for listener in listeners if listener.usage]
        return [Answer(job.generated, self.sequences.margins, usage) for job, usage in zip(jobs, usages, strict=True)]

    def answer(self, request: InfillRequest) -> Answer:
        (answer,) = self.answers(request)
        return answer

    def afresh(self, request: InfillRequest) -> Answer:
        for sequence in self.runner.slots:
            sequence.clear()
        return self.answer(request)

    def close(self) -> None:
        self.sequences.close()


def check_same(answer: Answer, reference: Answer) -> None:
    """Equal token by token; they may part only where the reference's two best were as good as equal."""
    same = common(answer.tokens, reference.tokens)
    if same < max(len(answer.tokens), len(reference.tokens)):
        assert reference.margins[same] < 0.01, f"{answer.tokens} is not {reference.tokens}"


def asking(before: str, after: str, path: str = "signer.py", most: int = 12) -> InfillRequest:
    return InfillRequest(before, after, path, "w", "itsdangerous", max_tokens=most, time_limit_ms=60_000)


def typing(*, places: int, keys: int, before: int = 300, after: int = 150) -> Iterator[InfillRequest]:
    """Someone types `keys` characters at each of `places` places of a real file."""
    project = files("twolane.server") / "demo" / "project"
    text = next(Path(str(project)).rglob("signer.py")).read_text("utf-8")
    for place in range(places):
        start = (place + 1) * len(text) // (places + 2)
        for end in range(start, start + keys):
            yield asking(text[max(0, start - before) : end], text[start + keys : start + keys + after])


def test_answers_on_a_reused_beginning_equal_those_of_a_fresh_start(model: Model) -> None:
    kept, fresh = Engine(model, STARTER), Engine(model, STARTER, slots=1)
    reused = read = 0
    for request in typing(places=3, keys=8):
        answer = kept.answer(request)
        check_same(answer, fresh.afresh(request))
        reused, read = reused + answer.usage.reused_tokens, read + answer.usage.evaluated_tokens
    assert reused > 4 * read
    kept.close()
    fresh.close()


def test_answers_beside_others_equal_those_alone(model: Model) -> None:
    together, alone = Engine(model, STARTER, slots=3), Engine(model, STARTER, slots=1)
    requests = [
        asking(one.prefix, one.suffix, f"{number}.py", 24) for number, one in enumerate(typing(places=5, keys=1))
    ]
    for request, answer in zip(requests, together.answers(*requests), strict=True):
        check_same(answer, alone.afresh(request))
    together.close()
    alone.close()


def test_a_parked_files_answer_equals_that_of_a_fresh_start(model: Model) -> None:
    one, fresh = Engine(model, STARTER, slots=1), Engine(model, STARTER, slots=1)
    first, second, third = typing(places=1, keys=3)
    other = asking("something else\n" * 9, "", "other.py")
    for request in (first, other, second, other, third):
        answer = one.answer(request)
        check_same(answer, fresh.afresh(request))
    assert answer.usage.evaluated_tokens < 8
    assert len(one.runner.parking) == 1
    one.close()
    fresh.close()


def test_guesses_change_the_speed_and_nothing_else(model: Model) -> None:
    guessing, plain = Engine(model, STARTER), Engine(model, STARTER)
    plain.sequences.cuts = False
    line = "    total = total + price[item] * amount[item]\n"
    guessed = accepted = 0
    for request in (
        *typing(places=4, keys=1, before=600),
        asking(line * 8 + "    total = ", "\n" + line, "a.py", 40),
        asking("x" * 200, "", "b.py", 40),
    ):
        answer, reference = guessing.answer(request), plain.answer(request)
        check_same(answer, reference)
        guessed += answer.usage.guessed_tokens
        accepted += answer.usage.accepted_tokens
        assert reference.usage.guessed_tokens == 0
    assert guessed > accepted
    guessing.close()
    plain.close()


def test_a_moved_block_hardly_changes_what_the_model_says_next(trained: Model) -> None:
    moved, fresh = Engine(trained, QWEN, exact=False), Engine(trained, QWEN, exact=False, slots=1)
    assert moved.sequences.moves, "the starter's cache can be moved"
    distances, read, prompts = [], 0, 0
    for request in typing(places=4, keys=8, before=900, after=500):
        one = asking(request.prefix, request.suffix, most=1)
        usage = moved.answer(one).usage
        fresh.afresh(one)
        distances.append(float(np.abs(moved.sequences.last - fresh.sequences.last).sum()) / 2)
        read, prompts = read + usage.evaluated_tokens, prompts + usage.prompt_tokens
    assert read / prompts < 0.2, "blocks were hardly ever moved"
    assert sum(distances) / len(distances) < 0.04, "total variation from a fresh start, on average"
    moved.close()
    fresh.close()


def test_a_block_in_eight_bits_is_not_moved_until_rounding_has_worn_it_away(trained: Model) -> None:
    moved, fresh = (Engine(trained, QWEN, exact=False, slots=1, context=1024, kv_type="q8_0") for _ in range(2))
    (here,) = typing(places=1, keys=1, before=200, after=400)
    for _ in range(200):
        for typed in ("x = qa zb yc + ", "x = "):
            request = asking(here.prefix + typed, here.suffix, most=1)
            moved.answer(request)
    fresh.answer(request)
    distance = float(np.abs(moved.sequences.last - fresh.sequences.last).sum()) / 2
    assert distance < 0.06, "total variation from a fresh start"
    moved.close()
    fresh.close()


def test_guesses_follow_what_stood_there_before() -> None:
    assert Drafts([1, 2, 3, 4, 5, 1, 2]).propose(3) == [3, 4, 5]
    assert Drafts([9, 1, 2, 1, 2]).propose(4) == [1, 2, 1, 2]
    assert Drafts([1, 2, 3, 9, 1, 2, 4, 1, 2]).propose(2) == [4, 1]
    assert Drafts([1, 2, 3]).propose(4) == []
    assert Drafts([256, 1 << 16, 7, 256, 1 << 16]).propose(1) == [7]
    assert Drafts([5, 5, 5]).propose(3) == [5, 5, 5]
    wrong = Drafts([1, 2, 3, 4, 1, 2])
    wrong.judged(4, 0)
    assert wrong.propose(4) == []


tokens = st.lists(st.integers(0, 3), max_size=60)


@given(tokens, tokens, tokens, tokens, tokens)
def test_a_plan_never_claims_what_is_not_there(
    start: list[int], old: list[int], new: list[int], end: list[int], said: list[int]
) -> None:
    before, after = [*start, *old, *end, 9], [*start, *new, *end, 9]
    held = before + said
    reuse = plan(held, before, after, may_change=96)
    assert held[: reuse.same] == after[: reuse.same]
    assert reuse.same < len(after)
    moved = held[reuse.moved_from : reuse.moved_from + reuse.moved]
    assert after[len(after) - 1 - reuse.moved : -1] == moved if reuse.moved else moved == []
    assert reuse.same + reuse.moved < len(after)
    assert reuse.moved == 0 or (reuse.moved_from >= reuse.same and reuse.changed <= 96)


def test_nothing_is_moved_where_it_is_not_allowed_or_not_worth_it() -> None:
    suffix = list(range(100, 140))
    assert plan([1, 2, *suffix], [1, 2, *suffix], [1, 3, *suffix], may_change=0) == Reuse(1)
    assert plan([1, 2, *suffix], [1, 2, *suffix], [1, 3, 4, *suffix], may_change=96) == Reuse(1, 37, 4, 2)
    assert plan([1, 2, *suffix], [1, 2, *suffix], [1, *range(3, 200), *suffix], may_change=96).moved == 0
    assert plan([1, 2, 5, 6], [1, 2, 5, 6], [1, 3, 5, 6], may_change=96).moved == 0


@given(tokens, tokens)
def test_the_common_beginning_is_found(a: list[int], b: list[int]) -> None:
    expected = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    assert common(a, b) == expected
