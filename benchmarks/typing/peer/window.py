"""The text around the cursor as llama.vim cuts it: 256 lines before, the line itself, 64 lines behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_LINES_BEFORE, _LINES_AFTER = 256, 64
_FEWER_LINES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor: `lines` of the file, the row counted from 0, and the column in characters."""

    lines: tuple[str, ...]
    row: int
    column: int

    @property
    def line(self) -> str:
        """The cursor's line."""
        return self.lines[self.row]

    @property
    def behind(self) -> str:
        """What stands behind the cursor in its line."""
        return self.line[self.column :]

    def around(self, lines: int) -> tuple[str, ...]:
        """The lines up to so many rows above and below."""
        return self.lines[max(0, self.row - lines) : self.row + lines + 1]


@dataclass(frozen=True, slots=True)
class Local:
    """What is asked: whole lines before, the line up to the cursor, the rest; `indent` in characters."""

    prefix: str
    middle: str
    suffix: str
    indent: int

    @property
    def key(self) -> tuple[str, str]:
        """What a cached answer is found by."""
        return self.prefix + self.middle, self.suffix

    def keys(self) -> list[tuple[str, str]]:
        """The key, and those of a window that begins up to three lines further down."""
        found, prefix = [self.key], self.prefix
        for _ in range(_FEWER_LINES):
            prefix = prefix.partition("\n")[2]
            if not prefix:
                break
            found.append((prefix + self.middle, self.suffix))
        return found


def place(text: str, cursor: int) -> Place:
    """Find the cursor among the lines; the line feed at a file's end begins no line unless the cursor is there."""
    row = text.count("\n", 0, cursor)
    lines = text.split("\n")
    if not lines[-1] and len(lines) - 1 > row:
        lines.pop()
    return Place(tuple(lines), row, cursor - (text.rfind("\n", 0, cursor) + 1))


def here(at: Place) -> Local:
    """The window at the cursor; of a line of blanks nothing is told."""
    before, after = at.line[: at.column], at.behind
    indent = len(at.line) - len(at.line.lstrip())
    if not at.line.strip():
        before, after, indent = "", "", 0
    above = at.lines[max(0, at.row - _LINES_BEFORE) : at.row]
    return Local("\n".join(above) + "\n", before, _suffix(at, after), indent)


def beyond(at: Place, shown: Sequence[str], indent: int) -> Local:
    """The window as it will be once the lines in `shown` are accepted there."""
    above = list(at.lines[max(0, at.row - _LINES_BEFORE + len(shown) - 1) : at.row])
    if len(shown) > 1:
        above += [at.line + shown[0], *shown[1:-1]]
        line = shown[-1]
    else:
        line = at.line + shown[0]
    return Local("\n".join(above) + "\n", line, _suffix(at, ""), indent)


def _suffix(at: Place, rest: str) -> str:
    return f"{rest}\n" + "\n".join(at.lines[at.row + 1 : at.row + 1 + _LINES_AFTER]) + "\n"
