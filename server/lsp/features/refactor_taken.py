"""What of an edit a client has really taken in: where a person ticks single parts, "applied" may mean some of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ....refactor.original import Change, Original
from ...text.documents import Document

_PATIENCE_S = 2.0
"""A client may tell of the new text a little after it has answered."""
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Taken:
    """Paths of the changes that are nowhere to be seen, and of those that only a part of is there."""

    left_out: tuple[str, ...] = ()
    in_part: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """What a person is told; '' where all of it is there."""
        told = [("Left out", self.left_out), ("Taken only in part", self.in_part)]
        said = "; ".join(f"{what}: {_listed(paths)}" for what, paths in told if paths)
        return f"{said}. What was applied may not work without it; undo takes it back." if said else ""


async def taken(
    changes: tuple[Change, ...], read: Callable[[str], Original | None], opened: Callable[[str], Document | None]
) -> Taken:
    """Look where each change is, in the client's text (`opened`) or on the disk (`read`); wait a little for it."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE_S
    missing = changes
    while True:
        states = {change.path: await _state(change, read, opened) for change in missing}
        missing = tuple(change for change in missing if states[change.path] != "there")
        if not missing or loop.time() > until:
            return Taken(
                tuple(change.path for change in missing if states[change.path] == "left out"),
                tuple(change.path for change in missing if states[change.path] == "in part"),
            )
        await asyncio.sleep(_LOOK_S)


async def _state(
    change: Change, read: Callable[[str], Original | None], opened: Callable[[str], Document | None]
) -> str:
    """Whether a change is there, left out or in part; "" where something else has happened to the file since."""
    original = change.original
    document = opened(change.path)
    if document is not None:
        text = document.buffer.text
        if text == change.text:
            return "there"
        if original is None:
            return "left out" if not text else ""
        if text == original.text:
            return "left out"
        return "in part" if original.version is not None and document.version == original.version + 1 else ""
    now = await asyncio.to_thread(read, change.path)
    if now is None:
        return "left out" if original is None else ""
    if now.text == change.text:
        return "there"
    return "left out" if original is not None and now.mark == original.mark else ""


def _listed(paths: tuple[str, ...]) -> str:
    shown = ", ".join(paths[:4])
    return shown if len(paths) <= 4 else f"{shown} and {len(paths) - 4} more"
