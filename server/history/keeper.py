"""Traces are written down by one background thread, soon and in batches; nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ...completion.trace import Trace
from ..wire.faults import log_fault

if TYPE_CHECKING:
    from .offers import Offer
    from .store import Store

_log = logging.getLogger(__name__)

CALM_S = 1.0
"""How long a trace waits for others to be written with it."""

RETRY_S = 60.0
"""How long a file that could not be written is left alone."""

_WAITING = 1_000


def user_store() -> Store:
    """This user's history."""
    from .store import Store, default_path

    return Store(default_path())


class Keeper:
    """Keeps the traces of this server for `keep_days()`; 0 keeps none, and what was kept of a workspace is deleted.

    While the file cannot be written, the newest traces wait in memory and `problem` says why. Lives on one event loop;
    nothing is opened before the first trace.
    """

    def __init__(
        self,
        keep_days: Callable[[], int],
        open_store: Callable[[], Store] = user_store,
        *,
        calm_s: float = CALM_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self.problem = ""
        self._keep_days = keep_days
        self._open_store = open_store
        self._calm_s = calm_s
        self._retry_s = retry_s
        self._waiting: deque[tuple[Path | None, Trace | Offer]] = deque(maxlen=_WAITING)
        self._leaving: deque[Path | None] = deque()
        self._forgotten: set[Path | None] = set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        self._store: Store | None = None
        self._not_before = 0.0

    def keep(self, root: Path | None, trace: Trace | Offer) -> None:
        """Have a trace, or an offer, of the workspace `root` written down soon; it is not to change any more."""
        if self._ended:
            return
        if self._keep_days() > 0:
            self._forgotten.clear()
            self._waiting.append((root, trace))
        elif root in self._forgotten:
            return
        else:
            self._forgotten.add(root)
            self._leaving.append(root)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._calm_s, self._begin)

    def end(self) -> None:
        """Take no more, and write what is left; the process waits for that, no longer than its end may take."""
        if self._ended:
            return
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        self._thread.submit(self._finish)
        self._thread.shutdown(wait=False)

    def _begin(self) -> None:
        self._timer = None
        self._thread.submit(self._write)

    def _finish(self) -> None:
        self._not_before = 0.0
        self._write()
        if self._store is not None:
            self._store.close()

    def _write(self) -> None:
        """Write what waits, and tell how that went."""
        if time.monotonic() < self._not_before or not (self._waiting or self._leaving):
            return
        from .store import HistoryUnusable

        try:
            self._store = self._store or self._open_store()
            self._write_into(self._store)
            self.problem = self._store.note
        except HistoryUnusable as error:
            if not self.problem:
                _log.warning("%s", error)
            self.problem = str(error)
            self._not_before = time.monotonic() + self._retry_s
        except Exception as error:
            self.problem = f"The history of requests is not kept: {log_fault('the history', error)}."

    def _write_into(self, store: Store) -> None:
        """Raise `HistoryUnusable` where the file does not take it; what it did not take waits on."""
        from .store import HistoryUnusable
        from .writing import append, forget

        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        days = self._keep_days()
        try:
            if batch and days:
                append(store, batch, days, time.time())
        except HistoryUnusable:
            room = _WAITING - len(self._waiting)
            self._waiting.extendleft(reversed(batch[max(0, len(batch) - room) :]))
            raise
        while self._leaving:
            if store.exists:
                forget(store, self._leaving[0])
            self._leaving.popleft()
