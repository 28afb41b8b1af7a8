"""Definitions that half-written code hides from the parser, found again by how their first lines look.

Only lines from a tree's first error on are looked at. Who owns what is told by indentation, which people keep even in
code that does not parse yet. What is found has a signature of one line and nothing that needs a tree (no arguments, no
result).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, cast

from ..facts import TYPES, Definition, Kind
from .draft import Bound, Draft
from .source import Source

MAX_FOUND: Final = 500

_KINDS: Final = ("interface", "struct", "enum", "trait", "module", "class")
_TYPES: Final = (TYPES - {"type"}) | {"module"}
_IN_TYPES: Final[dict[Kind, Kind]] = {"function": "method", "variable": "field"}
_NAMING: Final = ("type", "function", "assigned", "method")
_NO_NAMES: Final = frozenset(
    [
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "return",
        "else",
        "do",
        "try",
        "function",
        "new",
        "await",
        "using",
        "lock",
        "foreach",
    ]
)


_OPENING: Final = frozenset({"", "{", "(", "public:", "private:", "protected:"})
_ASIDE: Final = ("#", "//", "/*", "* ", "*/", "--", "@")


def recover(header: re.Pattern[str], errors: Iterable[tuple[int, int]], draft: Draft, source: Source) -> None:
    """Add to the draft what the lines from the first error on define, and give every definition to who owns it.

    `errors` are the rows (first, last) of the tree's errors. `header` matches a line that begins a definition: `type`
    names a type, `function`, `assigned` or `method` (in types only) a function, `owner` what a function is explicitly
    of, `impl` a type whose members follow; `alias` and `variable`, at the top of a file only, what nothing belongs to.
    """
    inside = {row for first, last in errors for row in range(first, last + 1)}
    if not inside:
        return
    finder = _Finder(header, draft.definitions, source, min(inside))
    finder.look()
    kept: list[Definition] = []
    for item in draft.definitions:
        owned = finder.owned(item)
        if owned is None and item.start_line - 1 in inside:
            draft.locals.append((item.name, item.start_line, item.last_line, item.start_line, item.gives))
        else:
            kept.append(owned or item)
    draft.definitions = sorted([*kept, *finder.found], key=lambda item: item.start_line)
    functions = [item for item in draft.definitions if item.kind in ("function", "method")]
    draft.locals = _narrowed(draft.locals, functions, len(source.lines))


@dataclass(slots=True)
class _Open:
    """What encloses a line: a type by its dotted name, a function (None), or the file ("")."""

    width: int
    owner: str | None
    number: int = -1


class _Finder:
    """One pass over the lines, with what is open by indentation."""

    def __init__(self, header: re.Pattern[str], known: list[Definition], source: Source, first: int) -> None:
        self._header = header
        self._lines = source.lines
        self._first = first
        self._known: dict[int, list[Definition]] = {}
        for item in known:
            self._known.setdefault(item.start_line - 1, []).append(item)
        self._types = {item.symbol: item for item in known if item.kind in _TYPES}
        self._around: dict[int, str | None] = {}
        self.found: list[Definition] = []

    def look(self) -> None:
        """Find the definitions that are not known, and what encloses those that are."""
        stack = [_Open(-1, "")]
        last = 0
        for row, line in enumerate(self._lines):
            if _says_nothing(line):
                continue
            width = _indent(line)
            while len(stack) > 1 and stack[-1].width >= width:
                self._close(stack.pop(), last)
            last = row
            around = stack[-1].owner
            if row in self._known:
                self._around[row] = around
            opened = self._opened(row, line, around)
            if opened is not None:
                stack.append(_Open(width, *opened))
        while stack:
            self._close(stack.pop(), last)

    def _close(self, one: _Open, row: int) -> None:
        if one.number >= 0:
            item = self.found[one.number]
            self.found[one.number] = replace(item, last_line=max(item.last_line, row + 1))

    def _opened(self, row: int, line: str, around: str | None) -> tuple[str | None, int] | None:
        """What a line opens: its owner as in `_Open`, and the number of the definition found there."""
        match = self._header.match(line)
        groups = match.groupdict() if match is not None else {}
        for item in self._known.get(row, ()):
            if item.kind in _TYPES:
                return (f"{around}.{item.name}" if around else item.name if self._outside(item) else item.symbol), -1
            if item.kind in ("function", "method") and groups.get("type") is None:
                return None, -1
        if match is None or (impl := groups.get("impl")):
            return (impl, -1) if match is not None else None
        flat = groups.get("alias") or groups.get("variable")
        if flat:
            self._flat(row, line, flat, "type" if groups.get("alias") else "variable", around)
            return None
        name = next((found for kind in _NAMING if (found := groups.get(kind))), "")
        if not name or name in _NO_NAMES or (not around and groups.get("method")):
            return None
        number = -1
        if row >= self._first and around is not None and len(self.found) < MAX_FOUND:
            number = len(self.found)
            owner = groups.get("owner") or around
            kind: Kind = "method" if owner else "function"
            if groups.get("type"):
                words = match.group().split()
                kind = cast("Kind", next((word for word in _KINDS if word in words or f"@{word}" in words), "class"))
            self.found.append(Definition(name, kind, owner, row + 1, row + 1, row + 1, line.rstrip()))
        if groups.get("type"):
            return (f"{around}.{name}" if around else name), number
        return None, number

    def _flat(self, row: int, line: str, name: str, kind: Kind, around: str | None) -> None:
        """Note what stands at the top of the file and owns nothing."""
        if row >= self._first and around == "" and row not in self._known and len(self.found) < MAX_FOUND:
            self.found.append(Definition(name, kind, "", row + 1, row + 1, row + 1, line.rstrip()))

    def _outside(self, item: Definition) -> bool:
        """Whether a definition is indented no deeper than the type that the tree says it stands in."""
        holder = self._types.get(item.owner)
        return (
            holder is not None
            and holder.start_line < item.start_line <= holder.last_line
            and _indent(self._lines[item.start_line - 1]) <= _indent(self._lines[holder.start_line - 1])
        )

    def owned(self, item: Definition) -> Definition | None:
        """A known definition as what encloses it says; None where that is a function."""
        row = item.start_line - 1
        around = self._around.get(row, "")
        if around is None:
            return None if not item.owner else item
        beside = any(one.kind in _TYPES and item.owner.endswith(one.name) for one in self._known.get(row, ()))
        if not around:
            return replace(item, owner="") if self._outside(item) else item
        if around == item.owner or beside:
            return item
        return replace(item, owner=around, kind=_IN_TYPES.get(item.kind, item.kind))


def _says_nothing(line: str) -> bool:
    """Whether a line tells nothing of what encloses what: empty, a bracket, a label, a comment, a directive."""
    bare = line.strip()
    return bare in _OPENING or bare.startswith(_ASIDE)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _narrowed(found: list[Bound], functions: list[Definition], lines: int) -> list[Bound]:
    """Locals that seem to hold everywhere, for want of the function around them, hold in the one that stands there."""
    starts = [item.start_line for item in functions]
    result: list[Bound] = []
    for item in found:
        name, start_line, end_line, line, held = item
        if start_line == 1 and end_line >= lines - 1:
            for around in reversed(functions[: bisect_right(starts, line)]):
                if around.last_line >= line:
                    item = name, around.start_line, around.last_line, line, held
                    break
        result.append(item)
    return result
