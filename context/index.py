"""The workspace as it matters to a cursor: refreshed off the event loop, asked on it."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from cachetools import LRUCache

from . import tokens
from .candidates import Analysis, find_uses, rank
from .document import Snapshot
from .files import WorkspaceFiles
from .packer import pack
from .parsing import Refused, TreeParser
from .python import gather, outline
from .snippet import Packed
from .symbols import Outline

MAX_PUBLISHED = 256
_SECONDS_PER_FOREIGN_FILE = 1.0


class ContextIndex:
    """What other files of one workspace say about the code at a cursor.

    One thread refreshes and forgets; any thread may ask for snippets or read the counts, at any time: what a
    refresh found is published whole, and never changed afterwards. Without a root every answer is empty.
    """

    def __init__(self, root: Path | None) -> None:
        self._sources = _Sources(root) if root is not None else None
        self._published: dict[str, Analysis] = {}

    def refresh(self, snapshot: Snapshot) -> None:
        """Analyse a document and the files it imports. Blocks: reads disk, parses. One thread at a time.

        The snapshot's text stands for its file, here and for every file that imports it, until `forget`.
        """
        if self._sources is None:
            return
        analysis = self._sources.analyse(snapshot, self._published.get(snapshot.path))
        self._published[snapshot.path] = analysis
        while len(self._published) > MAX_PUBLISHED:
            self._published.pop(next(iter(self._published)), None)

    def snippets(self, snapshot: Snapshot, offset: int, budget: int) -> Packed:
        """The pieces of other files worth `budget` tokens at `offset`, from what the last refresh found.

        Reads no file and parses nothing; empty if the document was never refreshed.
        """
        start = time.perf_counter()
        analysis = self._published.get(snapshot.path)
        if analysis is None or not analysis.candidates or budget <= 0:
            return Packed((), 0, (time.perf_counter() - start) * 1000)
        chosen, total = pack(analysis, rank(analysis, snapshot.text, offset), budget)
        return Packed(chosen, total, (time.perf_counter() - start) * 1000)

    def revision(self, path: str) -> object | None:
        """A token for what is published about `path`: the same object as long as its candidates are."""
        analysis = self._published.get(path)
        return analysis.candidates if analysis is not None else None

    def reason(self, path: str) -> str:
        """Why there is no context for `path`, one phrase; '' if there is some or nothing was tried yet."""
        analysis = self._published.get(path)
        return analysis.reason if analysis is not None else ""

    def skipped(self) -> dict[str, int]:
        """How many files could not be used, by reason."""
        return self._sources.skipped() if self._sources is not None else {}

    def forget(self, path: str) -> None:
        """Let the disk speak for `path` again: its document was closed. On the thread that refreshes."""
        self._published.pop(path, None)
        if self._sources is not None:
            self._sources.buffers.pop(path, None)


class _Sources:
    """Outlines of the workspace's files, each from its open buffer or else from the disk."""

    def __init__(self, root: Path) -> None:
        self._files = WorkspaceFiles(root)
        self._parser: TreeParser | None = None
        self._outlines: LRUCache[bytes, Outline | Refused] = LRUCache(4_096)
        self._refused: dict[str, str] = {}
        self.buffers: dict[str, Outline | None] = {}

    def skipped(self) -> dict[str, int]:
        counts = Counter(self._refused.copy().values())
        counts.update(self._files.counts())
        return dict(counts)

    def is_file(self, path: str) -> bool:
        return path in self.buffers or self._files.is_file(path)

    def is_folder(self, path: str) -> bool:
        return self._files.is_folder(path)

    def outline(self, path: str) -> Outline | None:
        """What the file at `path` declares and imports; its open buffer speaks before the disk."""
        if path in self.buffers:
            return self.buffers.get(path)
        file = self._files.read(path)
        if file is None:
            return None
        known = self._outlines.get(file.digest)
        if known is None:
            known = self._outlines[file.digest] = self._parse(file.text, _SECONDS_PER_FOREIGN_FILE)
        if isinstance(known, Refused):
            self._refused[path] = known.reason
            return None
        self._refused.pop(path, None)
        return known

    def _parse(self, text: str, seconds: float) -> Outline | Refused:
        if self._parser is None:
            self._parser = TreeParser("python")
        parsed = self._parser.parse(text, seconds=seconds)
        return parsed if isinstance(parsed, Refused) else outline.outline(parsed)

    def analyse(self, snapshot: Snapshot, last: Analysis | None) -> Analysis:
        if snapshot.language != "python":
            return Analysis(snapshot.version, reason=f"no import rules for {snapshot.language}")
        read = self._parse(snapshot.text, 0.1)
        if isinstance(read, Refused):
            self.buffers[snapshot.path] = None
            self._refused[snapshot.path] = read.reason
            return Analysis(snapshot.version, reason=f"this file is {read.reason}")
        self._refused.pop(snapshot.path, None)
        self.buffers[snapshot.path] = read
        candidates = gather.gather(self, snapshot.path, read, snapshot.masked_imports)
        names = frozenset(name for c in candidates for name in (c.via, c.use))
        imports = [(item.start_line, item.end_line) for item in read.imports]
        if last is not None and last.candidates == candidates:
            candidates = last.candidates
        return Analysis(
            snapshot.version,
            candidates=candidates,
            uses=find_uses(snapshot.text, names, imports),
            headers={c.path: tokens.count_header(c.path) for c in candidates},
            reason="" if candidates else "nothing imported here is defined in this workspace",
        )
