"""One file's facts, arranged for look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..facts import Definition, FileFacts, Import

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table:
    """`symbols` by dotted symbol, `bindings` by bound name (those at the top first), `stars` in order of lines.

    `loose` are members that can be reached without their owner, by bare name: those whose owner this file does not
    define, and in Lua those of any table, since a file hands out its table without a name.
    """

    facts: FileFacts
    symbols: Mapping[str, tuple[Definition, ...]]
    bindings: Mapping[str, tuple[Import, ...]]
    stars: tuple[Import, ...]
    loose: Mapping[str, tuple[Definition, ...]]

    def names(self, name: str) -> bool:
        """Whether the file defines `name` (a dotted symbol) or binds it by an import."""
        return name in self.symbols or name in self.bindings


def arrange(facts: FileFacts, bound: Mapping[Import, str]) -> Table:
    """Build the table; `bound` corrects the name that an import binds where it differs from what is written."""
    bindings = sorted((item for item in facts.imports if item.name != "*"), key=lambda item: not item.top)
    named: list[tuple[str, Import]] = []
    for item in bindings:
        name = bound.get(item, item.bound)
        if facts.language == "python" and not item.name and "." in name:
            name = name.partition(".")[0]
            item = Import(name, "", name, item.start_line, item.end_line, item.level, item.top, item.passes_on)
        if name and name != "*":
            named.append((name, item))
    classes = {definition.symbol for definition in facts.definitions if definition.kind not in ("method", "field")}
    return Table(
        facts,
        _grouped((definition.symbol, definition) for definition in facts.definitions),
        _grouped(named),
        tuple(item for item in facts.imports if item.name == "*"),
        _grouped((item.name, item) for item in facts.definitions if _is_loose(facts, item, classes)),
    )


def _is_loose(facts: FileFacts, item: Definition, classes: set[str]) -> bool:
    if facts.language == "lua":
        return bool(item.owner) and "." not in item.owner
    return bool(item.owner) and item.owner not in classes


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
