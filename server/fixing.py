"""A finding's fix as an edit that went through refactoring's matching and guards. On the thread that parses."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from ..refactor.answer import Proposal, Wanted
from ..refactor.command import Command
from ..refactor.faults import AnswerUnusable, Fault
from ..refactor.gathering import Gathered
from ..refactor.guarding import Guarded, guard
from ..refactor.known import Known
from ..refactor.original import Original
from ..refactor.scope import Scope, Span
from ..refactor.tasks import TASKS
from ..review.finding import Finding

_MOST_AROUND = 40
"""Lines on either side that make the place of a fix the only one of its kind."""


def fix(original: Original, finding: Finding, root: Path, known: Known | None) -> Guarded:
    """Put a finding's fix in; it may change the finding's lines and nothing else. Raise `AnswerUnusable`."""
    first, last = finding.start_line, min(finding.end_line, original.line_count)
    there = original.lines(first, last)
    replacement = finding.replacement
    if replacement is None or there.count(replacement.target) != 1:
        said = "What the fix would replace does not stand there as it was."
        raise AnswerUnusable((Fault("absent", said, original.path, first),))
    low, high = _only(original, first, last)
    text = original.lines(low, high)
    head, tail = original.lines(low, first - 1) if low < first else "", original.lines(last + 1, high)
    fixed = head + there.replace(replacement.target, replacement.text) + (tail if high > last else "")
    span = Span(original.line_start(first), original.line_start(last + 1), "code", "the finding's lines")
    scope = Scope(
        original.path,
        MappingProxyType({original.path: original}),
        MappingProxyType({original.path: (span,)}),
        keeps="told",
    )
    gathered = Gathered(Command(TASKS["fix"], root, original, first, last), scope, (), (), None)
    proposal = Proposal((Wanted("replace_text", original.path, text, fixed),), finding.title)
    guarded = guard(proposal, gathered, scope, known)
    if not guarded.changes:
        raise AnswerUnusable((Fault("absent", "The fix changes nothing.", original.path, first),))
    return guarded


def _only(original: Original, first: int, last: int) -> tuple[int, int]:
    """Lines around `first`..`last` whose text stands in one place only, as few as will do."""
    low, high = first, last
    for _ in range(_MOST_AROUND):
        text = original.lines(low, high)
        if original.plain.find(text) == original.plain.rfind(text):
            break
        low, high = max(1, low - 1), min(original.line_count, high + 1)
    return low, high
