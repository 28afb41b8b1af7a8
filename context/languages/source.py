"""The text of one parsed file, asked by the byte offsets that a tree speaks in."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from itertools import accumulate

from tree_sitter import Node

MAX_TYPE = 120

STEPS = 0x1FF
"""So many turns of a loop, a power of two less one, may pass between two looks at the clock."""

_LOOK_BACK = 400


class TooLong(Exception):
    """Reading a file takes longer than it may: a chain of a hundred thousand links, say."""


class Source:
    """A text and where its lines begin. Offsets are bytes of its UTF-8 form, rows count from 0.

    Reading it takes at most `seconds` of its thread on a processor, where they are told: `hurry` watches over that.

    `lines` holds the rows as they stand, without their breaks; `starts` where each begins, and the end after them.
    `plain` is the text where every character is one byte, so that offsets are places in it, and '' elsewhere.
    """

    __slots__ = ("_until", "data", "lines", "plain", "starts")

    def __init__(self, data: bytes, seconds: float = math.inf) -> None:
        self.data = data
        self._until = time.thread_time() + seconds
        text = data.decode("utf-8", "replace")
        self.plain = text if len(text) == len(data) else ""
        self.lines = text.split("\n")
        rows = self.lines if self.plain else data.split(b"\n")
        self.starts = [0, *accumulate([len(row) + 1 for row in rows])]

    def hurry(self) -> None:
        """Raise `TooLong` where the time is up; for loops, now and then."""
        if time.thread_time() > self._until:
            raise TooLong

    def slice(self, start: int, end: int) -> str:
        """The text between two offsets."""
        if self.plain:
            return self.plain[start:end]
        return self.data[start:end].decode("utf-8", "replace")

    def of(self, node: Node) -> str:
        """The text of a node."""
        start, end = node.byte_range
        return self.plain[start:end] if self.plain else self.data[start:end].decode("utf-8", "replace")

    def row(self, offset: int) -> int:
        """The row that an offset stands on."""
        return bisect_right(self.starts, offset, 0, len(self.lines)) - 1

    def column(self, row: int, offset: int) -> int:
        """How many code points stand before an offset on its row."""
        start = self.starts[row]
        return offset - start if self.plain else len(self.data[start:offset].decode("utf-8", "replace"))

    def last_row(self, start: int, end: int) -> int:
        """The row of the last byte before `end` that is no white space, but none before that of `start`."""
        tail = self.data[max(start, end - _LOOK_BACK) : end]
        return self.row(max(start, end - len(tail) + len(tail.rstrip()) - 1))

    def type(self, node: Node) -> str:
        """A type as `Definition.gives` holds it: one line, dots between its parts, no mark in front."""
        return tidy(self.slice(node.start_byte, min(node.end_byte, node.start_byte + 4 * MAX_TYPE)))


def tidy(text: str) -> str:
    """A type's text in one line, at most 120 characters, without the mark that introduces it."""
    text = " ".join(text.split())
    for mark in ("->", ":"):
        if text.startswith(mark) and not text.startswith("::"):
            text = text[len(mark) :].lstrip()
    return text.replace("::", ".").lstrip(".")[:MAX_TYPE]
