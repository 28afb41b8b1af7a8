"""What a large file says after a small edit, from what it said before: parsing it takes longer than a save waits.

Only where the edit lies inside of functions and adds or takes away no definition; anything else must be parsed. Of what
the file says only the definitions around some lines are brought along: a review needs no more.
"""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from ..context.facts import Definition, FileFacts
from ..context.languages.reading import read_text
from ..context.parsing import Refused
from .changes import Lines
from .differences import Block, blocks

MOST_BLOCKS = 8
MOST_LINES = 400
"""Of one function that is parsed alone."""


def shifted(
    facts: FileFacts, before: Sequence[str], after: Sequence[str], lines: Sequence[Lines], around: int = 0
) -> FileFacts | None:
    """`facts` of `before` (rows of a text) as they are in `after`; None where that cannot be told without parsing.

    Only the definitions that have a part of `lines` (of `after`), or of the `around` lines on either side. On the
    thread that parses.
    """
    changed = blocks(before, after)
    if not 0 < len(changed) <= MOST_BLOCKS:
        return None
    holders: dict[int, Definition] = {}
    for block in changed:
        holder = _holder(facts.definitions, block)
        if holder is None or holder.last_line - holder.start_line > MOST_LINES:
            return None
        holders[holder.start_line] = holder
    now = _Now(changed)
    for holder in holders.values():
        first, last = now.line(holder.start_line), now.line(holder.last_line)
        alone = read_text(facts.language, textwrap.dedent("\n".join(after[first - 1 : last]) + "\n"))
        inside = [one.name for one in facts.definitions if _within(one, holder)]
        if isinstance(alone, Refused) or alone.broken or [one.name for one in alone.definitions] != inside:
            return None
    spans = [(max(1, one.first - around), one.last + around) for one in lines]
    low, high = min((first for first, _ in spans), default=1), max((last for _, last in spans), default=0)
    found: list[Definition] = []
    for one in facts.definitions:
        first = now.line(min(one.start_line, one.doc_line or one.start_line))
        if first > high:
            continue
        last = now.line(one.last_line)
        if last >= low and any(a <= last and first <= b for a, b in spans):
            found.append(
                replace(
                    one,
                    start_line=now.line(one.start_line),
                    end_line=now.line(one.end_line),
                    last_line=last,
                    doc_line=now.line(one.doc_line) if one.doc_line else 0,
                )
            )
    return FileFacts(facts.language, definitions=tuple(found))


class _Now:
    """Where a line (from 1) that is in no block stands now."""

    def __init__(self, changed: Sequence[Block]) -> None:
        self._ends = [block.old_end for block in changed]
        self._shifts = [0, *(block.new_end - block.old_end for block in changed)]

    def line(self, line: int) -> int:
        return line + self._shifts[bisect_right(self._ends, line - 1)]


def _holder(definitions: Sequence[Definition], block: Block) -> Definition | None:
    """The innermost function whose body, after its signature and before its last line's end, holds the change."""
    low, high = block.old_first, block.old_end
    holding = [
        one
        for one in definitions
        if one.start_line <= low and one.end_line <= low and high < one.last_line and one.kind in ("function", "method")
    ]
    return min(holding, key=lambda one: one.last_line - one.start_line, default=None)


def _within(one: Definition, holder: Definition) -> bool:
    return holder.start_line <= one.start_line and one.last_line <= holder.last_line
