"""Where the text stands that an edit wants to replace: in exactly one place, or else the nearest lines are named."""

from __future__ import annotations

import re
from collections import Counter

from .faults import Fault
from .original import Original

_WORD = re.compile(r"\w+")
_AROUND = 2
_MOST_PLACES = 5
_MOST_LINES = 60


def find(original: Original, target: str) -> int | Fault:
    """The plain offset of the one place where `target` stands, or what is wrong: nothing is ever guessed."""
    plain, path = original.plain, original.path
    if not target:
        return 0 if not plain else Fault("absent", f"An edit of {path} does not say which text it replaces.", path)
    first = plain.find(target)
    if first == -1:
        line, lines = nearest(original, target)
        said = f"The text to be replaced does not stand in {path} as it was written."
        return Fault("absent", said, path, line, lines)
    second = plain.find(target, first + 1)
    if second == -1:
        return first
    places = [first]
    while second != -1 and len(places) < _MOST_PLACES:
        places.append(second)
        second = plain.find(target, second + 1)
    height = target.count("\n")
    parts = []
    for place in places:
        line = original.line_of(place)
        low, high = max(1, line - _AROUND), line + height + _AROUND
        parts.append(f"(line {line})\n{original.lines(low, min(high, low + _MOST_LINES))}")
    said = (
        f"The text to be replaced stands in {path} {'more than' if second != -1 else ''}"
        f" {len(places)} times; take in more lines around it."
    )
    return Fault("ambiguous", said.replace("  ", " "), path, original.line_of(first), "\n".join(parts))


def nearest(original: Original, target: str) -> tuple[int, str]:
    """The lines that are most like `target`: the first one's number and their text, ('' where nothing is like it).

    Each line of the target that stands in the file, white space aside, votes for where the target would begin;
    without such a line the one that shares most words decides.
    """
    wanted = target.split("\n")
    while wanted and not wanted[-1].strip():
        wanted.pop()
    real = original.plain.split("\n")
    places: dict[str, list[int]] = {}
    for number, line in enumerate(real):
        if stripped := line.strip():
            places.setdefault(stripped, []).append(number)
    votes: Counter[int] = Counter()
    for index, line in enumerate(wanted):
        found = places.get(line.strip(), ())
        if 0 < len(found) <= 50:
            for number in found:
                votes[number - index] += len(line.strip())
    start = votes.most_common(1)[0][0] if votes else _most_alike(wanted, real)
    if start is None:
        return 0, ""
    low = max(0, start - _AROUND)
    high = min(len(real), start + max(1, len(wanted)) + _AROUND, low + _MOST_LINES)
    return low + 1, "\n".join(real[low:high]) + "\n"


def _most_alike(wanted: list[str], real: list[str]) -> int | None:
    index, line = max(enumerate(wanted), key=lambda one: len(_WORD.findall(one[1])), default=(0, ""))
    words = set(_WORD.findall(line))
    if not words:
        return None
    best, score = None, 0.0
    for number, other in enumerate(real):
        theirs = set(_WORD.findall(other))
        shared = len(words & theirs)
        if shared and (alike := shared / len(words | theirs)) > score:
            best, score = number - index, alike
    return best if score >= 0.2 else None
