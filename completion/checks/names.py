"""Do the names, members and calls in a text mean something where they stand; asked of whoever knows the workspace."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from ...context.document import Snapshot
from .trial import Trial
from .verdict import Verdict

CHECK = "names"
PATIENCE_S = 0.004
"""An answer waits no longer for this check: it is shown as it is then."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that cannot be right, `at` so many characters behind the beginning of the text; `problem` in words."""

    problem: str
    at: int


@dataclass(frozen=True, slots=True)
class Silent:
    """Nobody can tell; `why` is the end of a sentence that begins with "unchecked:"."""

    why: str


class Judge(Protocol):
    """Who knows the workspace. What cannot be told is no finding."""

    async def findings(
        self, snapshot: Snapshot, offset: int, text: str, trial: Trial | None
    ) -> tuple[Finding, ...] | Silent:
        """What cannot be right where `text` is put in at `offset`, in order; or why nobody can tell.

        `trial` holds the code around, and its tree with the text.
        """
        ...


async def check(judge: Judge, snapshot: Snapshot, offset: int, text: str, trial: Trial | None) -> Verdict:
    """Cut before the line of the first finding, or withhold where that leaves nothing that fits."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await judge.findings(snapshot, offset, text, trial)
    except TimeoutError:
        return Verdict(CHECK, "unchecked", text, "the answer could not wait for it any longer")
    if isinstance(found, Silent):
        return Verdict(CHECK, "unchecked", text, found.why)
    if not found:
        return Verdict(CHECK, "fits", text)
    first = found[0]
    kept = text[: max(0, text.rfind("\n", 0, first.at))].rstrip()
    if kept.strip() and (trial is None or trial.fits(kept)):
        return Verdict(CHECK, "cut", kept, first.problem)
    return Verdict(CHECK, "withheld", "", first.problem)
