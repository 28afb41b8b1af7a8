"""The workspace's files, read within its walls: nothing outside the root, nothing huge, nothing twice."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cachetools import LRUCache

MAX_FILE_BYTES = 1_000_000
MAX_REMEMBERED = 4_096


@dataclass(frozen=True, slots=True)
class FileText:
    """A file as it was last read: `digest` is the SHA-256 of its bytes."""

    text: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Seen:
    mtime_ns: int
    size: int
    result: FileText | None
    reason: str


class WorkspaceFiles:
    """Reads files of one workspace by relative path. Belongs to one thread.

    A file is read again only if its time or size changed. What cannot be used (outside the root, too large,
    not UTF-8, unreadable) is None; `skipped` tells for each reason which paths.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._seen: LRUCache[str, _Seen] = LRUCache(MAX_REMEMBERED)
        self.skipped: dict[str, str] = {}

    def counts(self) -> dict[str, int]:
        """How many paths were skipped, by reason."""
        return dict(Counter(self.skipped.copy().values()))

    def is_file(self, path: str) -> bool:
        """Whether a regular file stands at `path` (its content is not looked at)."""
        return os.path.isfile(os.path.join(self._root, path))  # noqa: PTH113, PTH118 - called for every candidate of every import; Path costs five times as much

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands at `path`, '' being the root."""
        return os.path.isdir(os.path.join(self._root, path))  # noqa: PTH112, PTH118 - as above

    def read(self, path: str) -> FileText | None:
        """The text at the workspace-relative `path`, or None with its reason in `skipped`."""
        full = os.path.join(self._root, path)  # noqa: PTH118 - as above
        try:
            status = os.stat(full)  # noqa: PTH116 - as above
        except (OSError, ValueError):
            self.skipped[path] = "unreadable"
            return None
        seen = self._seen.get(path)
        if seen is None or (seen.mtime_ns, seen.size) != (status.st_mtime_ns, status.st_size):
            result, reason = self._load(full, status)
            seen = _Seen(status.st_mtime_ns, status.st_size, result, reason)
            self._seen[path] = seen
        if seen.result is None:
            self.skipped[path] = seen.reason
        else:
            self.skipped.pop(path, None)
        return seen.result

    def _load(self, full: str, status: os.stat_result) -> tuple[FileText | None, str]:
        real = os.path.realpath(full)
        if os.path.commonpath((real, self._root)) != self._root:
            return None, "outside the workspace"
        if not stat.S_ISREG(status.st_mode):
            return None, "not a regular file"
        if status.st_size > MAX_FILE_BYTES:
            return None, "larger than 1 MB"
        try:
            with open(real, "rb") as file:  # noqa: PTH123 - `real` is the checked path, as a string
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError:
            return None, "unreadable"
        if len(data) > MAX_FILE_BYTES:
            return None, "larger than 1 MB"
        if b"\0" in data:
            return None, "binary"
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None, "not UTF-8"
        return FileText(text, hashlib.sha256(data).digest()), ""
