"""What a person has called no problem, and what a project starts with: findings that are not shown again.

Two files of one form. One lies with the user's data and holds names only; one may lie in the repository, for everybody,
and says in words what was dismissed. A baseline is a third one.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from .finding import Finding

SHARED = ".twolane/dismissed.json"
FORMAT = 1
MOST_BYTES = 5_000_000


class UnreadableDismissals(Exception):
    """A file of dismissals cannot be used; `str(error)` names it and says what to do."""


class Dismissals:
    """The names in one file, read again when it has changed. Any thread may ask; two processes may add."""

    def __init__(self, path: Path, *, lock: Path | None = None, in_words: bool = False) -> None:
        """With `in_words` an entry also holds path, title and the reason that was given, for people to read.

        `lock` is the file that keeps two writers apart, beside `path` unless given: a repository should hold none.
        """
        self._path = path
        self._lock = lock if lock is not None else Path(f"{path}.lock")
        self._in_words = in_words
        self._stamp: tuple[int, int] | None = None
        self._entries: dict[str, Mapping[str, Any]] = {}

    def __contains__(self, finding: Finding) -> bool:
        """Whether it was dismissed. Raise `UnreadableDismissals`."""
        self._look()
        return finding.name in self._entries

    def __len__(self) -> int:
        self._look()
        return len(self._entries)

    def read(self) -> None:
        """Read the file, if it is another one than before. Raise `UnreadableDismissals`."""
        self._look()

    def add(self, findings: Iterable[Finding], reason: str = "") -> None:
        """Dismiss them for good. Raise `UnreadableDismissals` where the file cannot be read or written."""
        try:
            for folder in (self._path.parent, self._lock.parent):
                folder.mkdir(parents=True, exist_ok=True)
            with FileLock(str(self._lock), timeout=10):
                self._stamp = None
                self._look()
                for one in findings:
                    self._entries[one.name] = self._entry(one, reason)
                self._write()
        except (OSError, TimeoutError) as error:
            said = getattr(error, "strerror", None) or "another program holds it"
            raise UnreadableDismissals(f"{self._path} cannot be written ({said}): check its permissions.") from error

    def _entry(self, finding: Finding, reason: str) -> Mapping[str, Any]:
        if not self._in_words:
            return {"rule": finding.rule}
        told = {"rule": finding.rule, "path": finding.path, "symbol": finding.symbol, "title": finding.title}
        return {**told, "reason": reason} if reason else told

    def _look(self) -> None:
        try:
            status = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            self._stamp, self._entries = None, {}
            return
        except OSError as error:
            raise UnreadableDismissals(f"{self._path} cannot be read ({error.strerror}).") from error
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._entries = self._read(status.st_size)
            self._stamp = stamp

    def _read(self, size: int) -> dict[str, Mapping[str, Any]]:
        if size > MOST_BYTES:
            raise UnreadableDismissals(f"{self._path} is larger than {MOST_BYTES:,} bytes; nothing of it is used.")
        try:
            document = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise UnreadableDismissals(f"{self._path} is not JSON; mend it or delete it.") from error
        entries = document.get("dismissed") if isinstance(document, dict) else None
        if not isinstance(entries, dict) or document.get("format") != FORMAT:
            raise UnreadableDismissals(f"{self._path} holds no dismissals of format {FORMAT}; mend it or delete it.")
        return {str(name): entry for name, entry in entries.items() if isinstance(entry, dict)}

    def _write(self) -> None:
        document = {"format": FORMAT, "dismissed": dict(sorted(self._entries.items()))}
        handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".dismissed-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=1, ensure_ascii=False)
                file.write("\n")
            Path(temporary).replace(self._path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        status = self._path.stat()
        self._stamp = (status.st_mtime_ns, status.st_size)
