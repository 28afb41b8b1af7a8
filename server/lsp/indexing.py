"""What the person sees of the index: a bar while it takes long, one message where it cannot be kept."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypedDict

from ...clients.model import Health
from ...context.graph.by_name import PROJECT_FILES
from ...context.languages.loading import suffixes
from .notices import LoadingBar

QUIET_S = 1.0
"""An index that takes no longer is made without a word."""

_WORDS = {"reading": "files read", "imports": "files linked", "history": "history", "waiting": "another window indexes"}


class Hooks(TypedDict):
    """What an indexer is to be told."""

    progress: Callable[[Path, str, int, int], None]
    built: Callable[[Path], None]
    trouble: Callable[[str], None]


class IndexNews:
    """Shows the progress of the workspaces' indexes, the last one told. Lives on a loop, `hooks` on any thread."""

    def __init__(
        self, bar: LoadingBar, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bar = bar
        self._tell = tell
        self._clock = clock
        self._since: dict[Path, float] = {}
        self._loop = asyncio.get_running_loop()

    @property
    def hooks(self) -> Hooks:
        """What to hand to an indexer."""
        return {
            "progress": lambda *news: self._soon(lambda: self._progress(*news)),
            "built": lambda root: self._soon(lambda: self._built(root)),
            "trouble": lambda text: self._soon(lambda: self._tell(text)),
        }

    async def close(self) -> None:
        """Show nothing more."""
        await self._bar.close()

    def _soon(self, do: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and with it the session
            self._loop.call_soon_threadsafe(do)

    def _progress(self, root: Path, what: str, done: int, total: int) -> None:
        since = self._since.setdefault(root, self._clock())
        if self._clock() - since >= QUIET_S:
            count = f"{done:,} of {total:,} " if total > 1 else ""
            text = f"indexing {root.name}: {count}{_WORDS.get(what, what)}"
            self._bar.show(Health("loading", text, done / total if total else 0.0))

    def _built(self, root: Path) -> None:
        if self._since.pop(root, None) is not None and not self._since:
            self._bar.show(Health("ready", f"{root.name} is indexed"))


def _source_patterns() -> tuple[str, ...]:
    endings = ",".join(sorted(ending.lstrip(".") for ending in suffixes()))
    return f"**/*.{{{endings}}}", *(f"**/{name}" for name in sorted(PROJECT_FILES)), "**/.*ignore", "**/.*exclude"


SOURCE_PATTERNS: Final = _source_patterns()
"""Which files a client is asked to watch: sources by their ending, and those that say where imports lead or what stays
out.

Made when this module is loaded, off the event loop: it looks at the rules of every language.
"""
