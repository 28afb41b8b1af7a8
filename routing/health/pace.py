"""How long answers have taken lately, so that a rule with a deadline knows what to expect."""

from __future__ import annotations

from collections import deque
from statistics import median

_KEPT = 9


class Pace:
    """The last whole answers' times in milliseconds, by whatever key."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, ...], deque[float]] = {}

    def add(self, key: tuple[str, ...], ms: float) -> None:
        """An answer took so long."""
        self._times.setdefault(key, deque(maxlen=_KEPT)).append(ms)

    def expected(self, key: tuple[str, ...]) -> float | None:
        """The median of the last few; None where none is known."""
        times = self._times.get(key)
        return median(times) if times else None
