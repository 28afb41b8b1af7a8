"""Traces are written down by one background thread, soon and in batches; nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...completion.trace import Trace

if TYPE_CHECKING:
    from .store import Store

_log = logging.getLogger(__name__)

CALM_S = 1.0
"""How long a trace waits for others to be written with it."""

RETRY_S = 60.0
"""After a disk has refused, so long nothing is written."""

CLOSING_S = 0.25
_WAITING = 1_000


def user_store() -> Store:
    """This user's history."""
    from .store import Store, default_path

    return Store(default_path())


class Keeper:
    """Keeps the traces of this server for `keep_days`; 0 keeps none, and what was kept for `workspace` is deleted.

    Where the file cannot be written nothing is kept, and `problem` says why. The thread starts with the first trace.
    """

    def __init__(
        self,
        keep_days: Callable[[], int],
        workspace: Callable[[], Path | None],
        open_store: Callable[[], Store] = user_store,
        *,
        calm_s: float = CALM_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self.problem = ""
        self._keep_days = keep_days
        self._workspace = workspace
        self._open_store = open_store
        self._calm_s = calm_s
        self._retry_s = retry_s
        self._waiting: deque[tuple[Path | None, Trace]] = deque(maxlen=_WAITING)
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._forgotten = False

    def keep(self, root: Path | None, trace: Trace) -> None:
        """Have a trace written down soon; it is not to change any more."""
        if self._closing.is_set():
            return
        if self._keep_days() > 0:
            self._forgotten = False
            self._waiting.append((root, trace))
        elif self._forgotten:
            return
        else:
            self._forgotten = True
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
            await asyncio.to_thread(self._thread.join, CLOSING_S)

    def _run(self) -> None:
        store = self._open_store()
        try:
            while not self._closing.is_set():
                self._wake.wait()
                self._closing.wait(self._calm_s)
                self._wake.clear()
                if not self._written(store):
                    self._closing.wait(self._retry_s)
                    self._waiting.clear()
            self._written(store)
        except Exception as error:
            self.problem = f"The history of requests is not kept: a fault of Twolane's own ({type(error).__name__})."
            _log.exception("the history's thread ended")
        finally:
            store.close()

    def _written(self, store: Store) -> bool:
        """Write what waits; say whether the file took it."""
        from .store import HistoryUnusable
        from .writing import append, forget

        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            if waiting:
                append(store, waiting, max(1, self._keep_days()), time.time())
            elif self._keep_days() == 0 and store.exists:
                forget(store, self._workspace())
        except HistoryUnusable as error:
            if not self.problem:
                _log.warning("%s", error)
            self.problem = str(error)
            return False
        self.problem = store.note
        return True
