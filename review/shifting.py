"""What a file says after a small edit, from what it said before: to parse a large file takes longer than a save waits.

Only where the edit lies inside of functions and adds or takes away no definition; anything else must be parsed. Of what
the file says only the definitions are brought along: a review needs no more.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from ..context.facts import Definition, FileFacts
from ..context.languages.reading import read_text
from ..context.parsing import Refused
from .differences import Block, blocks

MOST_BLOCKS = 8
MOST_LINES = 400
"""Of one function that is parsed alone."""


def shifted(facts: FileFacts, before: str, after: str) -> FileFacts | None:
    """`facts` of `before` as they are in `after`; None where that cannot be told without parsing all of it.

    On the thread that parses.
    """
    old, new = before.split("\n"), after.split("\n")
    changed = blocks(old, new)
    if not 0 < len(changed) <= MOST_BLOCKS:
        return None
    functions = [one for one in facts.definitions if one.kind in ("function", "method")]
    touched: dict[int, Definition] = {}
    for block in changed:
        holder = _holder(functions, block)
        if holder is None or holder.last_line - holder.start_line > MOST_LINES:
            return None
        touched[holder.start_line] = holder
    for holder in touched.values():
        first, last = _now(changed, holder.start_line - 1), _now(changed, holder.last_line - 1)
        inside = [one.name for one in facts.definitions if _within(one, holder)]
        alone = read_text(facts.language, textwrap.dedent("\n".join(new[first : last + 1]) + "\n"))
        if isinstance(alone, Refused) or alone.broken or [one.name for one in alone.definitions] != inside:
            return None
    moved = tuple(
        replace(
            one,
            start_line=_now(changed, one.start_line - 1) + 1,
            end_line=_now(changed, one.end_line - 1) + 1,
            last_line=_now(changed, one.last_line - 1) + 1,
            doc_line=_now(changed, one.doc_line - 1) + 1 if one.doc_line else 0,
        )
        for one in facts.definitions
    )
    return FileFacts(facts.language, definitions=moved)


def _holder(functions: Sequence[Definition], block: Block) -> Definition | None:
    """The innermost function whose body, after its signature and before its last line's end, holds the change."""
    holding = [
        one
        for one in functions
        if max(one.end_line, one.start_line) <= block.old_first and block.old_end < one.last_line
    ]
    return min(holding, key=lambda one: one.last_line - one.start_line, default=None)


def _within(one: Definition, holder: Definition) -> bool:
    return holder.start_line <= one.start_line and one.last_line <= holder.last_line


def _now(changed: Sequence[Block], line: int) -> int:
    """Where a line (from 0) that is in no block stands now."""
    shift = 0
    for block in changed:
        if block.old_end > line:
            break
        shift = block.new_end - block.old_end
    return line + shift
