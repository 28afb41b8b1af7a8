"""What a language's structure query finds in a tree, sorted for one sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
        "bound",
        "scope",
        "extends",
        "inherits",
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


def windows(queries: Sequence[Query], root: Node, within: tuple[int, int] | None = None) -> Iterator[QueryCursor]:
    """A cursor for each query and each stretch of a tree: one over the other is done within a few milliseconds.

    tree-sitter keeps the interpreter's lock for a whole query, and 0.26.1 crashes when it is given a progress
    callback there. What spans two stretches is found twice. With `within` (bytes) there is one cursor, for what those
    touch.
    """
    end = root.end_byte
    for query in queries:
        for start in range(0, max(end, 1) if within is None else 1, WINDOW):
            cursor = QueryCursor(query)
            if within is not None:
                cursor.set_byte_range(*within)
            elif end > WINDOW:
                cursor.set_byte_range(start, min(end, start + WINDOW))
            yield cursor


def _matches(
    queries: Sequence[Query], root: Node, source: Source, within: tuple[int, int] | None
) -> Iterator[Captures]:
    whole = within is not None or root.end_byte <= WINDOW
    for query in queries:
        seen: set[tuple[int, ...]] = set()
        for cursor in windows((query,), root, within):
            source.hurry()
            for number, captures in cursor.matches(root):
                if not whole:
                    key = (number, *(node.id for nodes in captures.values() for node in nodes))
                    if key in seen:
                        continue
                    seen.add(key)
                yield captures


def collect(
    rules: Language,
    queries: Sequence[Query],
    root: Node,
    source: Source,
    draft: Draft,
    within: tuple[int, int] | None = None,
) -> Found:
    """Run a language's structure queries over a tree and sort what it found; packages and marks go to the draft."""
    found = Found()
    events = found.events
    parts = {name: (head, kind) for query in queries for name, head, kind in _names(query)}
    defined: dict[tuple[int, int], int] = {}
    for number, captures in enumerate(_matches(queries, root, source, within)):
        for capture, nodes in captures.items():
            head, kind = parts[capture]
            if head not in _ROLES:
                continue
            node = nodes[0]
            if head == "def":
                role = _defined(rules, kind, node, captures, source)
                if role is None:
                    break
                node = captures.get("whole", nodes)[0]
                key = (-1, captures["local" if role == "local" else "name"][0].start_byte)
                place = node.start_byte, -node.end_byte
                if (known := defined.get(key)) is not None:
                    if _tells(events[known][4], events[known][6]) < _tells(role, captures):
                        events[known] = (*place, 0, number, role, node, captures)
                    break
                defined[key] = len(events)
                events.append((*place, 0, number, role, node, captures))
            elif capture in ("local", "bound", "attribute"):
                if capture == "bound":
                    if (bound := rules.bound(node, captures)) is None:
                        break
                    captures["local"], node, head = [bound], bound, "local"
                key = (0 if head == "local" else 1, captures.get("name", (node,))[0].start_byte)
                event = (node.start_byte, -node.end_byte, 0, number, head, node, captures)
                if (known := defined.get(key)) is not None:
                    if len(events[known][6]) < len(captures):
                        events[known] = event
                    break
                defined[key] = len(events)
                events.append(event)
            elif head == "scope":
                if kind == "some":
                    if (which := rules.opens(node, captures, source)) is None:
                        break
                    captures[f"scope.{which}"] = nodes
                place = node.start_byte, -node.end_byte
                events.append((*place, -1, number, "scope", node, captures))
            elif capture in ("extends", "inherits"):
                heir = node if capture == "extends" else node.parent
                if heir is not None:
                    bases = found.bases.setdefault((heir.start_byte, heir.end_byte), [])
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
                if (whole := rules.meant(capture, node, source)) is None:
                    break
                node = whole
                if head == "import" and defined.setdefault((2, node.start_byte), number) != number:
                    break
                events.append((node.start_byte, -node.end_byte, 0, number, head, node, captures))
            else:
                continue
            break
    found.exported.sort()
    events.sort()
    return found


def _defined(rules: Language, kind: str, node: Node, captures: Captures, source: Source) -> str | None:
    """Put the name of what a match defines in its place; the kind of that, None where it defines nothing."""
    if "declarator" in captures:
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
        return rules.declares(kind, captures, source)
    if "name" not in captures:
        told = rules.declares(kind, captures, source)
        if told is None or told == "local" or "name" in captures:
            return told
        if (name := rules.defined(node)) is None:
            return None
        captures["name"] = [name]
        return told
    return kind


def _names(query: Query) -> list[tuple[str, str, str]]:
    """The captures of a query: each name, and what stands before and after its dot."""
    names = (query.capture_name(number) for number in range(query.capture_count))
    return [(name, *name.partition(".")[::2]) for name in names]


def _tells(kind: str, captures: Captures) -> tuple[int, int]:
    """How much a match says of a definition that several matches found."""
    return 0 if kind in HELD else 1 if kind == "type" else 2, len(captures)
