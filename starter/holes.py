"""Where people stop typing: holes in a file, cut at characters and never at token borders.

Where a kind leaves its start open, half of the starts are inside a word. Comments and documentation are seldom taken:
people complete code.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["rest-of-line", "line", "lines", "argument", "block", "body", "span"]

KINDS: tuple[tuple[Kind, float], ...] = (
    ("rest-of-line", 0.48),
    ("line", 0.12),
    ("lines", 0.08),
    ("argument", 0.16),
    ("block", 0.08),
    ("body", 0.06),
    ("span", 0.02),
)
"""The share of each kind of hole in training."""

_ATTEMPTS = 24
_MAX_BLOCK_LINES = 12
_MAX_MIDDLE = 700
_INSIDE_WORDS = 0.5
_PROSE_PASSED_OVER = 0.8
_COMMENT = re.compile(r"[ \t]*(#|//|/?\*)")
_LONG_QUOTE = re.compile(r'"""|\'\'\'')
_HEADER = re.compile(
    r"^[ \t]*(async |class |def |elif |else|except|finally|for |if |match |try|while |with ).*:\s*$|.*\{\s*$"
)
_FUNCTION = re.compile(
    r"^[ \t]*((async|export|pub|public|private|protected|static|final|unsafe|const) )*(def|func|function|fn) "
)
_OPENS = (":", "{")


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
        self.prose = _prose(text)

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


def _prose(text: str) -> frozenset[int]:
    """The lines that are comments or lie in long strings, roughly: by their first sign and by counted quotes."""
    found: set[int] = set()
    inside = False
    for number, line in enumerate(text.split("\n")):
        quotes = len(_LONG_QUOTE.findall(line))
        if inside or quotes or _COMMENT.match(line):
            found.add(number)
        inside ^= quotes % 2 == 1
    return frozenset(found)


def inside_word(text: str, offset: int) -> bool:
    """Whether a word goes on at `offset`."""
    return 0 < offset < len(text) and _in_word(text[offset - 1]) and _in_word(text[offset])


def word_start(text: str, offset: int) -> int:
    """Where the word begins that goes on at `offset`; `offset` itself where none does."""
    if not inside_word(text, offset):
        return offset
    while offset and _in_word(text[offset - 1]):
        offset -= 1
    return offset


def _in_word(sign: str) -> bool:
    return sign == "_" or sign.isalnum()


def _start(text: str, rng: random.Random, first: int, end: int) -> int:
    """Where in `first`..`end` the hole begins, `end` excluded."""
    inside = [at for at in range(first + 1, end) if inside_word(text, at)]
    if inside and rng.random() < _INSIDE_WORDS:
        return rng.choice(inside)
    outside = [at for at in range(first, end) if not inside_word(text, at)]
    return rng.choice(outside)


def draw(lines: Lines, rng: random.Random, kind: Kind | None = None, among: Sequence[int] | None = None) -> Hole | None:
    """Draw one hole, of `kind` or of a kind by its share; None if the text offers none.

    It begins in one of the lines (0-based) `among` which it is to be, or contains it; in any where none are told.
    """
    if kind is None:
        kind = rng.choices([name for name, _ in KINDS], [share for _, share in KINDS])[0]
    for _ in range(_ATTEMPTS):
        index = rng.choice(among or range(len(lines.starts)))
        if index in lines.prose and rng.random() < _PROSE_PASSED_OVER:
            continue
        hole = _at(lines, rng, kind, index)
        if hole is not None and hole.start < hole.end <= hole.start + _MAX_MIDDLE:
            return hole
    return None if kind == "rest-of-line" else draw(lines, rng, "rest-of-line", among)


def _at(lines: Lines, rng: random.Random, kind: Kind, index: int) -> Hole | None:
    line = lines.line(index)
    if not line.strip():
        return None
    start, end = lines.starts[index], lines.end(index)
    first = start + lines.indent(index)
    if kind == "rest-of-line":
        return Hole(kind, _start(lines.text, rng, first, end), end)
    if kind == "line":
        return Hole(kind, first if rng.random() < 0.8 else start, end)
    if kind == "lines":
        last = min(index + rng.randint(1, 5), len(lines.starts) - 1)
        return Hole(kind, _start(lines.text, rng, first, end), lines.end(last))
    if kind == "argument":
        return _argument(lines.text, rng, first, end)
    if kind == "span":
        begin = _start(lines.text, rng, first, end)
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
            begin = opened + 1 if rng.random() < 0.6 else _start(text, rng, opened + 1, at)
            return Hole("argument", begin, at)
    return None


def _block(lines: Lines, rng: random.Random, kind: Kind, index: int) -> Hole | None:
    near = range(index, max(-1, index - 30), -1)
    wanted = _FUNCTION if kind == "body" else _HEADER
    header = next(
        (at for at in near if wanted.match(lines.line(at)) and lines.line(at).rstrip().endswith(_OPENS)), None
    )
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
