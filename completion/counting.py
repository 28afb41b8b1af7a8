"""How many tokens a text costs the model in use: exact once the engine has counted it, estimated until then."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from cachetools import LRUCache

MOST_KNOWN = 100_000
MOST_WAITING = 2_000
"""Texts that wait to be counted; what comes on top is met again."""

_STEADY = 0.98
"""How much of the rate between counts and estimates a new batch leaves: a few batches settle it."""


class Counter(Protocol):
    """Who counts; `clients.model.InfillClient` is one."""

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's own tokens."""
        ...


class TokenCounts:
    """Calling it with a text gives its cost at once, from any thread; `learn` has what was met counted.

    A text is remembered by its hash. Estimates follow the rate that was seen between the model's counts and
    `estimate`, so that a budget is met before anything was counted.
    """

    def __init__(self, estimate: Callable[[str], int]) -> None:
        self._estimate = estimate
        self._known: LRUCache[bytes, int] = LRUCache(MOST_KNOWN)
        self._waiting: dict[bytes, str] = {}
        self._rate = 1.0
        self._seen = 0
        self._guard = threading.Lock()

    def __call__(self, text: str) -> int:
        """The tokens of `text`: the model's count, or an estimate until there is one."""
        if not text:
            return 0
        key = _key(text)
        with self._guard:
            known = self._known.get(key)
            if known is not None:
                return known
            if len(self._waiting) < MOST_WAITING:
                self._waiting[key] = text
            rate = self._rate
        return max(1, round(self._estimate(text) * rate))

    @property
    def waiting(self) -> int:
        """How many texts were met that nobody has counted yet."""
        return len(self._waiting)

    async def learn(self, counter: Counter) -> int:
        """Have the texts counted that were met since; return how many. Raises what the counter raises."""
        with self._guard:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return 0
        texts = list(waiting.values())
        counts = await counter.count_tokens(texts)
        estimated = sum(map(self._estimate, texts))
        with self._guard:
            self._known.update(zip(waiting, counts, strict=True))
            if estimated:
                rate = sum(counts) / estimated
                share = max(1 - _STEADY, len(texts) / (self._seen + len(texts)))
                self._rate += (rate - self._rate) * share
                self._seen += len(texts)
        return len(texts)

    def another_model(self) -> None:
        """Forget everything: counts are a model's own."""
        with self._guard:
            self._known.clear()
            self._waiting.clear()
            self._rate, self._seen = 1.0, 0


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
