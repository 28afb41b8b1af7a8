"""A finding goes with its text: it moves as lines come and go above it, and ends when its quote is changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .differences import Block, blocks
from .finding import Finding
from .proof import place


@dataclass(frozen=True, slots=True)
class Span:
    """From code point `start` of line `first` up to code point `end` of line `last`; lines count from 1."""

    first: int
    start: int
    last: int
    end: int


def follow(findings: Sequence[Finding], before: str, after: str) -> tuple[Finding, ...]:
    """Those of `findings` (places in `before`) that still stand in `after`, each where it stands now."""
    if before == after or not findings:
        return tuple(findings)
    changed = blocks(before.split("\n"), after.split("\n"))
    moved = [_moved(one, changed, after) for one in findings]
    return tuple(one for one in moved if one is not None)


def standing(findings: Sequence[Finding], text: str) -> tuple[Finding, ...]:
    """Those of `findings` whose quote stands in their lines of `text`."""
    return tuple(one for one in findings if place(text, one.quote, one.start_line, one.end_line) is not None)


def span(text_rows: Sequence[str], finding: Finding) -> Span:
    """What exactly is quoted, for an editor to mark: `text_rows` are the lines of the text it stands in."""
    wanted = [line.strip() for line in finding.quote.strip("\n").split("\n")]
    top = text_rows[finding.start_line - 1] if finding.start_line <= len(text_rows) else ""
    bottom = text_rows[finding.end_line - 1] if finding.end_line <= len(text_rows) else ""
    if len(wanted) == 1:
        start = max(top.find(wanted[0]), 0)
        return Span(finding.start_line, start, finding.end_line, start + len(wanted[0]))
    start = len(top.rstrip()) - len(wanted[0]) if wanted[0] else 0
    end = len(bottom) - len(bottom.lstrip()) + len(wanted[-1])
    return Span(finding.start_line, max(start, 0), finding.end_line, min(end, len(bottom)))


def _moved(finding: Finding, changed: Sequence[Block], after: str) -> Finding | None:
    first, last = finding.start_line - 1, finding.end_line - 1
    low, high = _now(changed, first, upper=False), _now(changed, last, upper=True)
    if any(one.old_first <= last and first < one.old_end for one in changed):
        lines = place(after, finding.quote, low + 1, max(low, high) + 1)
        return replace(finding, start_line=lines[0], end_line=lines[1]) if lines is not None else None
    return replace(finding, start_line=low + 1, end_line=high + 1)


def _now(changed: Sequence[Block], line: int, *, upper: bool) -> int:
    """Where a line of the old text is now; of what has become something else the first line of that, or the last."""
    shift = 0
    for block in changed:
        if block.old_first <= line < block.old_end:
            return block.new_end - 1 if upper else block.new_first
        if block.old_end > line:
            break
        shift = block.new_end - block.old_end
    return line + shift
