"""States to which a memory that cannot be cut is set back: behind what the next prompt is likely to begin with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence


class Marks:
    """Keeps at most `budget` bytes of states, each under the tokens that it was computed from.

    The one unused for longest leaves first.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.size = 0
        self._held: OrderedDict[tuple[int, ...], bytearray] = OrderedDict()

    def has(self, tokens: Sequence[int]) -> bool:
        """Whether the state behind exactly these tokens is kept."""
        return tuple(tokens) in self._held

    def put(self, tokens: Sequence[int], states: bytearray) -> None:
        """Keep the state behind `tokens`, if there is one and it fits at all."""
        if not 0 < len(states) <= self.budget:
            return
        self.size += len(states) - len(self._held.pop(tuple(tokens), b""))
        self._held[tuple(tokens)] = states
        while self.size > self.budget:
            _, oldest = self._held.popitem(last=False)
            self.size -= len(oldest)

    def find(self, tokens: Sequence[int], most: int) -> tuple[int, bytearray] | None:
        """The longest beginning of `tokens`, of at most `most`, behind which the state is kept, and that state."""
        fitting = [held for held in self._held if len(held) <= most and held == tuple(tokens[: len(held)])]
        if not fitting:
            return None
        longest = max(fitting, key=len)
        self._held.move_to_end(longest)
        return len(longest), self._held[longest]
