"""One workspace that is looked after: its graph, its context index, and the process that indexes it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..context.document import Snapshot

if TYPE_CHECKING:
    from ..context.graph.walk import LeftOut
    from ..context.index import ContextIndex

MOST_SINGLE = 64
"""Files changed on disk that are looked at one by one; more are left to the process that indexes."""

MOST_HELD = 500
"""Changed files that are held in memory before the index is brought up to date."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Indexer:
    """How workspaces are indexed: by which process, what stays out, who hears of it (on any thread).

    `rules` is handed to the process, and `left_out` makes the same of it here. `watch` says that nobody else tells
    what changes on disk.
    """

    command: tuple[str, ...]
    rules: Mapping[str, Any] = field(default_factory=dict)
    left_out: Callable[[str], LeftOut | None] = lambda _: None
    watch: bool = False
    progress: Callable[[Path, str, int, int], None] = lambda *_: None
    built: Callable[[Path], None] = lambda _: None
    trouble: Callable[[str], None] = lambda _: None


class Tended:
    """Belongs to the analysis thread, but for `ready` and what the process tells; that is handed over by `later`.

    `again` hears that what was found before may be found differently now, `changed` of files that changed on disk.
    """

    def __init__(
        self,
        root: Path,
        indexer: Indexer | None,
        later: Callable[[Callable[[], None]], None],
        again: Callable[[Path], None],
        changed: Callable[[Path, Iterable[str]], None],
    ) -> None:
        from ..context.graph.live import LiveWorkspace  # tree-sitter is not needed to answer `initialize`
        from ..context.index import ContextIndex

        self.ready = threading.Event()
        self._root = root
        self._indexer = indexer
        self._later = later
        self._again = again
        self._changed = changed
        self._workspace = LiveWorkspace.open(root, left_out=indexer.left_out(str(root)) if indexer else None)
        self.index: ContextIndex = ContextIndex(root, self._workspace)
        if indexer is None:
            self.ready.set()
            self._background = None
            return
        from ..context.graph.background import Background

        self._background = Background(root, self, command=indexer.command, rules=indexer.rules, watch=indexer.watch)
        if not self._background.sync():
            self.ready.set()

    @property
    def knows_all(self) -> bool:
        """Whether all files of the workspace have been read: a name that is not known is defined nowhere."""
        return self._background is not None and self.ready.is_set()

    def refresh(self, snapshot: Snapshot, *, parallels: bool) -> None:
        """Bring the context of one document up to date, with what files near it say where that is wanted."""
        self.index.refresh(snapshot, parallels=parallels)

    def forget(self, path: str) -> None:
        """A document was closed."""
        self.index.forget(path)

    def look_at(self, path: str) -> None:
        """A file changed on disk."""
        self._workspace.changed((path,))
        if self._background is not None and self._workspace.pending() >= MOST_HELD:
            self._background.sync()

    def sync(self) -> bool:
        """Have the whole disk looked at beside; False where there is nobody to do it. On any thread."""
        if self._background is None:
            return False
        self._background.sync()
        return True

    def close(self) -> None:
        """Let go of it. On any thread."""
        self.ready.set()
        if self._background is not None:
            self._background.close()

    # What the process tells, on its thread.

    def progress(self, what: str, done: int, total: int) -> None:
        """`background.Listener`."""
        if self._indexer is not None:
            self._indexer.progress(self._root, what, done, total)

    def published(self) -> None:
        """`background.Listener`."""
        self._later(self._reload)

    def built(self, figures: Mapping[str, Any], trouble: str, memory: bytes | None) -> None:
        """`background.Listener`."""
        _log.info("indexed %s files in %.1f s", figures.get("files"), figures.get("seconds", 0.0))
        if self._indexer is not None:
            self._indexer.built(self._root)
            if trouble:
                self._indexer.trouble(trouble)

        def take_in() -> None:
            try:
                if memory is None:
                    self._reload()
                elif self._workspace.take(memory):
                    self._again(self._root)
            finally:
                self.ready.set()

        self._later(take_in)

    def changed(self, paths: Sequence[str]) -> None:
        """`background.Listener`."""
        self._changed(self._root, paths)

    def ended(self) -> None:
        """`background.Listener`."""
        if self._indexer is not None:
            self._indexer.built(self._root)
        self._later(self.ready.set)

    def gave_up(self) -> None:
        """`background.Listener`."""
        if self._indexer is not None:
            self._indexer.trouble(
                f"The process that indexes {self._root} keeps dying: what changes on disk is not "
                "followed until the editor is started again."
            )

    def _reload(self) -> None:
        if self._workspace.reload():
            self._again(self._root)
