"""Which lines of a text are new: read from a diff, or found by comparing two texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from . import differences

_CONFLICT = re.compile(r"^<<<<<<< .*^=======\n.*^>>>>>>> ", re.MULTILINE | re.DOTALL)
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines `first`..`last` of the new text, both included, from 1.

    Where lines were only taken away, they are the two around the gap.
    """

    first: int
    last: int

    def meets(self, first: int, last: int) -> bool:
        """Whether the two have a line in common."""
        return self.first <= last and first <= self.last


def of_hunks(diff: str) -> tuple[Lines, ...]:
    """The new lines of one file from its part of a unified diff, made with any number of context lines.

    Lines of context do not count; the order is the file's.
    """
    found: list[Lines] = []
    old = new = number = 0
    gap = False
    for line in [*diff.split("\n"), " "]:
        sign = line[:1] if old or new else "@"
        if gap and sign not in "-\\":
            gap = False
            if sign != "+":
                found.append(Lines(max(1, number - 1), number))
        match sign:
            case "@":
                if match := _HUNK.match(line):
                    old, new = int(match[1] or "1"), int(match[3] or "1")
                    number = int(match[2]) + (new == 0)
            case "+":
                found.append(Lines(number, number))
                number, new = number + 1, new - 1
            case "-":
                old, gap = old - 1, True
            case "\\":
                pass
            case _:
                number, old, new = number + 1, old - 1, new - 1
    return merged(found)


def between(before: str, after: str) -> tuple[Lines, ...]:
    """The new lines of `after`; a stretch of it as a whole where the texts are too long to compare line by line."""
    if before == after:
        return ()
    new = after.split("\n")
    found = [
        Lines(max(1, one.new_first), min(one.new_first + 1, len(new)))
        if one.new_first == one.new_end
        else Lines(one.new_first + 1, one.new_end)
        for one in differences.blocks(before.split("\n"), new)
    ]
    return merged(found)


def in_conflict(text: str) -> bool:
    """Whether git has left the two sides of a merge in it, for a person to choose."""
    return "<<<<<<< " in text and _CONFLICT.search(text) is not None


def merged(lines: Iterable[Lines]) -> tuple[Lines, ...]:
    """The same lines in order, those that touch or overlap as one."""
    whole: list[Lines] = []
    for one in sorted(lines, key=lambda one: (one.first, one.last)):
        if whole and one.first <= whole[-1].last + 1:
            whole[-1] = Lines(whole[-1].first, max(whole[-1].last, one.last))
        else:
            whole.append(one)
    return tuple(whole)
