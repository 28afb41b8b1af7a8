"""The gateway for explicit commands: built when the first one needs it, and anew after the settings have changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, cast

from ..config.configuration import Configuration
from ..wire.faults import log_fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...routing.ask import AskRecord
    from ..elsewhere import Elsewhere


class Door:
    """Hands the gateway out for as long as somebody works with it; an outdated one goes with its last user.

    What stands behind it is heavy, so it is imported on a thread. `on_record` hears of every ask when it is over.
    """

    def __init__(self, configuration: Configuration, on_record: Callable[[AskRecord], None] | None = None) -> None:
        self._configuration = configuration
        self._on_record = on_record
        self._opening = asyncio.Lock()
        self._now: Elsewhere | None = None
        self._stale = False
        self._users: dict[int, int] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._warming: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Other settings hold from now on."""
        self._stale = True

    def warm(self) -> None:
        """Somebody is about to ask: load in the background, once for these settings, what the first answer needs."""
        if self._warming is None or self._warming.done():
            self._warming = asyncio.get_running_loop().create_task(self._warm(), name="warm the gateway")
            self._warming.add_done_callback(_warmed)

    async def _warm(self) -> None:
        async with self.open() as elsewhere:
            await elsewhere.warm()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Elsewhere]:
        """The gateway of the settings in force, with what it owns; their files are looked at first."""
        await self._configuration.look_again()
        async with self._opening:
            if self._stale and self._now is not None:
                self._leave(self._now)
            if self._now is None:
                self._stale = False
                build = await asyncio.to_thread(_builder)
                self._now = build(self._configuration.settings, self._configuration.fault, self._on_record)
            mine = self._now
        key = id(mine)
        self._users[key] = self._users.get(key, 0) + 1
        try:
            yield mine
        finally:
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key]
                if mine is not self._now:
                    self._close(mine)

    async def close(self) -> None:
        """End what is under way."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
        if self._now is not None:
            self._close(self._now)
            self._now = None
        if self._closing:
            await asyncio.wait(self._closing)

    def _leave(self, old: Elsewhere) -> None:
        self._now = None
        if not self._users.get(id(old)):
            self._close(old)

    def _close(self, old: Elsewhere) -> None:
        task = asyncio.get_running_loop().create_task(old.close(), name="close the gateway")
        self._closing.add(task)
        task.add_done_callback(self._closed)

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            log_fault("closing the gateway", error)


def _warmed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and isinstance(error := task.exception(), Exception):
        log_fault("warming the gateway", error)


def _builder() -> Callable[..., Elsewhere]:
    module = import_module("..elsewhere", __package__)
    import_module("...clients.anthropic.client", __package__)
    return cast("Callable[..., Elsewhere]", module.build_gateway)
