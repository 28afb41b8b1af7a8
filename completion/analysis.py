"""The analysis thread: contexts are refreshed beside the event loop, newest version of each file first."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..context.document import Snapshot
from ..context.graph.by_name import decides_for_others
from .tended import MOST_SINGLE, Indexer, Tended

if TYPE_CHECKING:
    from ..context.index import ContextIndex

logger = logging.getLogger(__name__)

T = TypeVar("T")

_PAUSES = 8
"""So many times as long as a document's refresh took on a processor it is left alone, however fast somebody types."""
_LEAST_PAUSE_S, _MOST_PAUSE_S = 0.02, 2.0

_PATIENCE_S = 120.0
"""How long a command waits for the index of its workspace."""


class Analysis:
    """Holds one context index for each workspace and keeps it true.

    Only `fresh` waits; everything else returns at once. Indexes are made and refreshed by one task of the
    executor at a time. With an `indexer` a process beside this one indexes each workspace, from its first document on.
    """

    def __init__(self, executor: Executor | None = None, indexer: Indexer | None = None) -> None:
        self._own = executor is None
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix="analysis")
        self._indexer = indexer
        self._tended: dict[Path, Tended] = {}
        self._open: dict[tuple[Path, str], Snapshot] = {}
        self._pending: OrderedDict[tuple[Path, str], Snapshot | None] = OrderedDict()
        self._chores: OrderedDict[object, Callable[[], None]] = OrderedDict()
        self._state = threading.Lock()
        self._turn = threading.Lock()
        self._running = False
        self._closed = False
        self._not_before: dict[tuple[Path, str], float] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._followers: list[Callable[[ContextIndex, Snapshot], None]] = []
        self._parallels = False

    def follow(self, follower: Callable[[ContextIndex, Snapshot], None]) -> None:
        """Have `follower` told on the analysis thread whenever a document's context was refreshed."""
        self._followers.append(follower)

    def seek_parallels(self) -> None:
        """From now on read the files near each document, for what they go on with behind the same text."""
        if not self._parallels:
            self._parallels = True
            for root in list(self._tended):
                self._again(root)

    def index(self, root: Path | None) -> ContextIndex | None:
        """The index of a workspace, None before its first refresh has begun."""
        tended = self._tended.get(root) if root is not None else None
        return tended.index if tended is not None else None

    def knows_all(self, root: Path | None) -> bool:
        """Whether all files of a workspace have been read: a name that is not known is defined nowhere."""
        tended = self._tended.get(root) if root is not None else None
        return tended is not None and tended.knows_all

    def changed(self, snapshot: Snapshot) -> None:
        """Refresh the document's context soon; an older version still waiting is passed over.

        What runs there takes turns with the event loop, so one that is slow to refresh waits in between.
        """
        if snapshot.root is not None:
            key = (snapshot.root, snapshot.path)
            self._schedule(key, snapshot, self._not_before.get(key, 0.0) - time.monotonic())

    def closed(self, path: str, root: Path | None) -> None:
        """Forget the document's buffer once what is under way is done."""
        if root is not None:
            self._schedule((root, path), None)

    def changed_on_disk(self, root: Path, paths: Iterable[str]) -> None:
        """Files were written, made or removed. The process that indexes looks at many, and at what stays out."""
        tended = self._tended.get(root)
        if tended is None:
            return
        told = list(paths)
        if (len(told) > MOST_SINGLE or any(map(decides_for_others, told))) and tended.sync():
            return
        for path in told:
            self._later((root, path), lambda path=path: self._look_at(root, path))  # type: ignore[misc] # mypy #15459

    def left(self, root: Path) -> None:
        """A workspace was closed: nothing of it is kept."""
        with self._state:
            for key in [key for key in self._pending if key[0] == root]:
                del self._pending[key]
        self._later(root, lambda: self._leave(root))

    async def fresh(self, snapshot: Snapshot) -> None:
        """Refresh the document's context now and wait for it, and for the index of its workspace."""
        if (root := snapshot.root) is None:
            return
        key = (root, snapshot.path)
        with self._state:
            closed = key in self._pending and self._pending[key] is None
            self._pending.pop(key, None)
        loop = asyncio.get_running_loop()
        if closed:
            await loop.run_in_executor(self._executor, self._refresh, root, snapshot.path, None)
        await loop.run_in_executor(self._executor, self._refresh, root, snapshot.path, snapshot)
        tended = self._tended.get(root)
        if tended is not None and not tended.ready.is_set():
            await asyncio.to_thread(tended.ready.wait, _PATIENCE_S)
            await loop.run_in_executor(self._executor, self._refresh, root, snapshot.path, snapshot)

    async def ask(self, question: Callable[[], T]) -> T:
        """Have something answered on the analysis thread, behind what it does just now."""

        def answer() -> T:
            with self._turn:
                return question()

        return await asyncio.get_running_loop().run_in_executor(self._executor, answer)

    def close(self) -> None:
        """Drop what waits; what runs ends by itself."""
        if self._alarm is not None:
            self._alarm.cancel()
        with self._state:
            self._closed = True
            self._pending.clear()
            self._chores.clear()
            tended = list(self._tended.values())
        for one in tended:
            one.close()
        if self._own:
            self._executor.shutdown(wait=False, cancel_futures=True)

    def _schedule(self, key: tuple[Path, str], snapshot: Snapshot | None, wait_s: float = 0.0) -> None:
        with self._state:
            self._pending[key] = snapshot
            self._pending.move_to_end(key)
        if wait_s <= 0:
            self._begin()
        elif self._alarm is None:
            try:
                self._alarm = asyncio.get_running_loop().call_later(wait_s, self._awake)
            except RuntimeError:  # nobody's event loop is held up
                self._begin()

    def _awake(self) -> None:
        self._alarm = None
        self._begin()

    def _later(self, key: object, chore: Callable[[], None]) -> None:
        """Do something on the analysis thread, once for each key, behind the documents that wait."""
        with self._state:
            self._chores[key] = chore
        self._begin()

    def _begin(self) -> None:
        with self._state:
            if self._running or self._closed:
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
            chore: Callable[[], None] | None = None
            with self._state:
                if self._pending:
                    (root, path), snapshot = self._pending.popitem()
                    what = f"context of {path}"
                elif self._chores:
                    _, chore = self._chores.popitem(last=False)
                    what = "the index"
                else:
                    self._running = False
                    return
            try:
                if chore is None:
                    self._refresh(root, path, snapshot)
                else:
                    with self._turn:
                        chore()
            except Exception as error:
                # Only the kind: an error's message may hold document text.
                logger.error("%s not refreshed: %s", what, type(error).__name__)

    def _refresh(self, root: Path, path: str, snapshot: Snapshot | None) -> None:
        with self._turn:
            tended = self._tended.get(root)
            if snapshot is None:
                self._open.pop((root, path), None)
                self._not_before.pop((root, path), None)
                if tended is not None:
                    tended.forget(path)
                return
            self._open[root, path] = snapshot
            if tended is None:
                tended = self._tend(root)
            began = time.thread_time()
            tended.refresh(snapshot, parallels=self._parallels)
            for follower in self._followers:
                follower(tended.index, snapshot)
            pause = (time.thread_time() - began) * _PAUSES
            self._not_before[root, path] = time.monotonic() + min(pause, _MOST_PAUSE_S) if pause > _LEAST_PAUSE_S else 0

    def _tend(self, root: Path) -> Tended:
        def later(chore: Callable[[], None]) -> None:
            self._later(object(), chore)

        tended = Tended(root, self._indexer, later, self._again, self.changed_on_disk)
        with self._state:
            self._tended[root] = tended
            closed = self._closed
        if closed:
            tended.close()
        return tended

    def _look_at(self, root: Path, path: str) -> None:
        if (tended := self._tended.get(root)) is not None:
            tended.look_at(path)
            self._later(("again", root), lambda: self._again(root))

    def _again(self, root: Path) -> None:
        """Refresh every open document of a workspace: what it can see may be something else now."""
        with self._state:
            for key, snapshot in self._open.items():
                if key[0] == root and key not in self._pending:
                    self._pending[key] = snapshot
        self._begin()

    def _leave(self, root: Path) -> None:
        if (tended := self._tended.pop(root, None)) is not None:
            tended.close()
        for key in [key for key in self._open if key[0] == root]:
            del self._open[key]
            self._not_before.pop(key, None)
