"""One person who types: keys in a human rhythm, a question after each short rest, every question timed.

The text is a file of Python's own library: a stretch in its middle is typed again, with the rest behind it, each person
in another file. The rhythm is log-normal around 180 ms with a pause for thought at about every fortieth key; the same
seed types the same.
"""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twolane.clients.errors import ModelError
from twolane.clients.model import InfillClient, InfillRequest

REST_S = 0.06
"""A key that is followed by another one sooner is not asked about."""

_GAP_S, _SPREAD, _THOUGHT = 0.18, 0.5, 40
_BEFORE, _AFTER, _TYPED = 3000, 800, 1500
_GIVE_UP_S = 20.0


@dataclass(slots=True)
class Tally:
    """What one person lived through: milliseconds from a key to its answer, and what became of the other questions."""

    answered_ms: list[float] = field(default_factory=list)
    asked: int = 0
    overtaken: int = 0
    failed: int = 0
    evaluated: list[int] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count another person's in."""
        self.answered_ms += other.answered_ms
        self.asked += other.asked
        self.overtaken += other.overtaken
        self.failed += other.failed
        self.evaluated += other.evaluated

    @property
    def served(self) -> float:
        """The share of questions that were answered before the next key."""
        return len(self.answered_ms) / self.asked if self.asked else 0.0

    @property
    def evaluated_mean(self) -> float:
        """Prompt tokens that the model had to read for an answer."""
        return statistics.mean(self.evaluated) if self.evaluated else 0.0


class Editor:
    """Types into a file of its own through a client of its own."""

    def __init__(self, client: InfillClient, texts: Sequence[Path], number: int, max_tokens: int) -> None:
        self.tally = Tally()
        self._client = client
        self._random = random.Random(number)
        self._path = texts[number % len(texts)]
        self._text = self._path.read_text(encoding="utf-8", errors="replace")
        self._start = self._at = len(self._text) // 3 + self._random.randrange(200)
        self._number = number
        self._max_tokens = max_tokens

    async def type(self, seconds: float, *, count: bool) -> None:
        """Type for so long; what happens is counted only with `count`."""
        tally = self.tally if count else Tally()
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        await asyncio.sleep(self._random.random() * _GAP_S)
        asking: asyncio.Task[None] | None = None
        while clock() < end:
            self._at += 1
            if asking is not None and not asking.done():
                asking.cancel()
                await asyncio.wait({asking})
            asking = asyncio.create_task(self._ask(clock(), tally))
            thought = 1.0 if self._random.randrange(_THOUGHT) == 0 else 0.0
            await asyncio.sleep(self._random.lognormvariate(0.0, _SPREAD) * _GAP_S + thought)
        if asking is not None:
            await asyncio.wait({asking}, timeout=_GIVE_UP_S)
            asking.cancel()
            await asyncio.wait({asking})

    async def _ask(self, key: float, tally: Tally) -> None:
        await asyncio.sleep(REST_S)
        behind = self._start + _TYPED
        request = InfillRequest(
            prefix=self._text[max(0, self._start - _BEFORE) : self._at],
            suffix=self._text[behind : behind + _AFTER],
            path=self._path.name,
            workspace=f"desk{self._number}",
            repository="load",
            max_tokens=self._max_tokens,
            time_limit_ms=600,
            stop=("\n",),
        )
        tally.asked += 1
        try:
            async with self._client.infill(request) as stream:
                async for _ in stream:
                    pass
        except ModelError:
            tally.failed += 1
            return
        except asyncio.CancelledError:
            tally.overtaken += 1
            raise
        tally.answered_ms.append((asyncio.get_running_loop().time() - key) * 1000)
        if stream.usage is not None:
            tally.evaluated.append(stream.usage.evaluated_tokens)
