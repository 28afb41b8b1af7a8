"""What is put to a model about one file: its regions, what belongs to them, the team's own rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..routing.privacy.sources import Source
from .proof import Reviewed

GUIDELINES = ".twolane/review.md"
MOST_GUIDELINES = 8_000
"""Characters of the team's own rules that are read; what is beyond is cut."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Lines of another file that a region is better judged with, such as a caller; `why` is one short phrase."""

    path: str
    start_line: int
    end_line: int
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One file of a review. `guidelines` are the team's own rules as they stand in their file, '' without any."""

    root: Path | None
    file: Reviewed
    language: str
    neighbours: tuple[Neighbour, ...] = ()
    guidelines: str = ""

    def sources(self) -> tuple[Source, ...]:
        """Everything that would leave, each with the file it is from; without a region there is nothing to ask."""
        found: list[Source] = []
        if self.guidelines:
            text = self.guidelines[:MOST_GUIDELINES]
            found.append(Source("file", text, GUIDELINES, 1, text.count("\n") + 1))
        found += [Source("snippet", one.text, one.path, one.start_line, one.end_line) for one in self.neighbours]
        for region in self.file.regions:
            text = lines(self.file.text, region.first, region.last)
            found.append(Source("file", text, self.file.path, region.first, region.last, required=True))
        return tuple(found)


def lines(text: str, first: int, last: int) -> str:
    """Lines `first`..`last` (1-based, inclusive) of a text, without a line break at the end."""
    return "\n".join(text.split("\n")[first - 1 : last])


def numbered(text: str, first: int, changed: Sequence[bool]) -> str:
    """Each line with its number, those that are new marked by a plus."""
    rows = text.split("\n")
    width = len(str(first + len(rows) - 1))
    return "\n".join(
        f"{first + index:{width}d}{'+' if new else ' '}| {row}"
        for index, (row, new) in enumerate(zip(rows, [*changed, *[False] * len(rows)], strict=False))
    )
