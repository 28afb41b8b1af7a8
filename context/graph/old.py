"""Indexes that nobody has asked for in a long time, of folders that are gone as a rule, are removed."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from .store import remove

KEPT_DAYS = 60.0
_DAY_S = 86_400.0


def touch(path: Path) -> None:
    """Note that the index is in use."""
    with contextlib.suppress(OSError):
        os.utime(path)


def forget(folder: Path, days: float = KEPT_DAYS) -> int:
    """Remove the indexes of a folder that were last in use so many days ago, unless one is being built; how many."""
    from filelock import FileLock, Timeout

    limit = time.time() - days * _DAY_S
    removed = 0
    with contextlib.suppress(OSError):
        for path in list(folder.glob("*.sqlite3")):
            try:
                if path.stat().st_mtime > limit:
                    continue
                lock = path.with_suffix(".lock")
                with FileLock(lock, timeout=0):
                    remove(path)
                lock.unlink(missing_ok=True)
                removed += 1
            except (OSError, Timeout):
                continue
    return removed
