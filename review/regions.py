"""What of a file is reviewed: the changed lines with the definition around them, nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..context.facts import TYPES, Definition, FileFacts
from .changes import Lines

MOST_LINES = 300
"""A definition longer than this is not taken whole."""

MOST_LINES_OF_A_TYPE = 100
"""A change between the functions of a longer type is shown with the lines around it."""

AROUND = 20
"""Lines on either side of a change that no definition holds, or one that is too long."""

_FUNCTIONS = frozenset({"function", "method"})


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
    """Widen each change to the functions it lies in, or to the lines around it; overlapping ones are one.

    A change that reaches over several functions is one of each; blank lines at its ends do not count.
    """
    rows = text.split("\n")
    count = len(rows) - (rows[-1] == "" and len(rows) > 1)
    holders = _holders(facts, count) if facts is not None and changed else [None] * (count + 1)
    spans: list[tuple[int, int, str, list[Lines]]] = []
    for lines in _pieces(rows, count, holders, changed):
        first, last = lines.first, lines.last
        holder = holders[first]
        if holder is not None:
            low = min(holder.start_line, holder.doc_line or holder.start_line)
            high, symbol = min(holder.last_line, count), holder.symbol
        else:
            low, high, symbol = max(1, first - AROUND), min(count, last + AROUND), ""
        if spans and low <= spans[-1][1] + 1:
            before = spans.pop()
            symbol = symbol if symbol == before[2] else ""
            spans.append((min(before[0], low), max(before[1], high), symbol, [*before[3], lines]))
        else:
            spans.append((low, high, symbol, [lines]))
    return tuple(
        Region(low, high, tuple(new), symbol, _digest(rows, low, high, new)) for low, high, symbol, new in spans
    )


def _holders(facts: FileFacts, count: int) -> list[Definition | None]:
    """For each line (from 1) the innermost function around it, or the short type; None where there is none."""
    holding = [
        one
        for one in facts.definitions
        if (one.kind in _FUNCTIONS and one.last_line - one.start_line < MOST_LINES)
        or (one.kind in TYPES and one.last_line - one.start_line < MOST_LINES_OF_A_TYPE)
    ]
    found: list[Definition | None] = [None] * (count + 1)
    for one in sorted(holding, key=lambda one: one.start_line - one.last_line):
        low, high = one.start_line, min(one.last_line, count)
        found[low : high + 1] = [one] * (high + 1 - low)
    return found


def _pieces(
    rows: Sequence[str], count: int, holders: Sequence[Definition | None], changed: Sequence[Lines]
) -> Iterator[Lines]:
    """The changes in order, cut where one function ends and another begins, without blank lines at their ends."""
    for lines in sorted(changed, key=lambda one: one.first):
        first, last = min(lines.first, count), min(lines.last, count)
        blank = [not rows[line - 1].strip() for line in range(first, last + 1)]
        if all(blank):
            if len(blank) == 2:  # something may have been taken away between them
                yield Lines(first, last)
            continue
        start = None
        end = first
        for line in range(first, last + 1):
            if blank[line - first]:
                continue
            if start is not None and holders[line] is not holders[start]:
                yield Lines(start, end)
                start = None
            start, end = line if start is None else start, line
        if start is not None:
            yield Lines(start, end)


def symbol_at(facts: FileFacts | None, line: int) -> str:
    """The innermost function or type around a line; '' at the top of a file."""
    holder = _innermost(facts.definitions if facts is not None else (), line, line)
    return holder.symbol if holder is not None else ""


def _innermost(definitions: Iterable[Definition], first: int, last: int) -> Definition | None:
    holding = [
        one
        for one in definitions
        if (one.kind in TYPES or one.kind in _FUNCTIONS) and one.start_line <= first and last <= one.last_line
    ]
    return min(holding, key=lambda one: one.last_line - one.start_line, default=None)


def _digest(rows: Sequence[str], low: int, high: int, changed: Iterable[Lines]) -> str:
    """White space at line ends does not count, and neither does where in the file it stands."""
    new = ",".join(f"{one.first - low}-{one.last - low}" for one in changed)
    content = "\n".join(row.rstrip() for row in rows[low - 1 : high])
    return hashlib.sha256(f"{new}\n{content}".encode("utf-8", "surrogatepass")).hexdigest()
