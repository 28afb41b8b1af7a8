"""Indexes that nobody has asked for in a long time, of folders or versions that are gone as a rule, are removed."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from .store import own_ending, remove

KEPT_DAYS = 60.0
OTHERS_KEPT_DAYS = 14.0
"""Those of another format: as a rule an update has left them behind, and what uses them still touches them."""

_DAY_S = 86_400.0


def touch(path: Path) -> None:
    """Note that the index is in use."""
    with contextlib.suppress(OSError):
        os.utime(path)


def forget(folder: Path) -> int:
    """Remove the indexes of a folder that were last in use too long ago, unless one is being built; how many."""
    from filelock import FileLock, Timeout

    now, own = time.time(), own_ending()
    removed = 0
    with contextlib.suppress(OSError):
        for path in list(folder.glob("*.sqlite3")):
            days = KEPT_DAYS if path.name.endswith(own) else OTHERS_KEPT_DAYS
            try:
                if path.stat().st_mtime > now - days * _DAY_S:
                    continue
                lock = path.with_suffix(".lock")
                with FileLock(lock, timeout=0):
                    remove(path)
                lock.unlink(missing_ok=True)
                removed += 1
            except (OSError, Timeout):
                continue
    return removed
