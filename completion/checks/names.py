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

_SHARE, _MOST_PATIENCE_S = 0.1, 0.01
"""But where the model took long, as on a busy machine, so much of that more is not felt."""


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


def patience(waited_s: float) -> float:
    """How many seconds an answer waits for this check that was itself waited for so long."""
    return min(max(PATIENCE_S, _SHARE * waited_s), _MOST_PATIENCE_S)


async def check(
    judge: Judge, snapshot: Snapshot, offset: int, text: str, trial: Trial | None, waited_s: float = 0.0
) -> Verdict:
    """Cut before the line of the first finding, or withhold where that leaves nothing that fits.

    `waited_s` is how long the text was waited for.
    """
    try:
        async with asyncio.timeout(patience(waited_s)):
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
