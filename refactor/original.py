"""A file as it was when the command was given; nothing is matched against anything else."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

_LINE = re.compile(r"\n")


@dataclass(frozen=True)
class Original:
    """`text` as the editor or the disk has it, without a byte order mark; `path` is relative to the workspace.

    `version` is the editor's, None where the file is not open; `mark` lets whoever read it tell later whether it is
    still the same (a hash of the bytes on disk). `plain` is the text with "\\n" in the place of every "\\r\\n": what
    the model sees, what its edits are matched against, and what lines (from 1) and plain offsets count in.
    """

    path: str
    text: str
    language: str
    version: int | None = None
    uri: str = ""
    mark: str = ""

    @cached_property
    def plain(self) -> str:
        """The text as the model sees it."""
        return self.text.replace("\r\n", "\n") if "\r\n" in self.text else self.text

    @property
    def line_end(self) -> str:
        """What ends most lines, and so will end new ones."""
        return "\r\n" if self.text.count("\r\n") * 2 > self.text.count("\n") else "\n"

    @property
    def line_count(self) -> int:
        """How many lines there are; a text that ends with a line end has an empty last one."""
        return len(self._starts)

    def line_start(self, line: int) -> int:
        """The plain offset at which a line begins; the end of the text for lines after the last."""
        if line <= 1:
            return 0
        return self._starts[line - 1] if line <= len(self._starts) else len(self.plain)

    def line_of(self, offset: int) -> int:
        """The line that a plain offset lies in."""
        return bisect_right(self._starts, offset)

    def lines(self, first: int, last: int) -> str:
        """The plain text of lines `first` to `last`, both included, with the last one's end."""
        return self.plain[self.line_start(first) : self.line_start(last + 1)]

    def to_plain(self, offset: int) -> int:
        """The plain offset of an offset into `text`; within a line end it is before it."""
        return offset - bisect_right(self._pairs, offset - 1)

    def to_text(self, offset: int) -> int:
        """The offset into `text` of a plain offset."""
        pairs = self._pairs
        low, high = 0, len(pairs)
        while low < high:
            middle = (low + high) // 2
            if pairs[middle] - middle < offset:
                low = middle + 1
            else:
                high = middle
        return offset + low

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE.finditer(self.plain))]

    @cached_property
    def _pairs(self) -> list[int]:
        """Where each "\\r" of a "\\r\\n" stands in `text`."""
        return [match.start() for match in re.finditer(r"\r\n", self.text)]


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` in the place of `start`..`end`, offsets into the `text` of an `Original`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one file: `edits` in order and apart from each other, `text` the whole of it afterwards.

    A file that does not exist yet has no `original` and no edits.
    """

    path: str
    language: str
    text: str
    original: Original | None = None
    edits: tuple[Edit, ...] = ()

    @property
    def plain(self) -> str:
        """The new text with "\\n" in the place of every "\\r\\n"."""
        return self.text.replace("\r\n", "\n")


def edited(text: str, edits: tuple[Edit, ...]) -> str:
    """Carry the edits out."""
    parts: list[str] = []
    at = 0
    for edit in edits:
        parts += (text[at : edit.start], edit.text)
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)
