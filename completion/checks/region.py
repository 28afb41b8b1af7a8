"""The part of a window that is parsed: whole definitions around the cursor, short enough to be parsed at a key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from ..languages import Shape, indent
from ..window import Window, cut

BEFORE_CHARS, AFTER_CHARS = 6_000, 3_000
_STEP = 1_500
"""The start moves in steps of this many characters, so that typing seldom moves it."""

_INNER_LINE = re.compile(r"(?<=\n\n)(?=[ \t]+(?:@|(?:async\s+)?def\b|class\b))")
OUTER = "TwolaneOuter"
"""What the type is called that stands around members that are taken from a longer one."""

_SCRIPTS: Final = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
_METHOD = re.compile(
    r"\s*(?:(?:public|private|protected|static|async|get|set|override|readonly|abstract)\s+)*(?!function\b)[#*]?\w+\s*[(<?:]"
)
_OUTER: Final = MappingProxyType(
    {
        "java": f"class {OUTER} {{ ",
        "csharp": f"class {OUTER} {{ ",
        "cpp": f"struct {OUTER} {{ ",
        "php": f"<?php class {OUTER} {{ ",
        "rust": f"mod {OUTER} {{ ",
    }
)
_OUTERMOST: Final = MappingProxyType({"php": "<?php "})
"""Behind what code stands that would be plain text without it."""

_CALLBACK = re.compile(r"=>|\bfunction\b|[\"'`]")
_ANNOTATION = re.compile(r"\s*(?:@\w[\w.]*(?:\([^()]*\))?\s+|\[\w[^\]]*\]\s*|#\[[^\]]*\]\s*)+")
_SAID_BEFORE = ("@", "#[", "//", "/*", "*")
"""How lines begin that belong to the definition below them."""

_MOST_LEVELS = 3
_DEFINITION = re.compile(r"^[ \t]+(?:async\s+)?(?:def|class)\b", re.MULTILINE)
_TOP_LINE = re.compile(r"(?<=\n\n)(?=[^\s)\]}#*/.,:;|&])")
"""A line that begins at the margin, behind a blank one, and is no closing bracket and no comment."""

_TOP_LINE_OR_COMMENT = re.compile(r"(?<=\n\n)(?=[^\s)\]}*.,:;|&])")
"""The same, or a comment: where no string stands at the margin."""


@dataclass(frozen=True, slots=True)
class Region:
    """Text around a cursor that stands behind `before`. `whole` says that it begins and ends between definitions.

    `within` says that these are parts of another definition, for which a few words at both ends stand.
    """

    before: str
    after: str
    whole: bool
    within: bool = False


def view(text: str, offset: int) -> Window:
    """The part of a document from which a region is taken, however much of it the model is shown."""
    return cut(text, offset, BEFORE_CHARS + 2 * _STEP, AFTER_CHARS + _STEP)


def around(view: Window, shape: Shape | None, language: str = "") -> Region:
    """Take from a window what is to be parsed."""
    found = _around(view, shape)
    if not found.whole and shape is not None and not shape.indented and (inner := _members(view, shape, language)):
        return inner
    if (opening := _OUTERMOST.get(language, "")) and _is_code(view, len(view.before) - len(found.before)):
        return replace(found, before=opening + found.before)
    return found


def _is_code(view: Window, start: int) -> bool:
    """Whether what begins there, in a window of PHP, is code rather than text."""
    if not start and not view.begins_inside:
        return False
    opened, closed = view.before.rfind("<?", 0, start), view.before.rfind("?>", 0, start)
    return opened > closed or (opened == closed and view.begins_inside and not view.before.lstrip().startswith("<"))


def _around(view: Window, shape: Shape | None) -> Region:
    before, after = view.before, view.after
    top = _TOP_LINE if shape is None or shape.indented else _TOP_LINE_OR_COMMENT
    start, whole = 0, not view.begins_inside
    if len(before) > BEFORE_CHARS or view.begins_inside:
        first = max(0, len(before) - BEFORE_CHARS)
        first -= first % _STEP
        begins = [found.start() for found in top.finditer(before, first)]
        if begins:
            start, whole = next((at for at in begins if _defines(before, at, shape)), begins[0]), True
        elif shape is not None and shape.indented and (inner := _inner(before, after, first)) is not None:
            return inner
        elif first:
            start, whole = before.find("\n", first) + 1, False
    borders = [_TOP_LINE, _INNER_LINE] if shape is not None and shape.indented else [top]
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
    return Region("if 1:\n" + before[start:], after[:end], end <= AFTER_CHARS, within=True)


def _members(view: Window, shape: Shape, language: str) -> Region | None:
    """Where brackets make the blocks, members of a long definition can stand alone between those of a made-up one."""
    before, after = view.before, view.after
    starts = list(_starts(view, shape, opening=False))
    if not starts and language in _SCRIPTS:
        starts = list(_starts(view, shape, opening=True))
    for level in sorted({width for width, _ in starts})[:_MOST_LEVELS]:
        start = next(at for width, at in reversed(starts) if width == level)
        lines = before[start:].split("\n")
        if any(line.strip() and indent(line) < level and not line.startswith("#") for line in lines[1:-1]):
            continue
        opening = _opening(language, lines[0]) if level else _OUTERMOST.get(language, "")
        end = _last_member(after, shape, level)
        if opening is not None and end is not None:
            return Region(
                opening + before[start:], after[:end] + ("\n}" if level else ""), whole=True, within=level > 0
            )
    return None


def _starts(view: Window, shape: Shape, *, opening: bool) -> Iterator[tuple[int, int]]:
    """The lines before the cursor that begin a definition (`opening`: a block), with their indentation."""
    before = view.before
    first = max(0, len(before) - BEFORE_CHARS)
    at = before.find("\n", first) + 1 if first or view.begins_inside else 0
    while 0 <= at < len(before):
        stop = before.find("\n", at)
        stop = stop if stop >= 0 else len(before)
        line = before[at:stop]
        if line.strip() and (
            shape.opens_block(line) and not shape.closes_block(line) if opening else _begins(line, shape)
        ):
            yield indent(line), at
        at = stop + 1


def _begins(line: str, shape: Shape) -> bool:
    return shape.starts_definition(_ANNOTATION.sub("", line, count=1))


def _last_member(after: str, shape: Shape, least: int) -> int | None:
    """Where the last member ends that can be seen whole: before a line that is less indented, or begins another."""
    at = after.find("\n") + 1
    end = edge = None
    if not at:
        return len(after)
    while at < min(len(after), AFTER_CHARS):
        stop = after.find("\n", at)
        line = after[at : stop if stop >= 0 else len(after)]
        if line.strip():
            if indent(line) < least and not line.startswith("#"):
                return at
            said = line.lstrip().startswith(_SAID_BEFORE)
            if said and indent(line) <= least + 1:
                edge = at if edge is None else edge
            elif indent(line) == least and _begins(line, shape):
                end, edge = at if edge is None else edge, None
                if at > AFTER_CHARS // 3:
                    break
            else:
                edge = None
        if stop < 0:
            return len(after) if end is None else end
        at = stop + 1
    return end


def _opening(language: str, line: str) -> str | None:
    """What a member stands in, in as few words as will do, on one line with it."""
    if language in _SCRIPTS:
        return f"class {OUTER} {{ " if _METHOD.match(line) and not _CALLBACK.search(line) else "{ "
    return _OUTER.get(language)


def _defines(text: str, at: int, shape: Shape | None) -> bool:
    """Whether a definition begins there: other lines at the margin may be prose in a string."""
    end = text.find("\n", at)
    return text.startswith("@", at) or (
        shape is not None and shape.starts_definition(text[at : end if end > 0 else None])
    )
