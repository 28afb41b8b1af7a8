"""What could be shown at a cursor, and how much each piece is worth there."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Relation = Literal["imported", "of-module", "member", "constructor", "private", "base", "type"]

UNUSED = 0.55
"""The score of a name that is imported and not used yet: a new use is likely."""

MAX_UNSEEN_MEMBER = 0.5
"""Members not used yet stay below names imported and not used yet: they are many, and one of them is one line."""

_SHARE: dict[Relation, float] = {
    "imported": 1.0,
    "constructor": 0.8,
    "of-module": 0.4,
    "member": 0.4,
    "base": 0.4,
    "type": 0.4,
    "private": 0.1,
}
_NEAR_CHARS = 8_000
_WORD = re.compile(r"\.?[^\W\d]\w*")
_IMPORT_LINE = re.compile(r"\s*(?:from|import)\b")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One piece of another file.

    `via` is the name visible in this file through which it matters, `name` its own. A piece that makes no
    sense alone (a method) needs the candidate numbered `parent`. `tokens` counts `text`.
    """

    path: str
    start_line: int
    end_line: int
    text: str
    tokens: int
    symbol: str
    name: str
    via: str
    relation: Relation
    why: str
    parent: int | None = None

    @property
    def use(self) -> str:
        """How its own name looks where it is used: ".name" for what belongs to something."""
        return self.via if self.relation in ("imported", "base", "type") else f".{self.name}"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a refresh leaves behind for one file: never changed afterwards.

    `uses` maps what the candidates look like where they are used (`via`, `use`) to the sorted 0-based lines
    where that stands in this version of the text, imports left out. `reason` says why there are no
    candidates, where there are none.
    """

    version: int
    candidates: tuple[Candidate, ...] = ()
    uses: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    headers: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""


def find_uses(text: str, names: frozenset[str], imports: list[tuple[int, int]]) -> dict[str, tuple[int, ...]]:
    """The 0-based lines on which each of `names` stands, those of `imports` (1-based, inclusive) left out."""
    hidden = {line for start, end in imports for line in range(start - 1, end)}
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.split("\n")):
        if number in hidden:
            continue
        for word in names.intersection(_WORD.findall(line)):
            found.setdefault(word, []).append(number)
    return {word: tuple(lines) for word, lines in found.items()}


def visible(lines_away: int) -> float:
    """The worth of a name that stands this many lines from the cursor."""
    return float(0.3 + 1.5 * (1 + lines_away / 12) ** -1.5)


def _uses_nearby(text: str, offset: int) -> dict[str, int]:
    """Names around the cursor as the text stands now, with their distance in lines."""
    start = max(0, offset - _NEAR_CHARS)
    above = text[start:offset].split("\n")[::-1]
    below = text[offset : offset + _NEAR_CHARS].split("\n")
    nearby: dict[str, int] = {}
    for lines in (above, below):
        for distance, line in enumerate(lines):
            if not _IMPORT_LINE.match(line):
                for word in _WORD.findall(line):
                    if nearby.setdefault(word, distance) > distance:
                        nearby[word] = distance
    return nearby


def rank(analysis: Analysis, text: str, offset: int) -> list[float]:
    """Score each candidate for the cursor at `offset` of `text`."""
    line = text.count("\n", 0, offset)
    nearby = _uses_nearby(text, offset)

    def distance(name: str) -> int | None:
        best = nearby.get(name)
        if lines := analysis.uses.get(name):
            at = bisect_left(lines, line)
            far = min(abs(found - line) for found in lines[max(0, at - 1) : at + 1])
            best = far if best is None else min(best, far)
        return best

    scores: list[float] = []
    worth: dict[str, float] = {}
    for candidate in analysis.candidates:
        if (base := worth.get(candidate.via)) is None:
            seen = distance(candidate.via)
            base = worth[candidate.via] = UNUSED if seen is None else visible(seen)
        score = base * _SHARE[candidate.relation]
        if candidate.relation in ("member", "of-module", "base", "type"):
            score = min(score, MAX_UNSEEN_MEMBER)
        if candidate.use != candidate.via and (used := distance(candidate.use)) is not None:
            score = max(score, visible(used) * (1.0 if candidate.relation == "of-module" else 0.8))
        scores.append(score)
    return scores
