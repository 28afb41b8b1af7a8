"""How fast a model reads and writes on this machine, tried out when it is loaded."""

from __future__ import annotations

import time
from typing import Protocol

_READ_TOKENS, _READ_TOKENS_SLOW = 128, 16
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

    The very first evaluation is not counted: it brings the weights in. Raises what `decode` raises.
    """
    _seconds(computer, 0, 1)
    writing = _seconds(computer, 1, 1)
    count = min(_READ_TOKENS if writing < _SLOW_SECONDS else _READ_TOKENS_SLOW, max(1, computer.room - 2))
    reading = _seconds(computer, 2, count)
    computer.forget(0, 0)
    return count / reading, 1 / writing


def _seconds(computer: Computer, position: int, count: int) -> float:
    started = time.monotonic()
    computer.add(0, position, [0] * count, outputs=1)
    computer.decode()
    return max(1e-6, time.monotonic() - started)
