"""Closing brackets: the text may close what is open before the cursor and not closed after it."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Literal

from ..languages import Shape, indent
from ..window import Window
from .scene import Scene

MAX_DEPTH = 64
_LEAD = 16
"""So many characters before a text tell what its first ones mean."""

_FORMATTED = re.compile(r"(?:(?<!\w)(?:[fF][rR]?|[rR][fF])|\$@?|@\$)$")
"""What stands before the quote of a string that holds expressions in braces."""

_RAW = re.compile(r'@"|R"(?P<delimiter>[^\s()\\]*)\(|r(?P<hashes>#*)"')
_LONG = re.compile(r"(?:--)?\[(?P<level>=*)\[")
_HERE = re.compile(r"<<\W*(\w+)")
"""What begins a here-document, and the word that ends it."""

_OPEN = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Brackets:
    """Brackets of a text as (bracket, offset): left open (outermost first), closed without being opened.

    `inside` says that the text ends within a string or a comment.
    """

    opened: tuple[tuple[str, int], ...]
    closed: tuple[tuple[str, int], ...]
    inside: bool


def scan(text: str, shape: Shape, lead: str = "") -> Brackets:
    """Find the brackets that have no partner in `text`, those in strings and comments left out.

    `lead` stands before it, for what its first characters mean.
    """
    opened: list[tuple[str, int]] = []
    depth = dict.fromkeys("([{", 0)
    closed: list[tuple[str, int]] = []
    inside = False
    whole, begins = lead[-_LEAD:] + text, len(lead[-_LEAD:])
    for match in shape.tokens.finditer(whole, begins):
        token = match[0]
        bracket = match["bracket"]
        if bracket is None:
            inside = match.end() == len(whole) and (match["line"] is not None or not _terminated(token))
        elif bracket in "([{":
            opened.append((bracket, match.start() - begins))
            depth[bracket] += 1
        elif depth[_OPEN[bracket]]:
            while (opener := opened.pop()[0]) != _OPEN[bracket]:
                depth[opener] -= 1
            depth[opener] -= 1
        elif not opened:
            closed.append((bracket, match.start() - begins))
    return Brackets(tuple(opened), tuple(closed), inside)


def _terminated(token: str) -> bool:
    if token.startswith("/*"):
        return len(token) > 3 and token.endswith("*/")
    if token.startswith("<<"):
        word = _HERE.match(token)
        return word is not None and "\n" in token and token.rpartition("\n")[2].strip() == word[1]
    if (long := _LONG.match(token)) is not None:
        end = f"]{long['level']}]"
        return len(token) >= long.end() + len(end) and token.endswith(end)
    if (raw := _RAW.match(token)) is not None:
        end = f'"{raw["hashes"] or ""}' if raw["delimiter"] is None else f'){raw["delimiter"]}"'
        return len(token) >= raw.end() + len(end) and token.endswith(end)
    for quote in ('"""', "'''"):
        if token.startswith(quote):
            return len(token) >= 6 and token.endswith(quote)
    if token[0] in "\"'`":
        return len(token) > 1 and token.endswith(token[0]) and not token.endswith("\\" + token[0])
    return True


def _unended(text: str, shape: Shape) -> re.Match[str] | None:
    """The string or comment within which a text ends."""
    tokens = deque(shape.tokens.finditer(text), maxlen=1)
    last = tokens[0] if tokens else None
    if last is None or last["bracket"] is not None or last.end() != len(text):
        return None
    return last if last["line"] is not None or not _terminated(last[0]) else None


def inside(view: Window, shape: Shape) -> Literal["string", "comment", ""]:
    """What a cursor stands in: the text before it ends within a string, or within a comment."""
    text = view.before[_outside(view.before, shape, view.begins_inside) :]
    if (last := _unended(text, shape)) is None:
        return ""
    if last["line"] is not None or last[0].startswith(("/*", "--[", "#", "//")):
        return "comment"
    return "" if _in_code(text, last.start()) else "string"


def _ends_expression(scene: Scene, shape: Shape) -> bool:
    """Whether an expression that a string holds is open at the cursor, and its brace stands right behind it."""
    if not scene.rest.lstrip().startswith("}"):
        return False
    text = scene.before[_outside(scene.before, shape, scene.begins_inside) :]
    last = _unended(text, shape)
    return last is not None and last["line"] is None and _in_code(text, last.start())


def _in_code(text: str, start: int) -> bool:
    """Whether a string that begins at `start` ends within an expression that it holds."""
    token = text[start:]
    if token.startswith("`"):
        found = token.rfind("${")
    elif _FORMATTED.search(text[max(0, start - 4) : start]):
        found = token.replace("{{", "  ").rfind("{")
    else:
        found = max(token.rfind(opening) for opening in ("#{", "{$", "$("))
    return found >= 0 and (")" if token.startswith("$(", found) else "}") not in token[found:]


def extra_closers(scene: Scene, text: str) -> str:
    """Cut at the first closing bracket that nothing before the cursor needs.

    A syntax tree without an error says that all are needed. Where it has some, most often because the code around is
    half written, the brackets before and behind the cursor are matched with each other.
    """
    shape = scene.shape
    if shape is None or not any(bracket in text for bracket in ")]}"):
        return text
    if not (own := scan(text, shape, scene.head).closed):
        return text
    if own[0][0] == "}" and _ends_expression(scene, shape):
        return text[: own[0][1]]
    if scene.errors is not None and scene.errors(text) == 0:
        return text
    start = _outside(scene.before, shape, scene.begins_inside)
    before = scan(scene.before[start:], shape)
    if before.inside:
        return text
    after = scan(scene.after, shape).closed
    wanted = _wanted(_openers(scene, before, start), _closers(scene, after))
    for number, (bracket, at) in enumerate(own):
        if number >= len(wanted) or wanted[number] != _OPEN[bracket]:
            return text[:at]
    return text


def _outside(before: str, shape: Shape, begins_inside: bool) -> int:
    """Where to begin reading: at a definition of the outermost level if the text may begin within a string."""
    if not begins_inside or not shape.indented:
        return 0
    start = 0
    for line in before.split("\n"):
        if line[:1].strip() and shape.starts_definition(line):
            return start
        start += len(line) + 1
    return 0


def _openers(scene: Scene, brackets: Brackets, start: int) -> list[tuple[str, int | None]]:
    """Open brackets, innermost first, with the indentation of their lines if the outer ones may be unseen."""
    innermost = brackets.opened[: -MAX_DEPTH - 1 : -1]
    if not scene.begins_inside:
        return [(bracket, None) for bracket, _ in innermost]
    lines = ((bracket, scene.before.rfind("\n", 0, start + at) + 1) for bracket, at in innermost)
    return [(bracket, indent(scene.before[line : line + 80])) for bracket, line in lines]


def _closers(scene: Scene, closed: tuple[tuple[str, int], ...]) -> list[tuple[str, int | None]]:
    """Closing brackets with their indentation where they begin a line."""
    found: list[tuple[str, int | None]] = []
    for bracket, at in closed[:MAX_DEPTH]:
        start = scene.after.rfind("\n", 0, at) + 1
        begins = start > 0 and not scene.after[start:at].strip()
        found.append((bracket, indent(scene.after[start:at]) if begins else None))
    return found


def _wanted(opened: list[tuple[str, int | None]], closers: list[tuple[str, int | None]]) -> list[str]:
    """The open brackets that the text may close, innermost first.

    The closers after the cursor are matched with the outer ones; as many inner ones as the best match
    allows are free.
    """
    best, free = -1, 0
    for skipped in range(len(opened) + 1):
        matched = 0
        for (opener, line), (closer, column) in zip(opened[skipped:], closers, strict=False):
            if opener != _OPEN[closer] or (line is not None and column is not None and line != column):
                break
            matched += 1
        if matched >= best:
            best, free = matched, skipped
    return [opener for opener, _ in opened[:free]]
