"""Answers about files as they were a moment ago, for who must not wait for the disk.

Each look at the disk lets other threads go first; on an event loop a dozen of them can cost more than a model's answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .tier import Verdict

AGE_S = 1.0
"""An answer that is older is asked for again, beside."""

LATELY_S = 10.0
"""And one that is older than this is waited for, where that is wanted."""

MOST = 4_096

Key = tuple[Path | None, str]


class Lately:
    """Remembers what `look` says of files. Asked on one thread; the looking again is done on one of its own."""

    def __init__(
        self, look: Callable[[Path | None, str], Verdict], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look = look
        self._clock = clock
        self._known: dict[Key, tuple[float, Verdict]] = {}
        self._due: dict[Key, None] = {}
        self._busy = False
        self._thread: ThreadPoolExecutor | None = None

    def verdict(self, root: Path | None, path: str, *, most_s: float = LATELY_S) -> Verdict:
        """What holds for a file, or did at most `most_s` ago: whoever asks next hears what has changed since."""
        key, now = (root, path), self._clock()
        known = self._known.get(key)
        if known is None or not 0 <= now - known[0] < most_s:
            return self._seen(key)
        if now - known[0] >= AGE_S:
            self._due[key] = None
            if not self._busy:
                self._busy = True
                self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="privacy")
                self._thread.submit(self._again)
        return known[1]

    def expect(self, root: Path | None, paths: Iterable[str]) -> None:
        """Files that will be asked about: look at them now. On any thread that may wait."""
        for path in paths:
            self._seen((root, path))

    def knows(self, root: Path | None, path: str) -> bool:
        """Whether somebody looked at a file before."""
        return (root, path) in self._known

    def _seen(self, key: Key) -> Verdict:
        verdict = self._look(*key)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = self._clock(), verdict
        return verdict

    def _again(self) -> None:
        try:
            while self._due:
                self._seen(self._due.popitem()[0])
        finally:
            self._busy = False
