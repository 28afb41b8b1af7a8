"""Figures that a provider reports, which may be anything that JSON can say."""

from __future__ import annotations

from typing import Any

MOST_TOKENS = 1_000_000_000
"""More than any model reads or writes; a report beyond it counts as this much, so that sums stay numbers."""

_MOST = 1e15


def tokens(value: Any) -> int:
    """A count of tokens from 0 to `MOST_TOKENS`, None is 0; raise `TypeError` or `ValueError` where it is no number."""
    if value is None:
        return 0
    number = value if isinstance(value, int | float) else float(value)
    if number != number:
        raise ValueError("not a number")
    return int(max(0, min(number, MOST_TOKENS)))


def finite(told: dict[str, Any]) -> dict[str, float]:
    """The entries that are numbers from 0 up with which one can reckon."""
    return {key: float(value) for key, value in told.items() if isinstance(value, int | float) and 0 <= value < _MOST}
