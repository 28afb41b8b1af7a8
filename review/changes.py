"""Which lines of a text are new: read from a diff, or found by comparing two texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")

MOST_COMPARED_LINES = 20_000


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
    """The new lines of `after`; all of it where the texts are too long to compare line by line."""
    if before == after:
        return ()
    old, new = before.split("\n"), after.split("\n")
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(middle_old) + len(middle_new) > MOST_COMPARED_LINES:
        return (Lines(head + 1, max(head + 1, len(new) - tail)),)
    found = []
    for tag, _, _, first, last in SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_opcodes():
        if tag == "delete":
            found.append(Lines(max(1, head + first), min(head + first + 1, len(new))))
        elif tag != "equal":
            found.append(Lines(head + first + 1, head + last))
    return merged(found)


def merged(lines: Iterable[Lines]) -> tuple[Lines, ...]:
    """The same lines in order, those that touch or overlap as one."""
    whole: list[Lines] = []
    for one in sorted(lines, key=lambda one: (one.first, one.last)):
        if whole and one.first <= whole[-1].last + 1:
            whole[-1] = Lines(whole[-1].first, max(whole[-1].last, one.last))
        else:
            whole.append(one)
    return tuple(whole)
