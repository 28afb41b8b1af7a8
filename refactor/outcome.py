"""What became of one command."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from ..clients.model import Lane
from ..routing.ask import Sent
from .checks.trial import Verdict
from .faults import Fault
from .gathering import Shown
from .original import Change
from .writing import with_mark

_HEAD = 2
"""Lines of a diff that name its file."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`changes` may be offered; where there are none, `reason` says why in one sentence.

    `checks` are those of the project that ran, `steps` how it came to this answer, `asks` how many answers were asked
    for, `cost_usd` what all of them cost, those that failed too. `notes` are worth reading before the edit is taken.
    """

    changes: tuple[Change, ...] = ()
    summary: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    checks: tuple[Verdict, ...] = ()
    steps: tuple[str, ...] = ()
    lane: Lane | None = None
    model: str | None = None
    cost_usd: float = 0.0
    asks: int = 0
    ms: float = 0.0
    shown: tuple[Shown, ...] = ()
    sent: tuple[Sent, ...] = field(default=())

    @property
    def diff(self) -> str:
        """All changes as one unified diff."""
        return "".join(unified(change) for change in self.changes)


def unified(change: Change) -> str:
    """One file's change as a unified diff, byte for byte what the file holds: else no tool could apply it."""
    before = with_mark(change.original) if change.original is not None else ""
    old = f"a/{change.path}" if change.original is not None else "/dev/null"
    lines = difflib.unified_diff(_lines(before), _lines(with_mark(change)), old, f"b/{change.path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def counted(changes: tuple[Change, ...]) -> tuple[int, int]:
    """How many lines come in and how many go."""
    added = removed = 0
    for change in changes:
        for line in unified(change).split("\n")[_HEAD:]:
            added += line.startswith("+")
            removed += line.startswith("-")
    return added, removed


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
