"""What could be shown at a cursor: one definition of another file, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """The signature of one definition of another file: lines `start_line`..`end_line` (1-based, inclusive).

    `name` is how it is used in this file. A piece that makes no sense alone (a method that is indented below its
    class) needs the candidate numbered `parent`. `tokens` counts `text`; `last_line` is where the definition ends.
    """

    path: str
    start_line: int
    end_line: int
    text: str
    tokens: int
    symbol: str
    name: str
    why: str
    parent: int | None = None
    last_line: int = 0

    @property
    def place(self) -> tuple[str, int]:
        """Where it stands: no two candidates of a pool share it."""
        return self.path, self.start_line
