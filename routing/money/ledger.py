"""The ledger for an event loop: one thread of its own does the writing, in order, and nothing is lost on a cancel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from ..errors import LedgerClosed
from .budget import Budget, Call, Caps, Settlement, Standing
from .store import Store

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Ledger:
    """Reserves before a call and settles after it, without holding up the loop. Nothing is opened until then."""

    def __init__(self, store: Store, keep_days: int = 400) -> None:
        self._store = store
        self._budget = Budget(store, keep_days)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._unsettled: list[Settlement] = []

    @property
    def path(self) -> Path:
        """The file it is kept in."""
        return self._store.path

    @property
    def exists(self) -> bool:
        """Whether there is, or was, a ledger; where there was none, nothing is spent."""
        return self._store.exists

    async def reserve(self, call: Call, caps: Caps) -> None:
        """Write `call` down with its worst case; raise `CapReached` or `LedgerClosed`.

        Cancelled meanwhile, nothing stays reserved.
        """
        try:
            await self._in_thread(lambda: self._budget.reserve(call, caps))
        except asyncio.CancelledError:
            self._thread.submit(
                self._settle, Settlement(call.id, "cancelled", 0, reason="cancelled before it was sent")
            )
            raise

    async def settle(self, settlement: Settlement) -> None:
        """Write down how a call ended, also while this task is being cancelled; never raises for the disk.

        What cannot be written is tried again with whatever comes next; until then the worst case counts.
        """
        await asyncio.shield(asyncio.wrap_future(self._thread.submit(self._settle, settlement)))

    async def standing(self, project: str) -> Standing:
        """Say what is spent; raise `LedgerClosed`."""
        return await self._in_thread(lambda: self._budget.standing(project))

    async def close(self) -> None:
        """Write what is still to be written and let go of the file."""
        await asyncio.wrap_future(self._thread.submit(self._close))
        self._thread.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._thread.submit(self._after_the_unsettled, work))

    def _after_the_unsettled(self, work: Callable[[], T]) -> T:
        self._settle_all()
        return work()

    def _settle(self, settlement: Settlement) -> None:
        self._unsettled.append(settlement)
        self._settle_all()

    def _settle_all(self) -> None:
        while self._unsettled:
            try:
                self._budget.settle(self._unsettled[0])
            except LedgerClosed as error:
                _log.warning("%s What was spent stays counted at its worst case until it can be written.", error)
                return
            del self._unsettled[0]

    def _close(self) -> None:
        self._settle_all()
        self._store.close()
