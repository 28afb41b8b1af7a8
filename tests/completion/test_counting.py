"""What a text costs, before and after the model has counted it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from twolane.clients.errors import ModelUnavailable
from twolane.completion.counting import TokenCounts


class Threefold:
    """A model whose tokens are a third of a word."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        self.asked.append(list(texts))
        return [3 * len(text.split()) for text in texts]


class Away:
    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        raise ModelUnavailable("The engine is away.")


def words(text: str) -> int:
    return len(text.split())


async def test_a_text_is_counted_by_the_model_once_it_was_met() -> None:
    counts, model = TokenCounts(words), Threefold()
    assert counts("one two") == 2
    assert await counts.learn(model) == 1
    assert counts("one two") == 6
    assert await counts.learn(model) == 0
    assert model.asked == [["one two"]]


async def test_what_was_never_counted_is_estimated_at_the_rate_of_what_was() -> None:
    counts = TokenCounts(words)
    counts("one two three")
    await counts.learn(Threefold())
    assert counts("four five") == 6


async def test_a_model_that_is_away_leaves_the_estimate() -> None:
    counts = TokenCounts(words)
    assert counts("one two") == 2
    with pytest.raises(ModelUnavailable):
        await counts.learn(Away())
    assert counts("one two") == 2


async def test_another_model_counts_anew() -> None:
    counts = TokenCounts(words)
    counts("one two")
    await counts.learn(Threefold())
    counts.another_model()
    assert counts("one two") == 2


def test_no_text_costs_nothing() -> None:
    assert TokenCounts(words)("") == 0


def test_texts_that_wait_are_bounded() -> None:
    counts = TokenCounts(words)
    for number in range(10_000):
        counts(f"text {number}")
    assert counts.waiting == 2_000
