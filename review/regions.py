"""What of a file is reviewed: the changed lines with the definition around them, nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..context.facts import TYPES, Definition, FileFacts
from .changes import Lines

MOST_LINES = 300
"""A definition longer than this is not taken whole."""

AROUND = 20
"""Lines on either side of a change that no definition holds, or one that is too long."""


@dataclass(frozen=True, slots=True)
class Region:
    """Lines `first`..`last` (1-based, inclusive) of a file and what of them is new.

    `symbol` names the definition it is, '' where it is none or more than one. `digest` tells one content from another:
    the text of the region and which of its lines are new.
    """

    first: int
    last: int
    changed: tuple[Lines, ...]
    symbol: str
    digest: str

    def is_new(self, first: int, last: int) -> bool:
        """Whether one of these lines is new."""
        return any(one.meets(first, last) for one in self.changed)


def regions(text: str, facts: FileFacts | None, changed: Sequence[Lines]) -> tuple[Region, ...]:
    """Widen each change to the innermost function around it, or to the lines around it; overlapping ones are one."""
    rows = text.split("\n")
    count = len(rows) - (rows[-1] == "" and len(rows) > 1)
    spans: list[tuple[int, int, str, list[Lines]]] = []
    for lines in sorted(changed, key=lambda one: one.first):
        first, last = min(lines.first, count), min(lines.last, count)
        holder = _around(facts.definitions if facts is not None else (), first, last)
        if holder is not None:
            low, high, symbol = (
                min(holder.start_line, holder.doc_line or holder.start_line),
                holder.last_line,
                holder.symbol,
            )
        else:
            low, high, symbol = max(1, first - AROUND), min(count, last + AROUND), ""
        if spans and low <= spans[-1][1] + 1:
            before = spans.pop()
            symbol = symbol if symbol == before[2] else ""
            spans.append((min(before[0], low), max(before[1], high), symbol, [*before[3], Lines(first, last)]))
        else:
            spans.append((low, high, symbol, [Lines(first, last)]))
    return tuple(
        Region(low, high, tuple(new), symbol, _digest(rows, low, high, new)) for low, high, symbol, new in spans
    )


def symbol_at(facts: FileFacts | None, line: int) -> str:
    """The innermost function or type around a line; '' at the top of a file."""
    holder = _innermost(facts.definitions if facts is not None else (), line, line)
    return holder.symbol if holder is not None else ""


def _around(definitions: Iterable[Definition], first: int, last: int) -> Definition | None:
    """The innermost function that holds the lines and is not too long; a type only where it is short."""
    holder = _innermost(definitions, first, last)
    if holder is None or holder.last_line - holder.start_line >= MOST_LINES:
        return None
    return holder


def _innermost(definitions: Iterable[Definition], first: int, last: int) -> Definition | None:
    holding = [
        one
        for one in definitions
        if (one.kind in TYPES or one.kind in ("function", "method"))
        and one.start_line <= first
        and last <= one.last_line
    ]
    return min(holding, key=lambda one: one.last_line - one.start_line, default=None)


def _digest(rows: Sequence[str], low: int, high: int, changed: Iterable[Lines]) -> str:
    """White space at line ends does not count, and neither does where in the file it stands."""
    new = ",".join(f"{one.first - low}-{one.last - low}" for one in changed)
    content = "\n".join(row.rstrip() for row in rows[low - 1 : high])
    return hashlib.sha256(f"{new}\n{content}".encode("utf-8", "surrogatepass")).hexdigest()
