"""One index held to be built: its lock, its file, or memory where the disk takes none."""

from __future__ import annotations

import logging
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from . import old
from .builder import Builder, Built, Progress
from .store import Store, StoreUnusable, default_path, remove
from .walk import LeftOut

if TYPE_CHECKING:
    from collections.abc import Callable

    from filelock import BaseFileLock

_log = logging.getLogger(__name__)
_POLL_S = 0.25


class Indexing:
    """Builds the index of one workspace as often as asked; between two times another process may.

    Where the file cannot be written, `trouble` says why, and `memory` holds the index. `stop` from any thread.
    `left_out` may be replaced between two times.
    """

    def __init__(
        self,
        root: str,
        path: Path,
        left_out: LeftOut | None = None,
        published: Callable[[], None] = lambda: None,
    ) -> None:
        self.trouble = ""
        self.memory: bytes | None = None
        self._root = root
        self._path = path
        self.left_out = left_out
        self._published = published
        self._builder: Builder | None = None
        self._stopped = False

    def __enter__(self) -> Indexing:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Give up soon what is under way, and begin nothing more."""
        self._stopped = True
        if self._builder is not None:
            self._builder.stop()

    def run(self, progress: Progress = lambda *_: None, workers: int = 0) -> Built:
        """Bring the index up to date; waits while another process does."""
        self.trouble, self.memory = "", None
        try:
            lock = self._lock(progress)
        except OSError as error:
            return self._in_memory(f"the index {self._path}: {error.strerror or error}", progress, workers)
        if lock is None:
            return Built()
        try:
            for again in (True, False):
                try:
                    return self._on_disk(progress, workers)
                except StoreUnusable as error:
                    if not again or not error.damaged:
                        return self._in_memory(str(error), progress, workers)
                    _log.info("%s; it is built again", error)
                    try:
                        remove(self._path)
                    except OSError as stuck:
                        return self._in_memory(f"{error} and stays ({stuck.strerror})", progress, workers)
            return Built()
        finally:
            lock.release()

    def _lock(self, progress: Progress) -> BaseFileLock | None:
        """The lock, held; None where this was stopped before it could be had."""
        from filelock import FileLock, Timeout

        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self._path.with_suffix(".lock"), timeout=_POLL_S)
        while not self._stopped:
            try:
                lock.acquire(poll_interval=_POLL_S / 5)
                return lock
            except Timeout:
                progress("waiting", 0, 1)
        return None

    def _on_disk(self, progress: Progress, workers: int) -> Built:
        store = Store.writing(self._path)
        try:
            return self._build(store, progress, workers)
        finally:
            store.close()
            old.touch(self._path)
            if self._path == default_path(self._root):
                old.forget(self._path.parent)

    def _in_memory(self, trouble: str, progress: Progress, workers: int) -> Built:
        self.trouble = f"{trouble}; it is kept in memory until this ends"
        store = Store.in_memory()
        try:
            built = self._build(store, progress, workers)
            self.memory = store.dump()
            return built
        finally:
            store.close()

    def _build(self, store: Store, progress: Progress, workers: int) -> Built:
        if self._stopped:
            return Built()
        self._builder = Builder(
            self._root,
            store,
            left_out=self.left_out,
            workers=workers,
            published=self._published if store.path is not None else lambda: None,
            progress=progress,
        )
        try:
            return self._builder.run()
        finally:
            self._builder = None
