"""As the starter is loaded by default, answers on what is kept are those of a fresh context but for rounding.

A batch of another size adds the same numbers up in another order, so that the last bits differ. Where texts are asked
prefix first attention is computed in another way (flash attention), which rounds small and large batches differently.
Answers may part only where the fresh context's own two best tokens are nearer than that.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.agreement import CHANGES, EXACT, HOLE, ORDERS, Agreement, How, Move, Order, Side, Way, places, sides

NEAR: dict[Order, float] = {"suffix first": 0.15, "prefix first": 0.3}
"""So near are two tokens that rounding may swap them, in the logarithm of their odds."""

MEAN: dict[Order, float] = {"suffix first": 0.003, "prefix first": 0.015}
MOST: dict[Order, float] = {"suffix first": 0.05, "prefix first": 0.12}
"""Total variation between the distributions of a token, on average and at most."""

ONCE: tuple[How, ...] = ("written at once", "deleted at once")
SEED, PLACES, MOVED_PLACES = 11, 8, 12


@pytest.fixture(scope="module", params=ORDERS)
def order(request: pytest.FixtureRequest) -> Order:
    asked: Order = request.param
    return asked


@pytest.fixture(scope="module")
def both(order: Order) -> Iterator[tuple[Side, Side]]:
    with sides(order) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def movable() -> Iterator[tuple[Side, Side]]:
    with sides("prefix first") as loaded:
        yield loaded


@pytest.mark.parametrize("way", EXACT, ids=lambda way: way.__name__)
def test_answers_part_only_where_two_tokens_are_as_good_as_equal(
    order: Order, both: tuple[Side, Side], way: Way
) -> None:
    kept, fresh = both
    told = Agreement()
    told.add(way(kept, places(PLACES, SEED, before=700, after=300)), fresh)
    assert told.answers >= PLACES // 4, "what is kept was hardly ever used"
    assert max(told.gaps, default=0.0) < NEAR[order], "answers differ by more than rounding"
    assert sum(told.everywhere) / len(told.everywhere) < MEAN[order], "total variation, on average"
    assert max(told.everywhere) < MOST[order], "total variation, at most"


def test_a_block_that_is_as_stale_as_may_be_hardly_changes_what_is_said_next(movable: tuple[Side, Side]) -> None:
    kept, fresh = movable
    drawn, told = places(MOVED_PLACES, SEED, before=800, hole=HOLE, after=800), Agreement()
    for how in ONCE:
        assert not list(Move(CHANGES[-1] + 4, how)(kept, drawn[:2])), "what is staler is to be read again"
        told.add(Move(CHANGES[-1], how)(kept, drawn), fresh)
    assert told.answers > MOVED_PLACES, "blocks were hardly ever moved"
    assert sum(told.next_tokens) / told.answers < 0.06, "total variation from a fresh start, on average"
    assert max(told.next_tokens) < 0.25, "total variation from a fresh start, at most"
    assert told.other_first <= told.answers // 5, "the next token is too often another"
    assert len(told.gaps) <= told.answers // 2, "the answer is too often another"
    assert max(told.gaps, default=0.0) < 0.75, "another token is said where the right one was far ahead"
