"""Where code is hidden: whole lines, ends of lines, arguments, blocks and bodies, found in syntax trees."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeVar

from tree_sitter import Node

from ..context.languages.reading import language_of
from ..context.parsing import Parsed, Refused, TreeParser
from ..routing.secrets.scan import scan

K = TypeVar("K")

Kind = Literal["line", "rest of line", "argument", "block", "body"]
KINDS: Final[tuple[Kind, ...]] = ("line", "rest of line", "argument", "block", "body")
_MOST_LINES = 8
_MOST_CHARS = 400
_LEAST_BYTES, _MOST_BYTES = 1_500, 100_000
_ATTEMPTS = 40
_PARSE_SECONDS = 5.0
_DECLARATIONS = (".pyi", ".d.ts")
"""Files that only repeat what stands elsewhere."""

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


def worth(paths: Iterable[Path]) -> list[Path]:
    """The source files among `paths` that are worth drawing from, sorted."""
    return sorted(
        path
        for path in paths
        if language_of(path.name) and not path.name.endswith(_DECLARATIONS) and path.is_file() and _size_fits(path)
    )


def below(folder: Path) -> list[Path]:
    """The source files below a folder that are worth drawing from, sorted."""
    return worth(folder.rglob("*"))


def _size_fits(path: Path) -> bool:
    return _LEAST_BYTES <= path.stat().st_size <= _MOST_BYTES


def draw(
    projects: Mapping[K, Sequence[Path]], count: int, seed: int, kinds: Sequence[Kind] = KINDS
) -> Iterator[tuple[K, Hole]]:
    """Draw up to `count` different holes, each with its project: each kind and each project as often as the others.

    `projects` has the files of each. Raise `ValueError` where there is none.
    """
    chance = random.Random(seed)
    known = {project: paths for project, paths in projects.items() if paths}
    if not known:
        raise ValueError("no source files to draw from")
    order = list(known)
    seen: set[tuple[Path, int, int]] = set()
    for number in range(count):
        kind = kinds[number % len(kinds)]
        project = order[number // len(kinds) % len(order)]
        for _ in range(_ATTEMPTS):
            hole = _in(chance.choice(known[project]), kind, chance)
            if hole is not None and (place := (hole.path, len(hole.before), len(hole.text))) not in seen:
                seen.add(place)
                yield project, hole
                break


def _in(path: Path, kind: Kind, chance: random.Random) -> Hole | None:
    """One hole in a file, None where it has none of the kind or cannot be parsed."""
    parsed = _parsed(path)
    if parsed is None:
        return None
    language, text, tree = parsed
    source = tree.source
    if kind in ("line", "rest of line"):
        span = _line(text, tree.root, kind, chance)
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
    if not _keeps_secrets(path, text, start, end):
        return None
    return Hole(path, language, kind, text[:start], hidden, text[end:])


@lru_cache(maxsize=512)
def _parsed(path: Path) -> tuple[str, str, Parsed] | None:
    """A file's language, text and tree; None where it is no code from end to end."""
    language = language_of(path.name)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    if language is None or "\r" in text.replace("\r\n", ""):
        return None
    parsed = TreeParser(language).parse(text, seconds=_PARSE_SECONDS)
    return None if isinstance(parsed, Refused) or parsed.root.has_error else (language, text, parsed)


def _keeps_secrets(path: Path, text: str, start: int, end: int) -> bool:
    """Whether each secret of the text is hidden whole, or still found where the text is without what is hidden.

    Half of a key is not found, nor is one without the name that gives it away: they would be sent as they are.
    """
    outside = [(low, high) for low, high in _secrets(path) if low < start or end < high]
    if not outside:
        return True
    behind = ((low + end, high + end) for low, high in _secret_parts(text[end:]))
    found = [*_secret_parts(text[:start]), *behind]
    return all(any(first <= low and high <= last for first, last in found) for low, high in outside)


@lru_cache(maxsize=512)
def _secrets(path: Path) -> tuple[tuple[int, int], ...]:
    """The code points at which the secrets of a file stand."""
    parsed = _parsed(path)
    return _secret_parts(parsed[1]) if parsed is not None else ()


def _secret_parts(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(part for secret in scan(text) for part in secret.parts)


@lru_cache(maxsize=4096)
def _spans(path: Path, kind: Kind) -> tuple[tuple[int, int], ...]:
    """The bytes that may be hidden in a file, for a kind that its tree tells."""
    parsed = _parsed(path)
    if parsed is None:
        return ()
    tree = parsed[2]
    return tuple(span for node in _walk(tree.root) if (span := _span(node, kind, tree.source)) is not None)


def _walk(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.named_children


def _line(text: str, root: Node, kind: Kind, chance: random.Random) -> tuple[int, int] | None:
    lines = text.split("\n")
    number = chance.randrange(len(lines))
    line = lines[number].rstrip("\r")
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
        enclosed = source[node.start_byte : node.start_byte + 1] == b"("  # not so in Ruby's `puts a`, Lua's `f"a"`
        wanted = node.type in _ARGUMENTS and inside > 0 and alone and enclosed
        return (node.start_byte + 1, node.end_byte - 1) if wanted else None
    if node.type not in _BLOCKS or node.parent is None or not node.named_children:
        return None
    if node.start_point[0] == node.end_point[0] and source[node.start_byte : node.start_byte + 1] == b"{":
        return None
    of_function = any(word in node.parent.type for word in _FUNCTIONS)
    if of_function != (kind == "body"):
        return None
    children = node.named_children
    return children[0].start_byte, children[-1].end_byte
