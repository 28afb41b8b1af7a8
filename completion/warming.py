"""Prompts that the model reads while the person still types, one at a time for each document, the newest only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ..clients.errors import ModelError
from ..clients.model import InfillClient, InfillRequest
from .question import Key

REST_S = 3.1
"""After so long nobody is typing: what stands in front of the prompt may change now (`context/blocks.py`)."""

_log = logging.getLogger(__name__)


class Warming:
    """Reads ahead. What fails is no trouble: the request that comes meets it itself."""

    def __init__(self, client: InfillClient) -> None:
        self._client = client
        self._reading: dict[Key, asyncio.Task[None]] = {}
        self._resting: dict[Key, asyncio.TimerHandle] = {}

    def read(self, key: Key, request: InfillRequest) -> None:
        """Have a prompt read; what was being read for the same document ends."""
        self.stop(key)
        task = self._reading[key] = asyncio.get_running_loop().create_task(self._read(request), name="warming")
        task.add_done_callback(lambda done: self._done(key, done))

    def at_rest(self, key: Key, act: Callable[[], None]) -> None:
        """Do something when the document has been left alone for a while."""

        def begin() -> None:
            self._resting.pop(key, None)
            act()

        self._no_rest(key)
        self._resting[key] = asyncio.get_running_loop().call_later(REST_S, begin)

    def stop(self, key: Key) -> None:
        """The request is there, or another document state: what has been read stays in the model's cache."""
        self._no_rest(key)
        if task := self._reading.pop(key, None):
            task.cancel()

    def stop_all(self) -> None:
        """Nothing is likely any more."""
        for key in [*self._reading, *self._resting]:
            self.stop(key)

    async def close(self) -> None:
        """Stop all of it."""
        for key in list(self._resting):
            self._no_rest(key)
        tasks = list(self._reading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _no_rest(self, key: Key) -> None:
        if timer := self._resting.pop(key, None):
            timer.cancel()

    async def _read(self, request: InfillRequest) -> None:
        try:
            async with self._client.infill(request) as stream:
                async for _ in stream:
                    pass
        except ModelError:
            return

    def _done(self, key: Key, task: asyncio.Task[None]) -> None:
        if self._reading.get(key) is task:
            del self._reading[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a prompt could not be read ahead: %s", type(error).__name__)
