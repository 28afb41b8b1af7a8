"""Where people stop typing: holes in a file, cut at characters and never at token borders."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["rest-of-line", "line", "lines", "argument", "block", "body", "span"]

KINDS: tuple[tuple[Kind, float], ...] = (
    ("rest-of-line", 0.40),
    ("line", 0.18),
    ("lines", 0.10),
    ("argument", 0.14),
    ("block", 0.09),
    ("body", 0.06),
    ("span", 0.03),
)
"""The share of each kind of hole in training."""

_ATTEMPTS = 12
_MAX_BLOCK_LINES = 12
_MAX_MIDDLE = 700
_HEADER = re.compile(r"^[ \t]*(async |class |def |elif |else|except|finally|for |if |match |try|while |with ).*:\s*$")
_FUNCTION = re.compile(r"^[ \t]*(async )?def ")


@dataclass(frozen=True, slots=True)
class Hole:
    """Code points `start`..`end` of a text are missing."""

    kind: Kind
    start: int
    end: int


class Lines:
    """Line starts of a text, for drawing holes from it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        if self.starts[-1] == len(text) and len(self.starts) > 1:
            self.starts.pop()

    def end(self, index: int) -> int:
        """The offset of the line's end, its break excluded."""
        stop = self.starts[index + 1] - 1 if index + 1 < len(self.starts) else len(self.text)
        return stop - 1 if stop == len(self.text) and self.text.endswith("\n") else stop

    def line(self, index: int) -> str:
        """The line without its break."""
        return self.text[self.starts[index] : self.end(index)]

    def indent(self, index: int) -> int:
        """Leading blanks of the line."""
        line = self.line(index)
        return len(line) - len(line.lstrip())


def draw(lines: Lines, rng: random.Random, kind: Kind | None = None) -> Hole | None:
    """Draw one hole, of `kind` or of a kind by its share; None if the text offers none."""
    if kind is None:
        kind = rng.choices([name for name, _ in KINDS], [share for _, share in KINDS])[0]
    for _ in range(_ATTEMPTS):
        index = rng.randrange(len(lines.starts))
        hole = _at(lines, rng, kind, index)
        if hole is not None and hole.start < hole.end <= hole.start + _MAX_MIDDLE:
            return hole
    return None if kind == "rest-of-line" else draw(lines, rng, "rest-of-line")


def _at(lines: Lines, rng: random.Random, kind: Kind, index: int) -> Hole | None:
    line = lines.line(index)
    if not line.strip():
        return None
    start, end = lines.starts[index], lines.end(index)
    first = start + lines.indent(index)
    if kind == "rest-of-line":
        return Hole(kind, rng.randrange(first, end), end)
    if kind == "line":
        return Hole(kind, first if rng.random() < 0.8 else start, end)
    if kind == "lines":
        last = min(index + rng.randint(1, 5), len(lines.starts) - 1)
        return Hole(kind, rng.randrange(first, end), lines.end(last))
    if kind == "argument":
        return _argument(lines.text, rng, first, end)
    if kind == "span":
        begin = rng.randrange(first, end)
        return Hole(kind, begin, min(len(lines.text), begin + rng.randint(1, 160)))
    return _block(lines, rng, kind, index)


def _argument(text: str, rng: random.Random, first: int, end: int) -> Hole | None:
    opens = [at for at in range(first, end) if text[at] in "(["]
    if not opens:
        return None
    opened = rng.choice(opens)
    depth = 0
    for at in range(opened, min(len(text), opened + 300)):
        depth += text[at] in "([{"
        depth -= text[at] in ")]}"
        if depth == 0:
            if at == opened + 1:
                return None
            begin = opened + 1 if rng.random() < 0.6 else rng.randrange(opened + 1, at)
            return Hole("argument", begin, at)
    return None


def _block(lines: Lines, rng: random.Random, kind: Kind, index: int) -> Hole | None:
    near = range(index, max(-1, index - 30), -1)
    wanted = _FUNCTION if kind == "body" else _HEADER
    header = next((at for at in near if wanted.match(lines.line(at)) and lines.line(at).rstrip().endswith(":")), None)
    if header is None:
        return None
    depth = lines.indent(header)
    last = header
    for at in range(header + 1, min(len(lines.starts), header + 1 + 4 * _MAX_BLOCK_LINES)):
        if lines.line(at).strip():
            if lines.indent(at) <= depth:
                break
            last = at
    if not 0 < last - header <= _MAX_BLOCK_LINES:
        return None
    inside = lines.starts[header + 1] + lines.indent(header + 1)
    return Hole(kind, inside if rng.random() < 0.7 else lines.end(header), lines.end(last))
