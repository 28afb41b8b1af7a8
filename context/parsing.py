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
from .differing import common_end, common_start

MAX_BYTES = 1_000_000
MAX_SECONDS = 0.1
MAX_DEPTH = 500
"""Brackets that may be open at once."""
MAX_GROWTH = 300_000_000
"""Bytes of memory that one parse may add to the most that its process had before; a usual text of 1 MB takes 80 MB."""
TOO_MUCH = "takes too much memory to parse"
MAX_NESTED = 10_000
"""Nodes that may stand in one another: beyond 65,535 tree-sitter's queries (0.26.1) take minutes."""
MAX_SYMBOLS = 4_000
"""Children that a node may have of which few have a name (the others are signs and words of the language)."""

_CHUNK = 2048
_WHOLE = 200_000
"""Bytes that are parsed within a second, whatever they are."""
_BRACKET = re.compile(r"[\[\](){}]")
_AS_ROUND = bytes.maketrans(b"[]{}", b"()()")
_NO_BRACKET = bytes(byte for byte in range(256) if byte not in b"[](){}")
_EVERYDAY = 30
"""So many brackets in one another are told without looking at each."""


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


def _too_deep(text: str, source: bytes) -> bool:
    """Whether more brackets are open at once than may be, in a text and its UTF-8 form."""
    left = source.translate(_AS_ROUND, _NO_BRACKET)
    for around in range(_EVERYDAY):
        if left.count(b"(") + around <= MAX_DEPTH:
            return False
        left = left.replace(b"()", b"")
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

    def parse(self, text: str, *, seconds: float = MAX_SECONDS, alone: bool = False) -> Parsed | Refused:
        """Parse `text`, giving other threads their turn meanwhile; refuse what is too large, deep or slow.

        `seconds` are those of this thread on a processor, so that a busy machine refuses nothing. A process that is
        `alone`, with no thread that waits and somebody who ends it when it takes too long, spares a third of the time.
        """
        source = self._accepted(text)
        if isinstance(source, Refused):
            return source
        if alone and self._parser is not None and len(source) <= _WHOLE:
            return _shallow(self._parser.parse(source), source)
        return self._parse(source, None, seconds)

    def _accepted(self, text: str) -> bytes | Refused:
        if self._parser is None:
            return Refused("no grammar for this language")
        if len(text) > MAX_BYTES:
            return Refused("larger than 1 MB")
        source = text.encode("utf-8", "replace")
        if len(source) > MAX_BYTES:
            return Refused("larger than 1 MB")
        return Refused("nested too deeply") if _too_deep(text, source) else source

    def _parse(self, source: bytes, old: Tree | None, seconds: float) -> Parsed | Refused:
        assert self._parser is not None  # noqa: S101 - `_accepted` came first
        deadline = time.thread_time() + seconds
        most = peak_memory() + MAX_GROWTH
        reason = "takes too long to parse"

        def late(_offset: int, _has_error: bool) -> bool:
            nonlocal reason
            if peak_memory() > most:
                reason = TOO_MUCH
                return True
            return time.thread_time() > deadline

        feed = _Feed(source)
        try:
            if old is None:
                return _shallow(self._parser.parse(feed, progress_callback=late), source)
            return _shallow(self._parser.parse(feed, old, progress_callback=late), source)
        except ValueError:
            self._parser.reset()
            return Refused(reason)
        finally:
            feed.take_back()


def peak_memory() -> int:
    """The most bytes that this process ever had in memory; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (1 if sys.platform == "darwin" else 1024)


def _shallow(tree: Tree, source: bytes) -> Parsed | Refused:
    """The tree where no query would take long over it; only nodes that have enough of them inside are looked into.

    For each child of a node a query looks for the next one that has a name, so that its time grows with the square of
    how many there are without: half a minute for 150,000 of `--`, with every thread held up.
    """
    waiting = [(tree.root_node, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_NESTED:
            return Refused("nested too deeply")
        if (inside := node.descendant_count) + depth > MAX_NESTED or inside > MAX_SYMBOLS:
            if node.child_count > MAX_SYMBOLS and node.named_child_count * 4 < node.child_count:
                return Refused("too many symbols without a name between them")
            waiting += [(child, depth + 1) for child in node.children]
    return Parsed(tree, source)


class LiveTree(TreeParser):
    """Parses one text again and again as it is edited, each time only what changed. Belongs to one thread.

    The tree is the same as that of a fresh parse. Only trees without errors are built upon, and only such results
    are kept: where code is half-written, what tree-sitter makes of it depends on what it knew before.
    """

    def __init__(self, language: str, last: Parsed | None = None) -> None:
        """`last` is of the text before the first one, where that was parsed already, on this thread."""
        super().__init__(language)
        self._last = last if last is not None and not last.root.has_error else None

    def update(self, text: str, *, seconds: float = MAX_SECONDS) -> Parsed | Refused:
        """Parse `text`, which stands in place of the last one."""
        source = self._accepted(text)
        if isinstance(source, Refused):
            self._last = None
            return source
        last, self._last = self._last, None
        parsed: Parsed | Refused | None = None
        if last is not None:
            parsed = last if source == last.source else self._parse(source, _edited(last, source), seconds)
            if isinstance(parsed, Parsed) and parsed.root.has_error:
                parsed = None
        if parsed is None:
            parsed = self._parse(source, None, seconds)
        if isinstance(parsed, Parsed) and not parsed.root.has_error:
            self._last = parsed
        return parsed


def _edited(last: Parsed, source: bytes) -> Tree:
    """A copy of the last tree that knows which bytes give way to which."""
    old = last.source
    start = common_start(old, source)
    while start and start < len(old) and old[start] & 0xC0 == 0x80:
        start -= 1
    rest = min(len(old), len(source)) - start
    tail = common_end(old, source, rest)
    while tail and old[len(old) - tail] & 0xC0 == 0x80:
        tail -= 1
    old_end, new_end = len(old) - tail, len(source) - tail
    tree = last.tree.copy()
    tree.edit(start, old_end, new_end, _point(old, start), _point(old, old_end), _point(source, new_end))
    return tree


def _point(source: bytes, offset: int) -> Point:
    return Point(source.count(b"\n", 0, offset), offset - (source.rfind(b"\n", 0, offset) + 1))


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
