"""Plays a session to somebody who answers, and keeps time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Protocol

from .trace import Event


@dataclass(slots=True)
class Score:
    """What a session came to; every list has one entry a keystroke or a request, as its name says."""

    waits_ms: list[float] = field(default_factory=list)
    evaluated: list[int] = field(default_factory=list)
    prompts: list[int] = field(default_factory=list)
    generated: list[int] = field(default_factory=list)
    shown: int = 0
    requests: int = 0


class Assistant(Protocol):
    """Somebody who is told of each state of the text and shows suggestions for it."""

    async def tell(self, state: int, event: Event, before: str, after: str) -> None:
        """The text of `event.path` became `before` + `after` around the cursor; `state` numbers it."""
        ...


class Clock:
    """Notes when each state came about and when the first answer for it or a later one was there."""

    def __init__(self) -> None:
        self._asked: dict[int, float] = {}
        self.waits_ms: list[float] = []

    def typed(self, state: int) -> None:
        """A key was struck."""
        self._asked[state] = time.perf_counter()

    def answered(self, state: int) -> None:
        """There is an answer, an empty one perhaps, for this state: whoever waited for an older one is served."""
        now = time.perf_counter()
        for older in [one for one in self._asked if one <= state]:
            self.waits_ms.append((now - self._asked.pop(older)) * 1000)

    @property
    def waiting(self) -> bool:
        """Whether a key is still without an answer."""
        return bool(self._asked)


async def play(events: list[Event], files: dict[str, str], assistant: Assistant, clock: Clock) -> None:
    """Play the events in real time; the last key is waited for, 5 seconds at most."""
    texts = dict(files)
    due = time.perf_counter()
    for state, event in enumerate(events):
        due += event.wait_s
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        texts[event.path] = event.apply(texts[event.path])
        if event.kind != "jump":
            clock.typed(state)
        text = texts[event.path]
        await assistant.tell(state, event, text[: event.cursor], text[event.cursor :])
    for _ in range(100):
        if not clock.waiting:
            return
        await asyncio.sleep(0.05)
