"""The part of a window that is parsed: whole definitions around the cursor, short enough to be parsed at a key."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..languages import Shape, indent
from ..window import Window, cut

BEFORE_CHARS, AFTER_CHARS = 6_000, 3_000
_STEP = 1_500
"""The start moves in steps of this many characters, so that typing seldom moves it."""

_INNER_LINE = re.compile(r"(?<=\n\n)(?=[ \t]+(?:@|(?:async\s+)?def\b|class\b))")
_DEFINITION = re.compile(r"^[ \t]+(?:async\s+)?(?:def|class)\b", re.MULTILINE)
_TOP_LINE = re.compile(r"(?<=\n\n)(?=[^\s)\]}#*/.,:;|&])")
"""A line that begins at the margin, behind a blank one, and is no closing bracket and no comment."""


@dataclass(frozen=True, slots=True)
class Region:
    """Text around a cursor that stands behind `before`. `whole` says that it begins and ends between definitions."""

    before: str
    after: str
    whole: bool


def view(text: str, offset: int) -> Window:
    """The part of a document from which a region is taken, however much of it the model is shown."""
    return cut(text, offset, BEFORE_CHARS + 2 * _STEP, AFTER_CHARS + _STEP)


def around(view: Window, shape: Shape | None) -> Region:
    """Take from a window what is to be parsed."""
    before, after = view.before, view.after
    start, whole = 0, not view.begins_inside
    if len(before) > BEFORE_CHARS or view.begins_inside:
        first = max(0, len(before) - BEFORE_CHARS)
        first -= first % _STEP
        begins = [found.start() for found in _TOP_LINE.finditer(before, first)]
        if begins:
            start, whole = next((at for at in begins if _defines(before, at, shape)), begins[0]), True
        elif shape is not None and shape.indented and (inner := _inner(before, after, first)) is not None:
            return inner
        elif first:
            start, whole = before.find("\n", first) + 1, False
    borders = [_TOP_LINE, _INNER_LINE] if shape is not None and shape.indented else [_TOP_LINE]
    for border in borders:
        if ends := [found.start() for found in border.finditer(after, 0, AFTER_CHARS)]:
            return Region(before[start:], after[: ends[-1]], whole)
    if len(after) > AFTER_CHARS:
        after, whole = after[: after.rfind("\n", 0, AFTER_CHARS) + 1], False
    return Region(before[start:], after, whole)


def _inner(before: str, after: str, first: int) -> Region | None:
    """Where indentation makes the blocks, a definition within another can stand alone behind a line that opens one."""
    found = list(_DEFINITION.finditer(before, first))
    if not found:
        return None
    least = min(indent(one[0]) for one in found)
    start = next(one.start() for one in reversed(found) if indent(one[0]) == least)
    at = after.find("\n") + 1
    end = at or len(after)
    while 0 < at < len(after):
        stop = after.find("\n", at)
        line = after[at : stop if stop >= 0 else len(after)]
        if line.strip() and indent(line) <= least and line.strip()[0] not in ")]}":
            break
        at = stop + 1
        end = at or len(after)
    return Region("if 1:\n" + before[start:], after[:end], end <= AFTER_CHARS)


def _defines(text: str, at: int, shape: Shape | None) -> bool:
    """Whether a definition begins there: other lines at the margin may be prose in a string."""
    end = text.find("\n", at)
    return text.startswith("@", at) or (
        shape is not None and shape.starts_definition(text[at : end if end > 0 else None])
    )
