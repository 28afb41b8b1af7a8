"""The settings in force: read at the start and when the editor says that they changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from lsprotocol.types import MessageType

from ..lsp.notices import Notices
from .gateway import fault
from .settings import EDITOR, Loaded, Problem, Settings, load, looked_for

_log = logging.getLogger(__name__)

Stamp = tuple[int, int, int]
"""When a file was written, how long it is, which one it is."""


class Configuration:
    """Reads all sources off the event loop; a value that cannot be used is named once, the last good one holds.

    `folders` are those that are open: the first one's `twolane.toml` counts, of the others' what lets less leave this
    machine. `on_change` hears of the new settings.
    """

    def __init__(
        self, folders: Callable[[], Sequence[Path]], *, trusted: bool, user_file: Path | None, notices: Notices
    ) -> None:
        self._folders = folders
        self._trusted = trusted
        self._user_file = user_file
        self._notices = notices
        self._editor: Mapping[str, Any] = {}
        self._stamps: tuple[Stamp | None, ...] = ()
        self._loaded = Loaded(Settings())
        self._named: set[str] = set()
        self._reading = asyncio.Lock()
        self.on_change: Callable[[Settings], None] | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._loaded.settings

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What of the sources is not used, and why."""
        return self._loaded.problems

    @property
    def fault(self) -> str:
        """What of the policy could not be used, '' where all of it could."""
        return fault(self._loaded)

    async def read(self, editor: Mapping[str, Any] | None = None) -> None:
        """Read everything again; `editor` is what the editor says now, where it said something."""
        async with self._reading:
            if editor is not None:
                self._editor = editor
            before = self._loaded
            root, *others = self._folders() or (None,)
            stamps = await asyncio.to_thread(_stamps, looked_for(root, others, self._user_file))
            self._loaded = await asyncio.to_thread(
                load,
                root,
                trusted=self._trusted,
                editor=self._editor,
                user_file=self._user_file,
                previous=before,
                others=others,
            )
            self._stamps = stamps
        self._name(self._loaded.problems)
        changed = self._loaded.settings != before.settings or self.fault != fault(before)
        if self.on_change is not None and changed:
            self.on_change(self._loaded.settings)

    async def look_again(self) -> None:
        """Read everything again where a file is not as it was: not every editor tells of that."""
        async with self._reading:  # what is being read holds already, though nobody has it yet
            files, stamps = self._loaded.files, self._stamps
        if await asyncio.to_thread(_stamps, files) != stamps:
            await self.read()

    def _name(self, problems: Iterable[Problem]) -> None:
        """Show one line for each source that has new problems: a stranger's file may hold thousands."""
        fresh: dict[str, list[str]] = {}
        for problem in problems:
            if _is_ours(problem) and problem.message not in self._named:
                self._named.add(problem.message)
                fresh.setdefault(problem.file, []).append(problem.message)
        for first, *others in fresh.values():
            more = f" (and {len(others)} more; the log has them)" if others else ""
            self._notices.tell(f"setting:{first}", first + more, MessageType.Warning)
            for other in others:
                _log.warning("%s", other)


def _is_ours(problem: Problem) -> bool:
    """Whether it concerns our settings for certain: an editor may send tables of other programs beside them."""
    return problem.file != EDITOR or "." in problem.key or any(problem.key == one.name for one in fields(Settings))


def _stamps(files: Iterable[Path]) -> tuple[Stamp | None, ...]:
    return tuple(map(_stamp, files))


def _stamp(path: Path) -> Stamp | None:
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
