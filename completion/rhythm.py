"""How fast a person types, and how long it pays to wait before the model is asked."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from .question import Key

_LONGEST_GAP_S = 1.0
"""A longer one is no rhythm: the person thought, or looked elsewhere."""

_LEARN = 0.2
_FIRST_GAP_S = 0.2
_DOCUMENTS = 16


class Rhythm:
    """Learns from the requests that follow keys: the mean gap between them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.gap_s = _FIRST_GAP_S
        self._clock = clock
        self._last: OrderedDict[Key, float] = OrderedDict()

    def asked(self, key: Key) -> None:
        """A request for a document followed a key."""
        now = self._clock()
        gap = now - self._last.pop(key, -_LONGEST_GAP_S)
        if gap < _LONGEST_GAP_S:
            self.gap_s += _LEARN * (gap - self.gap_s)
        self._last[key] = now
        if len(self._last) > _DOCUMENTS:
            self._last.popitem(last=False)

    def wait_s(self, answer_ms: float, most_ms: int) -> float:
        """How long to wait for the next key: an answer that takes `answer_ms` is to be there when it is due.

        Never longer than `most_ms`. Whoever types faster than answers come is not made to wait at all.
        """
        return max(0.0, min(most_ms / 1000, self.gap_s - answer_ms / 1000))

    def forget(self, key: Key) -> None:
        """A document was closed."""
        self._last.pop(key, None)
