"""Source text becomes a syntax tree, within a size, a depth and a time; or a reason why not.

tree-sitter holds the interpreter's lock for a whole parse when it is given bytes, and then ignores the
progress callback as well. Given a read callback it does neither, so that is how it is fed here. It then keeps
every piece of text for good (0.26.1), so those are taken back from it; a node's `text` would ask for more of them
and is not used.
"""

from __future__ import annotations

import ctypes
import re
import sys
import time
from dataclasses import dataclass

from tree_sitter import Node, Parser, Point, Tree

from . import grammars

MAX_BYTES = 1_000_000
MAX_SECONDS = 0.1
MAX_DEPTH = 500

_CHUNK = 2048
_BRACKET = re.compile(r"[\[\](){}]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree and the UTF-8 bytes that its offsets mean."""

    tree: Tree
    source: bytes

    @property
    def root(self) -> Node:
        """The tree's root node."""
        return self.tree.root_node


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a text has no tree: one short phrase, the same for all texts refused for the same reason."""

    reason: str


def _too_deep(text: str) -> bool:
    if text.count("(") + text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _BRACKET.finditer(text):
        if match[0] in "([{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif depth:
            depth -= 1
    return False


class TreeParser:
    """Parses one language. Belongs to the one thread that made it."""

    def __init__(self, language: str) -> None:
        grammar = grammars.language(language)
        self._parser = Parser(grammar) if grammar is not None else None

    def parse(self, text: str, *, seconds: float = MAX_SECONDS) -> Parsed | Refused:
        """Parse `text`, giving other threads their turn meanwhile; refuse what is too large, deep or slow."""
        if self._parser is None:
            return Refused("no grammar for this language")
        if len(text) > MAX_BYTES:
            return Refused("larger than 1 MB")
        source = text.encode("utf-8", "replace")
        if len(source) > MAX_BYTES:
            return Refused("larger than 1 MB")
        if _too_deep(text):
            return Refused("nested too deeply")
        deadline = time.monotonic() + seconds

        def late(_offset: int, _has_error: bool) -> bool:
            return time.monotonic() > deadline

        feed = _Feed(source)
        try:
            return Parsed(self._parser.parse(feed, progress_callback=late), source)
        except ValueError:
            self._parser.reset()
            return Refused("takes too long to parse")
        finally:
            feed.take_back()


class _Feed:
    """Hands a text out in pieces, and frees those that were never given back."""

    def __init__(self, source: bytes) -> None:
        self._source = memoryview(source)
        self._pieces: list[bytes] = []

    def __call__(self, offset: int, _point: Point) -> bytes:
        piece = bytes(self._source[offset : offset + _CHUNK])
        if len(piece) > 1:
            self._pieces.append(piece)
        return piece

    def take_back(self) -> None:
        """Drop the references that nobody owns: whatever a piece has beyond those of a new one in a list.

        Pieces of one byte or none are not counted: Python has one of each for everybody.
        """
        drop = ctypes.pythonapi["Py_DecRef"]
        drop.argtypes, drop.restype = (ctypes.py_object,), None
        new = [bytes(2)]
        owned = sys.getrefcount(new[0])
        pieces, self._pieces = self._pieces, []
        for index in range(len(pieces)):
            for _ in range(sys.getrefcount(pieces[index]) - owned):
                drop(pieces[index])
