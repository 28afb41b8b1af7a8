"""How sure a share, or the difference of two, is: bootstrap over the holes, both sides drawn together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

_DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its 95 % percentile interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """In percent, with one decimal."""
        return f"{100 * self.value:+.1f} ({100 * self.low:+.1f} to {100 * self.high:+.1f})"


def mean(values: Sequence[float], seed: int = 0) -> Estimate:
    """The mean of values, one at least."""
    chance = random.Random(seed)
    drawn = sorted(sum(chance.choices(values, k=len(values))) / len(values) for _ in range(_DRAWS))
    return Estimate(sum(values) / len(values), drawn[int(0.025 * _DRAWS)], drawn[int(0.975 * _DRAWS) - 1])


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """The mean of what ours is more than theirs, hole by hole."""
    return mean([one - other for one, other in zip(ours, theirs, strict=True)])
