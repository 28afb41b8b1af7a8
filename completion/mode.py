"""How much to complete at a position: the rest of one line, or a block."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .languages import Shape, indent

Setting = Literal["auto", "never", "always"]

_OPENING = re.compile(
    r"\s*(?:if|elif|elsif|elseif|else|unless|for|foreach|while|until|loop|do|switch|match|select|try|catch|except|finally"
    r"|with|case|def|class|func|fn|function|impl|struct|enum|trait|interface|module|namespace|async|pub|public|private"
    r"|protected|static|export|local function)\b"
)
_CLOSING = re.compile(r"[\])}>\"'`,;:\s]*(?:\{\s*)?$")


@dataclass(frozen=True, slots=True)
class Place:
    """The lines around a cursor: its own (`head` before it, `rest` after it) and the nearest not blank.

    `gap` says that a blank line stands directly above, `below` holds up to three lines.
    """

    head: str
    rest: str
    above: str
    gap: bool
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mode:
    """`kind` is what to complete and `why` in a few words. `opener` is the line whose block begins here.

    Where the line `may_open` a block, one that does brings its body along.
    """

    kind: Literal["line", "block"]
    why: str
    opener: str | None = None
    may_open: bool = False


def look(before: str, after: str) -> Place:
    """Find the lines that matter around the cursor between `before` and `after`."""
    head = before[before.rfind("\n") + 1 :]
    rest, _, remainder = after.partition("\n")
    above, gap = _above(before[: len(before) - len(head)])
    below: list[str] = []
    at = 0
    while at < len(remainder) and len(below) < 3:
        end = remainder.find("\n", at)
        end = len(remainder) if end < 0 else end
        if (line := remainder[at:end].rstrip()) != "":
            below.append(line)
        at = end + 1
    return Place(head, rest.rstrip(), above, gap, tuple(below))


def _above(text: str) -> tuple[str, bool]:
    stripped = text.rstrip()
    gap = text.count("\n", len(stripped)) > 1
    return stripped[stripped.rfind("\n") + 1 :], gap


def in_middle(place: Place) -> bool:
    """Whether code follows on the line, not only what closes it."""
    return _CLOSING.fullmatch(place.rest) is None


def decide(place: Place, shape: Shape | None, setting: Setting) -> Mode:
    """Decide what to complete; text after the cursor on its line always means: this line only."""
    if in_middle(place):
        return Mode("line", "code follows on this line")
    if place.rest.strip():
        return Mode("line", "the line is closed already")
    if setting == "never":
        return Mode("line", "blocks are off")
    if shape is None and setting == "auto":
        return Mode("line", "language without block rules")
    opener = _opener(place, shape)
    if opener is not None:
        return Mode("block", "a block opens here", opener)
    if setting == "always":
        return Mode("block", "blocks are on")
    if not place.head.strip() and shape is not None:
        if place.above and shape.is_comment(place.above) and not place.gap:
            return Mode("block", "a comment says what follows")
        if place.gap and not place.head:
            return Mode("block", "a new paragraph")
    return Mode("line", "inside a statement or between statements", may_open=_may_open(place, shape))


def _may_open(place: Place, shape: Shape | None) -> bool:
    """Whether the line begins as those do that open a block, and there is none below it yet."""
    if shape is None or place.rest.strip() or _OPENING.match(place.head) is None:
        return False
    return not place.below or indent(place.below[0]) <= indent(place.head)


def _opener(place: Place, shape: Shape | None) -> str | None:
    """The line that opens the still empty block in which the cursor stands."""
    if shape is None:
        return None
    line = place.head if place.head.strip() else place.above
    if not line or shape.is_comment(line) or not shape.opens_block(line):
        return None
    if line is place.above and place.gap and not shape.indented:
        return None
    filled = bool(place.below) and indent(place.below[0]) > indent(line)
    return None if filled else line
