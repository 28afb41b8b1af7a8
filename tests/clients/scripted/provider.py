"""A scripted provider on a thread of its own, for what is asked from another process or another event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tests.clients.scripted.server import Conversation, Script, Scripted, serving


class Provider:
    """What it answers may be changed."""

    def __init__(self) -> None:
        self._scripts: list[Script] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._started.wait(20)

    def begin(self, scripts: Sequence[Script]) -> None:
        self._scripts = list(scripts)
        self.server.requests.clear()
        self.server.left.clear()

    def call(self, what: Callable[[], object]) -> None:
        """Do something on the provider's own loop."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(what)

    def close(self) -> None:
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(20)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with serving(self._answer) as self.server:
            self._started.set()
            await self._end.wait()

    async def _answer(self, talk: Conversation) -> None:
        number = min(len(self.server.requests), len(self._scripts))
        await self._scripts[number - 1](talk)


@contextmanager
def provider(*scripts: Script) -> Iterator[Scripted]:
    """A provider that answers so."""
    made = Provider()
    try:
        made.begin(scripts)
        yield made.server
    finally:
        made.close()
