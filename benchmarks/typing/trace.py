"""Keystrokes of somebody who writes pieces of a real project again: rhythm, pauses, slips, accepted lines, jumps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["jump", "key", "erase", "accept"]


@dataclass(frozen=True, slots=True)
class Event:
    """`wait_s` after the event before, the text from `start` to `end` of `path` becomes `text`.

    The cursor is then at `start + len(text)`. A jump takes the piece away that is about to be written.
    """

    wait_s: float
    kind: Kind
    path: str
    start: int
    end: int
    text: str

    @property
    def cursor(self) -> int:
        """Where the cursor stands afterwards, as an offset."""
        return self.start + len(self.text)

    def apply(self, text: str) -> str:
        """Return the document after the event."""
        return text[: self.start] + self.text + text[self.end :]


def build(files: dict[str, str], keys: int, seed: int) -> list[Event]:
    """Make a session of about `keys` keystrokes over these files; the same for the same arguments."""
    chance = random.Random(seed)
    pieces = [(path, piece) for path, text in sorted(files.items()) for piece in _pieces(text)]
    events: list[Event] = []
    while sum(event.kind != "jump" for event in events) < keys:
        path, (start, end) = chance.choice(pieces)
        events += _written(path, start, files[path][start:end], chance)
    return events


def read(folder: Path) -> dict[str, str]:
    """Read a project's Python files by their paths in it."""
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.py"))
    }


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Find runs of two to four indented lines of code, from the first one's code to the last one's end."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for first in range(1, len(lines) - 4):
        chosen = lines[first : first + 2 + first % 3]
        if all(line.startswith("    ") and line.strip() and line.strip()[0] not in "\"'#" for line in chosen):
            yield starts[first] + len(chosen[0]) - len(chosen[0].lstrip()), starts[first + len(chosen)] - 1


def _written(path: str, start: int, piece: str, chance: random.Random) -> Iterator[Event]:
    yield Event(1.0, "jump", path, start, start + len(piece), "")
    at = 0
    while at < len(piece):
        letter = piece[at]
        rest = piece[at:].split("\n")[0]
        if letter == "\n":
            indent = len(piece[at + 1 :]) - len(piece[at + 1 :].lstrip(" "))
            yield Event(
                chance.lognormvariate(-1.0, 0.4), "key", path, start + at, start + at, piece[at : at + 1 + indent]
            )
            at += 1 + indent
            continue
        if len(rest) > 6 and at and not piece[at - 1].isalnum() and chance.random() < 0.08:
            yield Event(chance.lognormvariate(-0.7, 0.3), "accept", path, start + at, start + at, rest)
            at += len(rest)
            continue
        gap = chance.lognormvariate(-2.1, 0.4) + (0.9 if chance.random() < 0.03 else 0.0)
        if letter.isalpha() and chance.random() < 0.03:
            yield Event(gap, "key", path, start + at, start + at, chance.choice("etaoinsr"))
            yield Event(0.25, "erase", path, start + at, start + at + 1, "")
            gap = 0.12
        yield Event(gap, "key", path, start + at, start + at, letter)
        at += 1
