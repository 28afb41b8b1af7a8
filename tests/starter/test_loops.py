"""Examples that break off in a loop teach what to do in one, and nothing wrong of what stood there."""

from __future__ import annotations

import random

import numpy as np

from twolane.starter.loops import looped

MIDDLE, END = 4, 99
IDS = np.array([1, 2, 3, 98, 10, 11, 12, 13, 14, 15, END])
WEIGHTS = np.array([0, 1, 1, 0, 4, 4, 4, 4, 4, 4, 3], dtype=np.float32)


def made(seed: int) -> tuple[list[int], list[float]]:
    ids, weights = looped(IDS, WEIGHTS, MIDDLE, random.Random(seed))
    return ids.tolist(), weights.tolist()


def test_a_stretch_is_said_again_and_then_the_text_ends() -> None:
    for seed in range(200):
        ids, weights = made(seed)
        assert len(ids) == len(weights) > MIDDLE + 2
        kept = next(at for at in range(len(ids)) if at >= len(IDS) or ids[at] != IDS[at])
        again = ids[kept:-1]
        sizes = [size for size in range(1, 7) if again[:size] == ids[kept - size : kept]]
        assert any(again == (ids[kept - size : kept] * len(again))[: len(again)] for size in sizes)
        assert ids[-1] == END
        assert weights[-1] == WEIGHTS[-1]


def test_only_what_is_said_again_is_learnt_against() -> None:
    for seed in range(200):
        ids, weights = made(seed)
        kept = next(at for at in range(len(ids)) if at >= len(IDS) or ids[at] != IDS[at])
        assert weights[:kept] == WEIGHTS[:kept].tolist()
        assert all(weight <= 0 for weight in weights[kept:-1])
        assert min(weights) < 0


def test_a_text_too_short_to_loop_stays() -> None:
    ids, weights = looped(np.array([1, 98, 5, END]), np.array([0, 0, 4, 3]), 2, random.Random(0))
    assert ids.tolist() == [1, 98, 5, END]
    assert weights.tolist() == [0, 0, 4, 3]
