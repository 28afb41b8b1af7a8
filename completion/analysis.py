"""The analysis thread: contexts are refreshed beside the event loop, newest version of each file first."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ..context.document import Snapshot

if TYPE_CHECKING:
    from ..context.index import ContextIndex

logger = logging.getLogger(__name__)


class Analysis:
    """Holds one context index for each workspace and keeps it true.

    Only `fresh` waits; everything else returns at once. Indexes are made and refreshed by one task of the
    executor at a time.
    """

    def __init__(self, executor: Executor | None = None) -> None:
        self._own = executor is None
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix="analysis")
        self._indexes: dict[Path, ContextIndex] = {}
        self._pending: OrderedDict[tuple[Path, str], Snapshot | None] = OrderedDict()
        self._state = threading.Lock()
        self._turn = threading.Lock()
        self._running = False

    def index(self, root: Path | None) -> ContextIndex | None:
        """The index of a workspace, None before its first refresh has begun."""
        return self._indexes.get(root) if root is not None else None

    def changed(self, snapshot: Snapshot) -> None:
        """Refresh the document's context soon; an older version still waiting is passed over."""
        if snapshot.root is not None:
            self._schedule((snapshot.root, snapshot.path), snapshot)

    def closed(self, path: str, root: Path | None) -> None:
        """Forget the document's buffer once what is under way is done."""
        if root is not None:
            self._schedule((root, path), None)

    async def fresh(self, snapshot: Snapshot) -> None:
        """Refresh the document's context now and wait for it."""
        if (root := snapshot.root) is None:
            return
        with self._state:
            self._pending.pop((root, snapshot.path), None)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._refresh, root, snapshot.path, snapshot)

    def close(self) -> None:
        """Drop what waits; what runs ends by itself."""
        with self._state:
            self._pending.clear()
        if self._own:
            self._executor.shutdown(wait=False, cancel_futures=True)

    def _schedule(self, key: tuple[Path, str], snapshot: Snapshot | None) -> None:
        with self._state:
            self._pending[key] = snapshot
            self._pending.move_to_end(key)
            if self._running:
                return
            self._running = True
        try:
            self._executor.submit(self._drain)
        except RuntimeError:
            with self._state:
                self._running = False
            logger.info("no context refresh: the analysis thread has been shut down")

    def _drain(self) -> None:
        while True:
            with self._state:
                if not self._pending:
                    self._running = False
                    return
                (root, path), snapshot = self._pending.popitem()
            try:
                self._refresh(root, path, snapshot)
            except Exception as error:
                # Only the kind: an error's message may hold document text.
                logger.error("context of %s not refreshed: %s", path, type(error).__name__)

    def _refresh(self, root: Path, path: str, snapshot: Snapshot | None) -> None:
        from ..context.index import ContextIndex  # tree-sitter is not needed to answer `initialize`

        with self._turn:
            index = self._indexes.get(root)
            if snapshot is None:
                if index is not None:
                    index.forget(path)
                return
            if index is None:
                index = self._indexes[root] = ContextIndex(root)
            index.refresh(snapshot)
