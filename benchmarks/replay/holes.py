"""Where code is hidden: whole lines, ends of lines, arguments, blocks and bodies, found in syntax trees."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from tree_sitter import Node, Parser, Tree

from twolane.context import grammars

Kind = Literal["line", "rest of line", "argument", "block", "body"]
KINDS: Final[tuple[Kind, ...]] = ("line", "rest of line", "argument", "block", "body")
_MOST_LINES = 8
_MOST_CHARS = 400
_LEAST_BYTES, _MOST_BYTES = 1_500, 100_000
_ATTEMPTS = 40

LANGUAGES: Final = MappingProxyType(
    {
        ".py": "python",
        ".ts": "typescript",
        ".tsx": "typescriptreact",
        ".js": "javascript",
        ".jsx": "javascriptreact",
        ".go": "go",
        ".rs": "rust",
        ".java": "java",
        ".c": "c",
        ".h": "c",
        ".cc": "cpp",
        ".cpp": "cpp",
        ".hpp": "cpp",
        ".cs": "csharp",
        ".rb": "ruby",
        ".php": "php",
        ".lua": "lua",
        ".sh": "shellscript",
    }
)
_ARGUMENTS = frozenset({"argument_list", "arguments"})
_BLOCKS = frozenset(
    {"block", "statement_block", "compound_statement", "body_statement", "do_group", "then", "switch_body"}
)
_FUNCTIONS = ("function", "method", "func", "constructor")


@dataclass(frozen=True, slots=True)
class Hole:
    """`text` stood at code point `start` of a file; `column` is the cursor's, in UTF-16 code units."""

    path: Path
    language: str
    kind: Kind
    before: str
    text: str
    after: str

    @property
    def without(self) -> str:
        """The file with the hole."""
        return self.before + self.after

    @property
    def line(self) -> int:
        """The cursor's line, from 0."""
        return self.before.count("\n")

    @property
    def column(self) -> int:
        """The cursor's column in UTF-16 code units."""
        return len(self.before[self.before.rfind("\n") + 1 :].encode("utf-16-le")) // 2


def files(folder: Path) -> list[Path]:
    """The source files of a project that are worth drawing from, sorted."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in LANGUAGES and path.is_file() and _LEAST_BYTES <= path.stat().st_size <= _MOST_BYTES
    )


def draw(folders: Sequence[Path], count: int, seed: int) -> Iterator[tuple[Path, Hole]]:
    """Draw `count` holes with their folders: each kind and each folder as often as the others."""
    chance = random.Random(seed)
    known = {folder: found for folder in folders if (found := files(folder))}
    if not known:
        raise ValueError("no source files in these folders")
    order = list(known)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        folder = order[number // len(KINDS) % len(order)]
        for _ in range(_ATTEMPTS):
            if (hole := _in(chance.choice(known[folder]), kind, chance)) is not None:
                yield folder, hole
                break


def _in(path: Path, kind: Kind, chance: random.Random) -> Hole | None:
    """One hole in a file, None where it has none of the kind or cannot be parsed."""
    parsed = _parsed(path)
    if parsed is None:
        return None
    text, source, tree = parsed
    if kind in ("line", "rest of line"):
        span = _line(text, tree.root_node, kind, chance)
    else:
        spans = _spans(path, kind)
        span = chance.choice(spans) if spans else None
        span = (len(source[: span[0]].decode()), len(source[: span[1]].decode())) if span else None
    if span is None:
        return None
    start, end = span
    end = start + len(text[start:end].rstrip())
    hidden = text[start:end]
    if not hidden or len(hidden) > _MOST_CHARS or hidden.count("\n") >= _MOST_LINES:
        return None
    return Hole(path, LANGUAGES[path.suffix], kind, text[:start], hidden, text[end:])


@lru_cache(maxsize=512)
def _parsed(path: Path) -> tuple[str, bytes, Tree] | None:
    """A file's text and tree; None where it is no code from end to end."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
    grammar = grammars.language(LANGUAGES[path.suffix])
    if grammar is None or "\r" in text:
        return None
    source = text.encode()
    tree = Parser(grammar).parse(source)
    return None if tree.root_node.has_error else (text, source, tree)


@lru_cache(maxsize=4096)
def _spans(path: Path, kind: Kind) -> tuple[tuple[int, int], ...]:
    """The bytes that may be hidden in a file, for a kind that its tree tells."""
    parsed = _parsed(path)
    if parsed is None:
        return ()
    _, source, tree = parsed
    return tuple(span for node in _walk(tree.root_node) if (span := _span(node, kind, source)) is not None)


def _walk(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.named_children


def _line(text: str, root: Node, kind: Kind, chance: random.Random) -> tuple[int, int] | None:
    lines = text.split("\n")
    number = chance.randrange(len(lines))
    line = lines[number]
    head = len(line) - len(line.lstrip())
    if len(line.strip()) < 4:
        return None
    start = sum(map(len, lines[:number])) + number
    first = len(text[: start + head].encode())
    node = root.descendant_for_byte_range(first, first + 1)
    while node is not None and node.parent is not None:
        if "comment" in node.type or "string" in node.type:
            return None
        node = node.parent
    begin = head if kind == "line" else chance.randrange(head + 1, len(line))
    if 0 < begin < len(line) and line[begin - 1].isalnum() and line[begin].isalnum() and chance.random() < 0.5:
        return None
    return start + begin, start + len(line)


def _span(node: Node, kind: Kind, source: bytes) -> tuple[int, int] | None:
    """The bytes to hide for a node; None where it is not of the kind."""
    if kind == "argument":
        inside = node.end_byte - node.start_byte - 2
        alone = node.start_point[0] == node.end_point[0]
        return (node.start_byte + 1, node.end_byte - 1) if node.type in _ARGUMENTS and inside > 0 and alone else None
    if node.type not in _BLOCKS or node.parent is None or not node.named_children:
        return None
    if node.start_point[0] == node.end_point[0] and source[node.start_byte : node.start_byte + 1] == b"{":
        return None
    of_function = any(word in node.parent.type for word in _FUNCTIONS)
    if of_function != (kind == "body"):
        return None
    children = node.named_children
    return children[0].start_byte, children[-1].end_byte
