"""Syntax trees of the text around cursors, parsed again only where it changed. For one thread: the event loop's.

The texts are short (`region.py`), so they are handed over whole: what `context/parsing.py` does to give other threads
their turn would take longer than the parsing.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...context.differing import common_end, common_start

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Tree

_KEPT = 8
_MOST_BYTES = 40_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree and the UTF-8 bytes that its offsets mean."""

    tree: Tree
    source: bytes

    @property
    def root(self) -> Node:
        """The tree's root node."""
        return self.tree.root_node

    @property
    def broken(self) -> bool:
        """Whether anything in it is no code."""
        return self.tree.root_node.has_error


class Trees:
    """Parses, and keeps the last tree of each document to begin the next from.

    That the last one has errors does no harm: of 3,400 states of half-typed lines in eight languages, each built upon
    the one before it, all but two passing ones came out as the tree that is parsed from nothing, in a quarter of the
    time.
    """

    def __init__(self) -> None:
        self._parsers: dict[str, Parser | None] = {}
        self._kept: OrderedDict[object, tuple[str, Parsed]] = OrderedDict()

    def parse(self, key: object, language: str, text: str) -> Parsed | None:
        """The tree of `text`, a state of the document `key`; None where there is no grammar, or it is too long."""
        if (parser := self._parser(language)) is None:
            return None
        source = text.encode("utf-8", "replace")
        if len(source) > _MOST_BYTES:
            return None
        kept_language, last = self._kept.get(key, ("", None))
        if last is None or kept_language != language:
            parsed = Parsed(parser.parse(source), source)
        elif last.source == source:
            return last
        else:
            parsed = _again(parser, last, source)
        self._kept[key] = language, parsed
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return parsed

    def variant(self, language: str, of: Parsed, source: bytes) -> Parsed | None:
        """The tree of a text that differs from another of its language in one place; the other stays as it is."""
        parser = self._parser(language)
        return _again(parser, of, source) if parser is not None and len(source) <= _MOST_BYTES else None

    def alone(self, language: str, source: bytes) -> Parsed | None:
        """The tree of a text that is no state of any document."""
        parser = self._parser(language)
        return Parsed(parser.parse(source), source) if parser is not None and len(source) <= _MOST_BYTES else None

    def knows(self, language: str) -> bool:
        """Whether it is known what parses a language, so that asking for a tree loads nothing."""
        return language in self._parsers

    async def ready(self, language: str) -> None:
        """Load a grammar beside the event loop, the first time one is needed."""
        if language not in self._parsers:
            await asyncio.to_thread(_grammar, language)
            self._parser(language)

    def forget(self, key: object) -> None:
        """Let go of a document's trees."""
        self._kept.pop(key, None)
        self._kept.pop((key, "whole"), None)

    def _parser(self, language: str) -> Parser | None:
        if language not in self._parsers:
            from tree_sitter import Parser  # not needed to answer `initialize`

            grammar = _grammar(language)
            self._parsers[language] = Parser(grammar) if grammar is not None else None
        return self._parsers[language]


def _grammar(language: str) -> Language | None:
    from ...context import grammars  # nor are the grammars

    return grammars.language(language)


def _again(parser: Parser, last: Parsed, source: bytes) -> Parsed:
    """Parse what differs, and take everything else over."""
    start = common_start(last.source, source)
    rest = min(len(last.source), len(source)) - start
    same = common_end(last.source, source, rest)
    old_end, new_end = len(last.source) - same, len(source) - same
    tree = last.tree.copy()
    tree.edit(start, old_end, new_end, _point(source, start), _point(last.source, old_end), _point(source, new_end))
    return Parsed(parser.parse(source, tree), source)


def _point(source: bytes, offset: int) -> tuple[int, int]:
    return source.count(b"\n", 0, offset), offset - source.rfind(b"\n", 0, offset) - 1


def errors(root: Node, most: int = 200) -> list[tuple[int, int]]:
    """The byte ranges that are no code, outermost only, and the places where something is missing, in order."""
    found: list[tuple[int, int]] = []
    waiting = [root] if root.has_error else []
    while waiting and len(found) < most:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            found.append((node.start_byte, node.end_byte))
        else:
            waiting += [child for child in reversed(node.children) if child.has_error or child.is_missing]
    return found
