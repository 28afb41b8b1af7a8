"""How fast a model reads and writes on this machine, tried out when it is loaded."""

from __future__ import annotations

import time
from typing import Protocol

_READ_TOKENS, _READ_TOKENS_SLOW = 128, 16
_TRIALS = 3
_SLOW_SECONDS = 0.05
"""A model that takes longer for one token is tried with a short prompt: its person is waiting."""


class Computer(Protocol):
    """The cache, as far as it is needed here; `llama.Sequences` is the real one."""

    @property
    def room(self) -> int:
        """Tokens that fit into the batch."""
        ...

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        """Put tokens into the batch."""
        ...

    def decode(self) -> bool:
        """Evaluate the batch."""
        ...

    def forget(self, slot: int, position: int) -> bool:
        """Drop what the sequence holds."""
        ...


def measure(computer: Computer) -> tuple[float, float]:
    """Return tokens a second, read and written; nothing of the trial stays in the cache.

    The very first evaluation is not counted: it brings the weights in. Of a fast model the best of three trials
    counts: others who use the machine make single ones many times slower. Raises what `decode` raises.
    """
    _seconds(computer, 1)
    writing = _seconds(computer, 1)
    slow = writing >= _SLOW_SECONDS
    count = min(_READ_TOKENS_SLOW if slow else _READ_TOKENS, computer.room)
    trials = 1 if slow else _TRIALS
    reading = min(_seconds(computer, count) for _ in range(trials))
    writing = min(writing, *(_seconds(computer, 1) for _ in range(trials)))
    return count / reading, 1 / writing


def _seconds(computer: Computer, count: int) -> float:
    started = time.monotonic()
    computer.add(0, 0, [0] * count, outputs=1)
    computer.decode()
    seconds = max(1e-6, time.monotonic() - started)
    computer.forget(0, 0)
    return seconds
