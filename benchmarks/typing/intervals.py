"""How sure a ratio is: bootstrap over pieces of a session, both sides' share of a piece drawn together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..report import quantile

_DRAWS = 1000
_LEAST_MS = 0.01


@dataclass(frozen=True, slots=True)
class Ratio:
    """An estimate and its 95 % percentile interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Two significant digits each."""
        return f"{self.value:.2g} ({self.low:.2g}–{self.high:.2g})"


def ratio(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]], share: float) -> Ratio:
    """The ratio of two quantiles; `ours[i]` and `theirs[i]` belong to the same piece. Neither side is empty."""
    pairs = list(zip(ours, theirs, strict=True))
    chance = random.Random(0)
    drawn = [value for _ in range(_DRAWS) if (value := _of(chance.choices(pairs, k=len(pairs)), share)) is not None]
    value = _of(pairs, share)
    if value is None:
        raise ValueError("a side has no values")
    return Ratio(value, quantile(drawn, 0.025), quantile(drawn, 0.975))


def _of(pairs: Sequence[tuple[Sequence[float], Sequence[float]]], share: float) -> float | None:
    ours = [value for one, _ in pairs for value in one]
    theirs = [value for _, other in pairs for value in other]
    if not ours or not theirs:
        return None
    return quantile(ours, share) / max(quantile(theirs, share), _LEAST_MS)
