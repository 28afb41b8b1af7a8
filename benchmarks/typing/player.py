"""Plays pieces of a session in real time to somebody who answers."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Protocol

from .event import Event
from .history import History
from .score import Clock, Score

_PATIENCE_S = 30.0
"""So long the last key of a piece is waited for."""


class Stage:
    """A project on disk and the texts that an editor holds of it; each side has its own."""

    def __init__(self, history: History, folder: Path) -> None:
        self.folder = folder
        self.texts = dict(history.files)
        self._saved = dict(history.files)
        for path in history.files:
            self._write(path)

    def apply(self, event: Event) -> None:
        """Let the event happen."""
        self.texts[event.path] = event.apply(self.texts.get(event.path, ""))
        if event.kind in ("save", "pull"):
            self._saved[event.path] = self.texts[event.path]
            self._write(event.path)
        if event.kind == "pull" and not self.texts[event.path]:
            (self.folder / event.path).unlink()

    def modified(self, path: str) -> bool:
        """Whether the text is not on disk as it stands."""
        return self._saved.get(path) != self.texts[path]

    def _write(self, path: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.texts[path], encoding="utf-8", newline="")


class Assistant(Protocol):
    """Somebody who is told what happens to the text, and is asked for suggestions."""

    async def begin(self) -> None:
        """A piece is about to be played; what can be made ready is made ready now."""
        ...

    def happened(self, event: Event) -> None:
        """The event has happened on the stage."""
        ...

    def ask(self, state: int) -> None:
        """The editor wants a suggestion where the cursor stands; `state` numbers what the text has become."""
        ...

    async def settle(self) -> None:
        """Return when nothing is being computed any more, and what was computed is in the score."""
        ...


async def play(
    piece: list[Event], stage: Stage, assistant: Assistant, clock: Clock, score: Score, wait_s: float
) -> None:
    """Play a piece; the editor asks `wait_s` after a stroke, if none follows by then."""
    loop = asyncio.get_running_loop()
    asking: asyncio.TimerHandle | None = None
    await assistant.begin()
    due = time.perf_counter()
    for event in piece:
        due += event.wait_s
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        score.player_late_ms.append((time.perf_counter() - due) * 1000)
        stage.apply(event)
        if asking is not None and (event.is_stroke or event.kind == "jump"):
            asking.cancel()
        if event.is_stroke:
            state = clock.struck()
        elif event.kind == "jump":
            clock.left()
        assistant.happened(event)
        if event.is_stroke:
            if wait_s:
                asking = loop.call_later(wait_s, assistant.ask, state)
            else:
                assistant.ask(state)
    until = time.perf_counter() + _PATIENCE_S
    while clock.waiting and time.perf_counter() < until:
        await asyncio.sleep(0.02)
    clock.left()
    await assistant.settle()
