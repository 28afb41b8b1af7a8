"""Traces are written down by one background thread, soon and in batches; nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...completion.trace import Trace
from ..wire.faults import log_fault

if TYPE_CHECKING:
    from .store import Store

_log = logging.getLogger(__name__)

CALM_S = 1.0
"""How long a trace waits for others to be written with it."""

RETRY_S = 60.0
"""How long a file that could not be written is left alone."""

_CLOSING_S = 0.25
_WAITING = 1_000


def user_store() -> Store:
    """This user's history."""
    from .store import Store, default_path

    return Store(default_path())


class Keeper:
    """Keeps the traces of this server for `keep_days()`; 0 keeps none, and what was kept of a workspace is deleted.

    While the file cannot be written, the newest traces wait in memory and `problem` says why. The thread starts with
    the first trace.
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
        self._waiting: deque[tuple[Path | None, Trace]] = deque(maxlen=_WAITING)
        self._leaving: deque[Path | None] = deque()
        self._forgotten: set[Path | None] = set()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self, root: Path | None, trace: Trace) -> None:
        """Have a trace of the workspace `root` written down soon; it is not to change any more."""
        if self._closing.is_set():
            return
        if self._keep_days() > 0:
            self._forgotten.clear()
            self._waiting.append((root, trace))
        elif root in self._forgotten:
            return
        else:
            self._forgotten.add(root)
            self._leaving.append(root)
        self._wake.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="history", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Begin to write what is left; `close` waits for it."""
        self._closing.set()
        self._wake.set()

    async def close(self) -> None:
        """Write what is left, as far as that is a matter of a moment."""
        self.end()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, _CLOSING_S)

    def _run(self) -> None:
        try:
            with contextlib.closing(self._open_store()) as store:
                while not self._closing.is_set():
                    self._wake.wait()
                    self._closing.wait(self._calm_s)
                    self._wake.clear()
                    if not self._written(store):
                        self._closing.wait(self._retry_s)
                        self._wake.set()
                self._written(store)
        except Exception as error:
            self._closing.set()
            self.problem = f"The history of requests is not kept: {log_fault('the history', error)}."

    def _written(self, store: Store) -> bool:
        """Write what waits; say whether the file took it."""
        from .store import HistoryUnusable
        from .writing import append, forget

        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            if batch and (days := self._keep_days()):
                append(store, batch, days, time.time())
            while self._leaving:
                if store.exists:
                    forget(store, self._leaving[0])
                self._leaving.popleft()
        except HistoryUnusable as error:
            room = _WAITING - len(self._waiting)
            self._waiting.extendleft(reversed(batch[max(0, len(batch) - room) :]))
            if not self.problem:
                _log.warning("%s", error)
            self.problem = str(error)
            return False
        self.problem = store.note
        return True
