"""What a language's structure query finds in a tree, sorted for one sweep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Node, Query, QueryCursor

from .draft import Draft
from .language import Language
from .source import Source

WINDOW: Final = 65_536
HELD: Final = frozenset({"constant", "variable", "field"})
"""Kinds of definitions that hold a value."""

_ROLES: Final = frozenset(
    [
        "def",
        "attribute",
        "local",
        "scope",
        "extends",
        "implements",
        "decorated",
        "exported",
        "package",
        "mark",
        "import",
        "binding",
        "global",
        "mixin",
    ]
)

Captures = dict[str, list[Node]]
Event = tuple[int, int, int, int, str, Node, Captures]
"""(start, -end, order at the same place, number, role, node, captures): what the sweep stops at."""


@dataclass(slots=True)
class Found:
    """Everything that one query found.

    `bases` are by the byte range of the type that has them, `implemented` by the name of the type, `decorators` by the
    offset of what they decorate; `exported` are byte ranges in order.
    """

    events: list[Event] = field(default_factory=list)
    bases: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    implemented: dict[str, list[str]] = field(default_factory=dict)
    decorators: dict[int, list[str]] = field(default_factory=dict)
    exported: list[tuple[int, int]] = field(default_factory=list)


def windows(query: Query, root: Node, within: tuple[int, int] | None = None) -> Iterator[QueryCursor]:
    """A cursor for each stretch of a tree: a query over one is done within a few milliseconds.

    tree-sitter keeps the interpreter's lock for a whole query, and 0.26.1 crashes when it is given a progress
    callback there. What spans two stretches is found twice. With `within` (bytes) there is one cursor, for what those
    touch.
    """
    if within is not None:
        cursor = QueryCursor(query)
        cursor.set_byte_range(*within)
        yield cursor
        return
    end = root.end_byte
    for start in range(0, max(end, 1), WINDOW):
        cursor = QueryCursor(query)
        if end > WINDOW:
            cursor.set_byte_range(start, min(end, start + WINDOW))
        yield cursor


def _matches(query: Query, root: Node, within: tuple[int, int] | None) -> Iterator[Captures]:
    seen: set[tuple[int, ...]] = set()
    for cursor in windows(query, root, within):
        found = cursor.matches(root)
        if within is not None or root.end_byte <= WINDOW:
            yield from (captures for _, captures in found)
            continue
        for number, captures in found:
            key = (number, *(node.id for nodes in captures.values() for node in nodes))
            if key not in seen:
                seen.add(key)
                yield captures


def collect(
    rules: Language,
    query: Query,
    root: Node,
    source: Source,
    draft: Draft,
    within: tuple[int, int] | None = None,
) -> Found:
    """Run a language's structure query over a tree and sort what it found; packages and marks go to the draft."""
    found = Found()
    events = found.events
    parts = {name: (head, kind) for name, head, kind in _names(query)}
    defined: dict[tuple[int, int], int] = {}
    for number, captures in enumerate(_matches(query, root, within)):
        for capture, nodes in captures.items():
            head, kind = parts[capture]
            if head not in _ROLES:
                continue
            node = nodes[0]
            if head == "def":
                if "declarator" in captures and (declared := _declared(rules, kind, captures)) is None:
                    break
                kind = declared if "declarator" in captures and declared is not None else kind
                name = captures["name"][0]
                key = (-1, name.start_byte)
                place = node.start_byte, -node.end_byte
                if (known := defined.get(key)) is not None:
                    if _tells(events[known][4], events[known][6]) < _tells(kind, captures):
                        events[known] = (*place, 0, number, kind, node, captures)
                    break
                defined[key] = len(events)
                events.append((*place, 0, number, kind, node, captures))
            elif capture in ("local", "attribute"):
                if capture == "local":
                    if (bound := rules.bound(node)) is None:
                        break
                    captures["local"] = [bound]
                key = (0 if head == "local" else 1, captures.get("name", nodes)[0].start_byte)
                event = (node.start_byte, -node.end_byte, 0, number, head, node, captures)
                if (known := defined.get(key)) is not None:
                    if len(events[known][6]) < len(captures):
                        events[known] = event
                    break
                defined[key] = len(events)
                events.append(event)
            elif head == "scope":
                place = node.start_byte, -node.end_byte
                events.append((*place, -1, number, "scope", node, captures))
            elif capture == "extends":
                bases = found.bases.setdefault((node.start_byte, node.end_byte), [])
                bases.extend(rules.bare(source.of(base)) for base in captures["base"])
            elif capture == "implements":
                owner = rules.bare(source.of(captures["owner"][0]))
                names = [rules.bare(source.of(base)) for base in captures["base"]]
                found.implemented.setdefault(owner, []).extend(names)
            elif capture == "decorated":
                texts = found.decorators.setdefault(node.start_byte, [])
                texts.extend(source.of(one) for one in captures["decorator"])
            elif capture == "exported":
                found.exported.append((node.start_byte, node.end_byte))
                draft.has_exports = True
            elif capture == "package":
                draft.package = draft.package or rules.package(node, source)
            elif head == "mark":
                draft.marks.setdefault(kind, []).extend(source.of(one) for one in nodes)
            elif capture in ("import", "binding", "global", "mixin"):
                if head == "import" and defined.setdefault((2, node.start_byte), number) != number:
                    break
                events.append((node.start_byte, -node.end_byte, 0, number, head, node, captures))
            else:
                continue
            break
    found.exported.sort()
    events.sort()
    return found


def _declared(rules: Language, kind: str, captures: Captures) -> str | None:
    """Put the name inside a declarator in its place; the kind of what it declares."""
    declarator = captures["declarator"][0]
    found = rules.declared(declarator)
    if found is None:
        return None
    captures["name"] = [found[0]]
    if found[1] is not None:
        captures["owner"] = [found[1]]
    if (value := declarator.child_by_field_name("value")) is not None:
        captures["value"] = [value]
    if kind == "declared":
        return "function" if found[2] else "variable"
    return kind


def _names(query: Query) -> list[tuple[str, str, str]]:
    """The captures of a query: each name, and what stands before and after its dot."""
    names = (query.capture_name(number) for number in range(query.capture_count))
    return [(name, *name.partition(".")[::2]) for name in names]


def _tells(kind: str, captures: Captures) -> tuple[int, int]:
    """How much a match says of a definition that several matches found."""
    return 0 if kind in HELD else 1 if kind == "type" else 2, len(captures)
