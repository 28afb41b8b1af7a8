"""A file as it stood before some of it was written: a stretch of text gone, some names not imported.

For measuring: `complete --points` hides what the model is asked to write, and the imports it would need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tree_sitter import Node

from ...context.document import Snapshot
from ...context.facts import Import
from ...context.languages.reading import read_text
from ...context.parsing import Refused, TreeParser

_STATEMENTS = ("import_statement", "import_from_statement", "future_import_statement")
_PARSE_SECONDS = 5.0


class UnmaskableError(Exception):
    """Why a file's imports cannot be taken out; one line."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """Characters `start`..`end` of the text give way to `instead`."""

    start: int
    end: int
    instead: str = ""


def masked(snapshot: Snapshot, start: int, end: int, names: frozenset[str]) -> tuple[Snapshot, int]:
    """Return the snapshot without the text from `start` to `end` and without the imports of `names`.

    The second value is where the hole is in the new text. An import statement that holds the hole loses the names
    beside it, never the hole itself. Raise `UnmaskableError` where the file cannot be parsed.
    """
    cuts = [_Cut(start, end)]
    if names:
        python = snapshot.language == "python"
        found = _import_cuts(snapshot.text, start, end, names) if python else _other_cuts(snapshot, names)
        cuts += [cut for cut in found if not _touches(cut, start, end)]
    text, position, done = [], 0, 0
    for cut in sorted(cuts, key=lambda cut: (cut.start, cut.end)):
        if cut.start < done:
            continue
        text.append(snapshot.text[done : cut.start])
        if cut is cuts[0]:
            position = sum(map(len, text))
        text.append(cut.instead)
        done = cut.end
    text.append(snapshot.text[done:])
    return replace(snapshot, text="".join(text), masked_imports=names), position


def _touches(cut: _Cut, start: int, end: int) -> bool:
    return cut.start < max(end, start + 1) and start < cut.end


def _import_cuts(text: str, start: int, end: int, names: frozenset[str]) -> list[_Cut]:
    parsed = TreeParser("python").parse(text, seconds=_PARSE_SECONDS)
    if isinstance(parsed, Refused):
        raise UnmaskableError(f"its imports cannot be masked: {parsed.reason}")
    points = _CodePoints(parsed.source)
    cuts: list[_Cut] = []
    pending = [parsed.root]
    while pending:
        node = pending.pop()
        if node.type in _STATEMENTS:
            cuts += _statement_cuts(node, text, points, names, (start, end))
        else:
            pending.extend(node.named_children)
    return cuts


def _other_cuts(snapshot: Snapshot, names: frozenset[str]) -> list[_Cut]:
    """Cuts for a language of which only the facts are known: whole statements, or names out of the lines they have."""
    facts = read_text(snapshot.language, snapshot.text, seconds=_PARSE_SECONDS)
    if isinstance(facts, Refused):
        raise UnmaskableError(f"its imports cannot be masked: {facts.reason}")
    statements: dict[tuple[int, int], list[Import]] = {}
    for item in facts.imports:
        statements.setdefault((item.start_line, item.end_line), []).append(item)
    starts = [0, *(found.end() for found in re.finditer("\n", snapshot.text)), len(snapshot.text)]
    cuts: list[_Cut] = []
    for (first, last), items in statements.items():
        gone = [item for item in items if not names.isdisjoint(_names_of(item))]
        begin, stop = starts[first - 1], starts[min(last, len(starts) - 1)]
        if len(gone) == len(items):
            cuts.append(_Cut(begin, stop))
            continue
        for item in gone:
            word = rf"(?:\b(?:type|{re.escape(item.name)})\s+(?:as\s+)?|\b{re.escape(item.name)}\s*:\s*)?"
            pattern = rf"{word}(?<![\w$]){re.escape(item.bound or item.name)}(?![\w$])[ \t]*(?:,[ \t]*)?"
            if found := re.compile(pattern).search(snapshot.text, begin, stop):
                cuts.append(_Cut(found.start(), found.end()))
    return cuts


def _names_of(item: Import) -> frozenset[str]:
    """The names by which an import may be meant: as written, as bound, and the module's last part."""
    names = {item.name, item.bound, item.bound.partition(".")[0]}
    if not item.name:
        names |= {item.module, re.split(r"[./:\\\\]+", item.module)[-1]}
    return frozenset(names - {"", "*"})


def _statement_cuts(
    node: Node, text: str, points: _CodePoints, names: frozenset[str], hole: tuple[int, int]
) -> list[_Cut]:
    imported = node.children_by_field_name("name")
    gone = [part for part in imported if _binds(part) & names]
    if not gone:
        return []
    whole = _Cut(points.at(node.start_byte), points.at(node.end_byte))
    if len(gone) == len(imported) and not _touches(whole, *hole):
        return [_without_statement(node, text, whole)]
    return [_without_name(part, text, points) for part in gone]


def _binds(part: Node) -> frozenset[str]:
    """The names by which a part of an import statement may be meant: as written, as bound."""
    if part.type == "aliased_import":
        part_name, alias = part.child_by_field_name("name"), part.child_by_field_name("alias")
        return frozenset(_text(node) for node in (part_name, alias) if node is not None)
    written = _text(part)
    return frozenset((written, written.partition(".")[0]))


def _text(node: Node) -> str:
    return node.text.decode("utf-8", "replace") if node.text is not None else ""


def _without_statement(node: Node, text: str, whole: _Cut) -> _Cut:
    """Drop the statement's lines where that leaves valid code, else put `pass` in its place."""
    begin = max(text.rfind("\n", 0, whole.start), text.rfind("\r", 0, whole.start)) + 1
    stops = [stop for stop in (text.find("\n", whole.end), len(text) - 1) if stop != -1]
    stop = min(stops) + 1
    alone_on_line = not text[begin : whole.start].strip() and not text[whole.end : stop].strip()
    block = node.parent
    needed = (
        block is not None
        and block.type == "block"
        and all(child.type in _STATEMENTS for child in block.named_children if child.type != "comment")
    )
    if alone_on_line and not needed:
        return _Cut(begin, stop)
    return _Cut(whole.start, whole.end, "pass")


def _without_name(part: Node, text: str, points: _CodePoints) -> _Cut:
    """Drop one name with one comma: the one behind it, or before it where it is the last."""
    start, end = points.at(part.start_byte), points.at(part.end_byte)
    behind = part.next_sibling
    if behind is not None and behind.type == ",":
        end = points.at(behind.end_byte)
        after = end + len(text[end:]) - len(text[end:].lstrip(" \t"))
        return _Cut(start, after)
    before = part.prev_sibling
    if before is not None and before.type == ",":
        start = points.at(before.start_byte)
    return _Cut(start, end)


class _CodePoints:
    """Byte offsets of a UTF-8 text as code points."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ascii = data.isascii()

    def at(self, offset: int) -> int:
        return offset if self._ascii else len(self._data[:offset].decode("utf-8", "replace"))
