"""The face of a way to choose context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from twolane.context import tokens

from ..points import Point
from ..repository import Repository


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines `start`..`end` (1-based, inclusive) of `path`, for the definition named `symbol` or for none."""

    path: str
    start: int
    end: int
    text: str
    symbol: str = ""


class Arm(Protocol):
    """Chooses pieces for points of one repository. What is hidden at a point must not take part in any way."""

    name: str

    def prepare(self, repository: Repository) -> None:
        """Look at the repository; not timed."""
        ...

    def choose(self, point: Point, text: str, offset: int, budget: int) -> Sequence[Piece]:
        """Pieces of other files for the cursor at `offset` of `text`, the file without what is hidden."""
        ...


def hidden(repository: Repository, point: Point) -> tuple[str, int]:
    """The file without what a point hides, its masked imports still there, and where the hole is."""
    text = repository.texts[point.path]
    return text[: point.start] + text[point.end :], point.start


def fit(pieces: Sequence[Piece], budget: int) -> tuple[list[Piece], int]:
    """What stands in the first `budget` tokens, by whole lines, and its tokens; each file's name is counted once."""
    shown: list[Piece] = []
    paths: set[str] = set()
    total = 0
    for piece in pieces:
        header = 0 if piece.path in paths else tokens.count_header(piece.path)
        lines = piece.text.split("\n")
        kept = 0
        spent = total + header
        for line in lines:
            if spent + tokens.count(line + "\n") > budget:
                break
            spent += tokens.count(line + "\n")
            kept += 1
        if kept:
            paths.add(piece.path)
            total = spent
            shown.append(Piece(piece.path, piece.start, piece.start + kept - 1, "\n".join(lines[:kept]), piece.symbol))
        if kept < len(lines):
            break
    return shown, total
