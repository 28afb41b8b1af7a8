"""How fast a model reads and writes on this machine, tried out when it is loaded."""

from __future__ import annotations

import time
from typing import Protocol

from .turns import Turns

_FEW_TOKENS, _MANY_TOKENS = 16, 128
_TRIALS = 3
_LONGEST_SECONDS = 0.25
"""A model that would read the many for longer than this is tried with the few, once: its person is waiting."""


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


def measure(computer: Computer, turns: Turns) -> tuple[float, float]:
    """Return tokens a second, read and written; nothing of the trial stays in the cache.

    The very first evaluation is not counted: it brings the weights in, beside the models at work. Before each other
    one these have their turn. Of a fast model the best of three trials counts: others who use the machine make single
    ones many times slower. Raises what `decode` raises.
    """

    def seconds(count: int) -> float:
        turns.let_others()
        return _seconds(computer, count)

    turns.beside(lambda: _seconds(computer, 1))
    writing = seconds(1)
    count = min(_FEW_TOKENS, computer.room)
    reading = seconds(count)
    if reading * _MANY_TOKENS / _FEW_TOKENS <= _LONGEST_SECONDS:
        count = min(_MANY_TOKENS, computer.room)
        reading = min(seconds(count) for _ in range(_TRIALS))
        writing = min(writing, *(seconds(1) for _ in range(_TRIALS)))
    return count / reading, 1 / writing


def _seconds(computer: Computer, count: int) -> float:
    started = time.monotonic()
    computer.add(0, 0, [0] * count, outputs=1)
    computer.decode()
    seconds = max(1e-6, time.monotonic() - started)
    computer.forget(0, 0)
    return seconds
