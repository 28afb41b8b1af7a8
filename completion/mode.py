"""How much to complete at a position: the rest of one line, or a block."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .languages import Shape, indent
from .standing import Standing

Setting = Literal["auto", "never", "always"]

_APART = re.compile(r"\}[ \t]*\n[ \t]*(?:else|catch|finally)\b")
_OPENING = re.compile(
    r"\s*(?:if|elif|elsif|elseif|else|unless|for|foreach|while|until|loop|do|switch|match|select|try|catch|except|finally"
    r"|with|case|def|class|func|fn|function|impl|struct|enum|trait|interface|module|namespace|async|pub|public|private"
    r"|protected|static|export|local function)\b"
)
_CLOSING = re.compile(r"[\])}>\"'`,;:\s]*(?:\{\s*)?$")


@dataclass(frozen=True, slots=True)
class Place:
    """The lines around a cursor: its own (`head` before it, `rest` after it) and the nearest not blank.

    `gap` says that a blank line stands directly above, `below` holds up to three lines. `apart` says that the document
    writes `else` on a line of its own, below the bracket that closes the block before it.
    """

    head: str
    rest: str
    above: str
    gap: bool
    below: tuple[str, ...]
    apart: bool = False


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
    return Place(head, rest.rstrip(), above, gap, tuple(below), any(map(_APART.search, (before, after))))


def _above(text: str) -> tuple[str, bool]:
    stripped = text.rstrip()
    gap = text.count("\n", len(stripped)) > 1
    return stripped[stripped.rfind("\n") + 1 :], gap


def in_middle(place: Place) -> bool:
    """Whether code follows on the line, not only what closes it."""
    return _CLOSING.fullmatch(place.rest) is None


def decide(place: Place, shape: Shape | None, setting: Setting, standing: Standing | None = None) -> Mode:
    """Decide what to complete; text after the cursor on its line always means: this line only.

    `standing` is what the syntax tree says of the cursor, where there is one; the look of the lines decides the rest.
    """
    if in_middle(place):
        return Mode("line", "code follows on this line")
    if place.rest.strip():
        outside = standing is None or not standing.inside
        may_open = setting == "auto" and outside and _may_open(place, shape)
        return Mode("line", "the line is closed already", may_open=may_open)
    if setting == "never":
        return Mode("line", "blocks are off")
    if shape is None and setting == "auto":
        return Mode("line", "language without block rules")
    if standing is not None and standing.inside:
        return Mode("line", f"inside a {standing.inside}")
    opener, why = _opener(place, shape, standing)
    if opener is not None:
        return Mode("block", why, opener)
    if setting == "always":
        return Mode("block", "blocks are on")
    if not place.head.strip() and shape is not None:
        if _after_comment(place, shape, standing):
            return Mode("block", "a comment says what follows")
        if place.gap and not place.head and not (standing is not None and standing.in_list):
            return Mode("block", "a new paragraph")
    return Mode("line", "inside a statement or between statements", may_open=_may_open(place, shape))


def _may_open(place: Place, shape: Shape | None) -> bool:
    """Whether a block that the line opens has no body yet: nothing below stands further in."""
    return shape is not None and (not place.below or indent(place.below[0]) <= indent(place.head))


def ends_line(place: Place) -> bool:
    """Whether a line that is begun is to be ended, with nothing behind the cursor."""
    return bool(place.head.strip()) and not place.rest.strip()


def likely_one_line(place: Place) -> bool:
    """Whether what is begun on the line is seldom longer than it: it does not look as if it opened a block."""
    return bool(place.head.strip()) and _OPENING.match(place.head) is None


def undecided(place: Place, shape: Shape | None, setting: Setting) -> bool:
    """Whether a syntax tree may say that more than one line is wanted where the look of the lines does not."""
    return setting == "auto" and shape is not None and not place.head.strip() and not place.rest.strip()


def _after_comment(place: Place, shape: Shape, standing: Standing | None) -> bool:
    """Whether the line above is only a comment."""
    if standing is not None and standing.after_comment != "unknown":
        return standing.after_comment == "yes" and not standing.in_list
    return bool(place.above) and shape.is_comment(place.above) and not place.gap


def _opener(place: Place, shape: Shape | None, standing: Standing | None) -> tuple[str | None, str]:
    """The line that opens the still empty block in which the cursor stands, and how that shows."""
    if shape is None or (standing is not None and standing.opens == "no"):
        return None, ""
    if standing is not None and standing.empty and standing.opener and not place.head.strip():
        return standing.opener, "the block is empty"
    line = place.head if place.head.strip() else place.above
    filled = bool(line) and bool(place.below) and indent(place.below[0]) > indent(line)
    if line and not filled and not shape.is_comment(line):
        of_list = standing is not None and standing.in_list and line.rstrip().endswith(":")
        if not of_list and shape.opens_block(line) and (line is not place.above or not place.gap or shape.indented):
            return line, "a block opens here"
        if standing is not None and line is place.above and _is_signature(line, place, shape, standing):
            return line, "a signature waits for its body"
    return None, ""


def _is_signature(line: str, place: Place, shape: Shape, standing: Standing) -> bool:
    """Whether a line is the whole head of a definition whose body is not there yet."""
    if shape.indented or place.gap or standing.statement or standing.in_list or not line.rstrip().endswith(")"):
        return False
    return shape.starts_definition(line) and not (place.below and place.below[0].lstrip().startswith("{"))
