"""Do the names, members and calls in a text mean something where they stand; asked of whoever knows the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ...context.document import Snapshot
from .verdict import Verdict

CHECK = "names"
PATIENCE_S = 0.01
"""An answer waits no longer for this check: it is shown as it is then."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that cannot be right, `at` so many characters behind the beginning of the text; `problem` in words."""

    problem: str
    at: int


class Judge(Protocol):
    """Who knows the workspace. What cannot be told is no finding."""

    async def findings(self, snapshot: Snapshot, offset: int, text: str) -> tuple[Finding, ...] | None:
        """What cannot be right where `text` is put in at `offset`, in order; None where nobody can tell."""
        ...


async def check(judge: Judge, snapshot: Snapshot, offset: int, text: str, fits: Callable[[str], bool]) -> Verdict:
    """Cut before the line of the first finding, or withhold where that leaves nothing that `fits`."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await judge.findings(snapshot, offset, text)
    except TimeoutError:
        return Verdict(CHECK, "unchecked", text, "no time")
    if found is None:
        return Verdict(CHECK, "unchecked", text, "nobody knows")
    if not found:
        return Verdict(CHECK, "fits", text)
    first = found[0]
    kept = text[: max(0, text.rfind("\n", 0, first.at))].rstrip()
    if kept.strip() and fits(kept):
        return Verdict(CHECK, "cut", kept, first.problem)
    return Verdict(CHECK, "withheld", "", first.problem)
