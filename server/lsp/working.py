"""Long work that a person asked for: shown while it goes on, and given up when the person says so."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

_log = logging.getLogger(__name__)
_CREATE_PATIENCE_S = 5.0
_PAUSE_S = 0.1
"""Between two lines that are shown."""

_T = TypeVar("_T")


class Work:
    """One piece of work; `say` shows a line, the newest at most ten times a second."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._next = 0.0
        self._held = ""
        self._timer: asyncio.TimerHandle | None = None

    def say(self, line: str) -> None:
        """Show what is going on."""
        loop = asyncio.get_running_loop()
        self._held = line
        if self._timer is None:
            self._timer = loop.call_at(max(loop.time(), self._next), self._tell)

    def end(self) -> None:
        """Show nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _tell(self) -> None:
        self._timer = None
        self._next = asyncio.get_running_loop().time() + _PAUSE_S
        self._show(self._held)


class Working:
    """Shows work as `$/progress` where the client can; a cancel there ends the work."""

    def __init__(self, server: LanguageServer, supported: bool) -> None:
        self._progress = server.work_done_progress
        self._supported = supported
        self._running: dict[str, asyncio.Task[object]] = {}

    def cancelled(self, token: object) -> None:
        """The person gives up the work of a token."""
        if isinstance(token, str) and (task := self._running.get(token)) is not None:
            task.cancel()

    async def run(self, title: str, do: Callable[[Work], Awaitable[_T]]) -> _T | None:
        """Do it; None where the person gave it up."""
        token = f"twolane-{uuid.uuid4()}"
        shown = asyncio.Event()

        def show(line: str) -> None:
            if shown.is_set():
                self._progress.report(token, types.WorkDoneProgressReport(message=line, cancellable=True))

        work = Work(show)

        async def doing() -> _T:
            return await do(work)

        task = asyncio.ensure_future(doing())
        self._running[token] = task
        opening = asyncio.ensure_future(self._begin(token, title, shown)) if self._supported else None
        try:
            await asyncio.wait([task])
            if task.cancelled():
                return None
            return task.result()
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait([task])
            raise
        finally:
            del self._running[token]
            work.end()
            if opening is not None:
                opening.cancel()
            if shown.is_set():
                self._progress.end(token, types.WorkDoneProgressEnd())

    async def _begin(self, token: str, title: str, shown: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(_CREATE_PATIENCE_S):
                await self._progress.create_async(token)
        except Exception as error:
            _log.info("the client shows no progress (%s)", type(error).__name__)
            return
        self._progress.begin(token, types.WorkDoneProgressBegin(title=title, cancellable=True))
        shown.set()
