"""How many threads pay just now.

llama.cpp's threads spin while they wait for each other: one that shares its core with another process holds
up all the others at every layer. On two busy cores two threads are many times slower than one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import psutil

_SAMPLE_SECONDS = 0.5
_TOLERATED = 0.3
"""The share of one core that others may use without costing us that core."""

CpuTimes = Callable[[], tuple[float, float]]
"""Seconds of processor time spent so far: by everybody on this machine, and by this process."""


class FreeCores:
    """Counts the cores that nobody else is using, sampled at most twice a second."""

    def __init__(
        self,
        cores: int,
        *,
        busy: float = 0.0,
        spare: int = 0,
        spent: CpuTimes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`cores` is the most that `count` ever answers; `spare` more exist that others may use for nothing.

        `busy` is the number of cores taken for used until the first sample is in.
        """
        self._cores = cores
        self._spare = spare
        self._spent = spent or _spent
        self._clock = clock
        self._at = clock()
        self._all, self._own = self._spent()
        self._count = self._left(busy)

    def count(self) -> int:
        """Return how many cores were free since the last sample; at least 1."""
        now = self._clock()
        seconds = now - self._at
        if seconds >= _SAMPLE_SECONDS:
            everybody, own = self._spent()
            others = max(0.0, (everybody - self._all) - (own - self._own)) / seconds
            self._count = self._left(others)
            self._at, self._all, self._own = now, everybody, own
        return self._count

    def _left(self, others: float) -> int:
        return max(1, self._cores - max(0, math.ceil(others - self._spare - _TOLERATED)))


def _spent() -> tuple[float, float]:
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    own = psutil.Process().cpu_times()
    return sum(times[:8]) - idle, own.user + own.system
