"""What is kept in main memory, within budgets: the states of files whose sequence was given to another, and marks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from .marks import Marks
from .reuse import Stale

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Parked:
    """A sequence set aside: its tokens, the prompt they begin with, what of them is stale, and their states."""

    tokens: list[int]
    prompt: list[int]
    stale: Stale
    states: bytearray


class Parking:
    """Keeps at most `budget` bytes of states; the file parked for longest leaves first.

    `marks` are kept beside them, for a cache that cannot be cut.
    """

    def __init__(self, budget: int, marks: Marks | None = None) -> None:
        self.budget = budget
        self.marks = marks
        self._parked: OrderedDict[Key, Parked] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._parked)

    @property
    def bytes(self) -> int:
        """What all of it takes."""
        return self.size + (self.marks.size if self.marks else 0)

    def __iter__(self) -> Iterator[Parked]:
        return iter(self._parked.values())

    def put(self, key: Key, parked: Parked) -> None:
        """Keep a sequence, if it fits at all."""
        self.take(key)
        if len(parked.states) > self.budget:
            return
        self._parked[key] = parked
        self.size += len(parked.states)
        while self.size > self.budget:
            _, oldest = self._parked.popitem(last=False)
            self.size -= len(oldest.states)

    def take(self, key: Key) -> Parked | None:
        """Give a sequence back, once."""
        parked = self._parked.pop(key, None)
        if parked:
            self.size -= len(parked.states)
        return parked
