"""A small model guesses for a large one: answers stay what they are, and time is not lost for long."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import gguf_factory
from tests.clients.conftest import ask, engine, request, spec
from tests.clients.test_reuse import Engine, check_same
from twolane.clients.engine import control, loading
from twolane.clients.engine.draft_model import CONTEXT_TOKENS, Drafter, shared_vocabulary
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.engine.families import STARTER
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import DecodeFailed, Model, NoMemory, Sequences
from twolane.clients.errors import ModelRefused

VOCABULARY = 1000
READ_SECONDS, GUESS_SECONDS = 0.0002, 0.001


class Small:
    """A small model that says the number after each token; it tells what it reads and takes time for it."""

    def __init__(self, context_tokens: int = CONTEXT_TOKENS) -> None:
        self.context_tokens = context_tokens
        self.now = 0.0
        self.held: dict[int, list[int]] = {}
        self.read: list[int] = []
        self.fails = False
        self._batch: list[int] = []
        self._slot = 0

    def clock(self) -> float:
        return self.now

    @property
    def room(self) -> int:
        return 64 - len(self._batch)

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        assert position == len(self.held.setdefault(slot, []))
        self._slot, self._batch = slot, tokens
        return range(len(tokens) - outputs, len(tokens))

    def decode(self) -> bool:
        if self.fails:
            raise DecodeFailed("no memory")
        self.now += GUESS_SECONDS if len(self._batch) == 1 else READ_SECONDS * len(self._batch)
        self.read += self._batch
        self.held[self._slot] += self._batch
        assert len(self.held[self._slot]) <= self.context_tokens
        self._batch = []
        return True

    def likeliest(self, index: int) -> int:
        return self.held[self._slot][-1] + 1

    def forget(self, slot: int, position: int) -> bool:
        del self.held.setdefault(slot, [])[position:]
        return True


def rich(small: Small) -> Drafter:
    """A drafter that has won so much that it may guess."""
    drafter = Drafter(small, VOCABULARY, small.clock)
    drafter.stepped(0.5)
    until_guesses(drafter, 9, [1, 2, 3])
    until_guesses(drafter, 9, [1, 2, 3, 9])
    small.read.clear()
    return drafter


def until_guesses(drafter: Drafter, slot: int, tokens: list[int], most: int = 8) -> list[int]:
    for _ in range(100):
        if guesses := drafter.propose(slot, tokens, most):
            return guesses
    raise AssertionError("it never guesses")


def test_only_what_is_new_is_read() -> None:
    small = Small()
    drafter = rich(small)
    assert until_guesses(drafter, 0, [5, 6, 7], 2) == [8, 9]
    assert small.read == [5, 6, 7, 8]
    small.read.clear()
    assert until_guesses(drafter, 0, [5, 6, 7, 8, 9, 10], 2) == [11, 12]
    assert small.read == [9, 10, 11]
    small.read.clear()
    assert until_guesses(drafter, 0, [5, 6, 500], 1) == [501]
    assert small.read == [500]
    assert until_guesses(drafter, 1, [5, 6], 1) == [7]
    drafter.forget(0)
    assert small.held[0] == []


def test_of_a_long_prompt_only_the_end_is_read_and_typing_seldom_moves_it() -> None:
    small = Small()
    drafter = rich(small)
    tokens = [number % 900 for number in range(3000)]
    until_guesses(drafter, 0, tokens, 1)
    assert len(small.read) <= 2 * 256
    small.read.clear()
    for _ in range(256):
        tokens.append(3)
        until_guesses(drafter, 0, tokens, 1)
    assert len(small.read) <= 3 * 256


@pytest.mark.parametrize("window", [8, 128, 512])
def test_a_small_model_with_a_small_window_stays_within_it(window: int) -> None:
    small = Small(window)
    drafter = rich(small)
    tokens = [number % 900 for number in range(600)]
    guesses = 0
    for number in range(300):
        tokens.append(number % 7)
        guesses += len(until_guesses(drafter, 0, tokens))
        assert len(small.held[0]) <= window
    assert guesses > 0


def test_what_the_small_model_does_not_know_is_neither_read_nor_guessed() -> None:
    small = Small()
    drafter = rich(small)
    assert drafter.propose(0, [5, VOCABULARY], 4) == []
    assert until_guesses(drafter, 0, [996], 3) == [997, 998, 999]
    assert until_guesses(drafter, 0, [997], 3) == [998, 999]


def test_a_small_model_that_fails_costs_no_answer() -> None:
    small = Small()
    drafter = rich(small)
    small.fails = True
    assert drafter.propose(0, [5, 6], 2) == []
    small.fails = False
    assert until_guesses(drafter, 0, [5, 6], 1) == [7]


def seconds_for(right: float, *, step: float, per_guess: float, tokens: int = 4000) -> float:
    """How long an answer takes whose guesses are right with the chance `right`, each making a step longer."""
    small, chance = Small(), random.Random(0)
    drafter = Drafter(small, VOCABULARY, small.clock)
    said = [3] * 300
    while len(said) < 300 + tokens:
        guesses = drafter.propose(0, said, 8)
        agreed = next((at for at, _ in enumerate(guesses) if chance.random() > right), len(guesses))
        seconds = step + per_guess * len(guesses)
        small.now += seconds
        drafter.stepped(seconds, checked=len(guesses), right=agreed, drafted=bool(guesses))
        said += [token % 900 for token in guesses[:agreed]] + [7]
    return small.now


@pytest.mark.parametrize(("step", "per_guess"), [(0.02, 0.0005), (0.005, 0.002), (0.0015, 0.001)])
def test_wrong_guesses_cost_next_to_nothing(step: float, per_guess: float) -> None:
    assert seconds_for(0.0, step=step, per_guess=per_guess) < 1.06 * 4000 * step


def test_right_guesses_save_time() -> None:
    assert seconds_for(0.8, step=0.02, per_guess=0.001) < 0.6 * 4000 * 0.02


def test_both_models_must_know_the_same_words(tmp_path: Path) -> None:
    large = gguf_factory.write(tmp_path / "large.gguf")
    same = gguf_factory.write(tmp_path / "same.gguf", layers=1, width=32, seed=5)
    assert shared_vocabulary(large, same) == 265
    padded = gguf_factory.write(tmp_path / "padded.gguf", control=(*gguf_factory.FIM_TOKENS, "[PAD265]", "[PAD266]"))
    assert shared_vocabulary(large, padded) == 265
    other = gguf_factory.write(tmp_path / "other.gguf", control=("<|start|>", *gguf_factory.FIM_TOKENS[1:]))
    with pytest.raises(
        ModelRefused, match=r"other\.gguf has another vocabulary than the model \(token 258 is another\)"
    ):
        shared_vocabulary(large, other)
    many = gguf_factory.write(tmp_path / "many.gguf", control=tuple(f"<{number}>" for number in range(2000)))
    with pytest.raises(ModelRefused, match=r"\(2258 tokens instead of 265\): choose a small model of the same family"):
        shared_vocabulary(large, many)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A large model, a small one that says the same, and one that says something else."""
    folder = tmp_path_factory.mktemp("models")

    def write(name: str, *, seed: int = 0, idle_layers: int = 0) -> Path:
        return gguf_factory.write(
            folder / f"{name}.gguf",
            name=name,
            width=128,
            context=2048,
            endless=True,
            seed=seed,
            idle_layers=idle_layers,
        )

    return {"large": write("large", idle_layers=16), "same": write("same"), "other": write("other", seed=7)}


class Beside:
    """A large model with a small one beside it, in this process."""

    def __init__(self, large: Path, small: Path) -> None:
        library = Library()
        self._models = [Model(library, path, 0, lambda _: None) for path in (large, small)]
        self.engine = Engine(self._models[0], STARTER)
        self._cache = Sequences(
            self._models[1], context_tokens=CONTEXT_TOKENS, slots=2, threads=1, batch_tokens=64, movable=False
        )
        self.drafter = Drafter(self._cache, self._models[1].vocabulary_size)

    def close(self) -> None:
        self.engine.close()
        self._cache.close()
        for model in self._models:
            model.close()


@pytest.fixture(params=["same", "other"])
def beside(request: pytest.FixtureRequest, models: dict[str, Path]) -> Iterator[Beside]:
    pair = Beside(models["large"], models[request.param])
    yield pair
    pair.close()


def test_answers_are_those_of_the_large_model_alone_token_by_token(beside: Beside) -> None:
    texts = ["def f(x):\n    return ", "class Shape:\n    def area(self) -> float:\n        ", "# " + "words " * 60]
    wanted = [request(text, max_tokens=30, path=f"{number}.py") for number, text in enumerate(texts)]
    alone = [beside.engine.afresh(each) for each in wanted]
    beside.engine.runner.drafter = beside.drafter
    beside.drafter.stepped(0.01)
    for each, reference in zip(wanted, alone, strict=True):
        check_same(beside.engine.afresh(each), reference)
    assert beside.drafter.guessed_tokens > 0
    together = beside.engine.answers(*wanted[:2])
    for answer, reference in zip(together, alone, strict=False):
        check_same(answer, reference)


async def test_right_guesses_are_taken_and_told(place: Endpoint, models: dict[str, Path]) -> None:
    alone, helped = spec(models["large"]), replace(spec(models["large"]), draft_model=str(models["same"]))
    async with engine(alone, place) as without, engine(helped, place) as beside:
        await without.info()
        await beside.info()
        for text in ("def f(x):\n    return ", "while True:\n    "):
            expected, _ = await ask(without, request(text, max_tokens=100))
            said, usage = await ask(beside, request(text, max_tokens=100))
            assert said == expected
            assert usage.guessed_tokens
        (told,) = [model for model in (await control.status(place))["models"] if model["draft_model"]]
    assert told["draft_model"]["path"] == str(models["same"])
    assert told["draft_model"]["accepted_tokens"] == told["draft_model"]["guessed_tokens"] > 0
    assert told["shares_weights"] is True


async def test_a_draft_model_that_cannot_be_used_is_refused_and_nothing_is_left(
    place: Endpoint, models: dict[str, Path], tmp_path: Path
) -> None:
    other = gguf_factory.write(tmp_path / "other.gguf", control=("<|start|>", *gguf_factory.FIM_TOKENS[1:]))
    for draft, reason in (
        (other, r"other\.gguf has another vocabulary"),
        (tmp_path / "none.gguf", r"none\.gguf does not exist"),
    ):
        async with engine(replace(spec(models["large"]), draft_model=str(draft)), place) as local:
            with pytest.raises(ModelRefused, match=reason):
                await local.info()
    assert not [model for model in (await control.status(place))["models"] if "name" in model]


def test_where_memory_is_short_for_the_small_model_the_large_one_answers_alone(
    tmp_path: Path, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, made = loading._sequences, []

    def sequences(*given: Any, **named: Any) -> Any:
        made.append(given)
        if len(made) == 2:
            raise NoMemory("There is not enough memory for 2 contexts of 512 tokens.")
        return whole(*given, **named)

    monkeypatch.setattr(loading, "_sequences", sequences)
    wanted = replace(spec(models["large"]), draft_model=str(models["same"]))
    loader = loading.Loader(Library(), tmp_path)
    loaded = loader(wanted, lambda _: None)
    told = loaded.status()
    assert told["draft_model"] is None
    assert told["stepped_down"] == f"memory was too short for the draft model {models['same']}, so it is left out"
    assert told["name"]
    loaded.close()
    loader.leave(forget=True)
