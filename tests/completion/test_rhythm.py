"""Who types faster than answers come is not made to wait; else an answer is there when the next key is due."""

from __future__ import annotations

import pytest

from twolane.completion.rhythm import Rhythm

KEY = ("/w", "a.py")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def typed(gap_s: float, keys: int = 60) -> Rhythm:
    clock = Clock()
    rhythm = Rhythm(clock)
    for _ in range(keys):
        clock.now += gap_s
        rhythm.asked(KEY)
    return rhythm


@pytest.mark.parametrize(
    ("gap_s", "answer_ms", "most_ms", "wait_s"),
    [(0.15, 40, 500, 0.11), (0.15, 40, 50, 0.05), (0.15, 200, 500, 0.0), (0.15, 40, 0, 0.0), (3.0, 40, 500, 0.16)],
)
def test_the_wait(gap_s: float, answer_ms: float, most_ms: int, wait_s: float) -> None:
    assert typed(gap_s).wait_s(answer_ms, most_ms) == pytest.approx(wait_s, abs=0.005)
