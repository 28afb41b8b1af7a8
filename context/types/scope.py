"""What a bare name means on a line of one file: what encloses the line, what is bound and what is seen there."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from types import MappingProxyType
from typing import Final

from ..facts import TYPES, Definition, FileFacts, Import, Local
from ..resolution.resolver import Resolver
from ..view import Found, Workspace

IMPLICIT_MEMBERS: Final = frozenset({"java", "csharp", "cpp", "ruby"})
"""Languages in which a bare name may be a member of what encloses it."""

SELF_WORDS: Final = MappingProxyType(
    {
        "python": frozenset({"self", "cls"}),
        "typescript": frozenset({"this"}),
        "typescriptreact": frozenset({"this"}),
        "tsx": frozenset({"this"}),
        "javascript": frozenset({"this"}),
        "javascriptreact": frozenset({"this"}),
        "rust": frozenset({"self", "Self"}),
        "java": frozenset({"this"}),
        "cpp": frozenset({"this"}),
        "csharp": frozenset({"this"}),
        "ruby": frozenset({"self"}),
        "php": frozenset({"$this", "self", "static"}),
        "lua": frozenset({"self"}),
    }
)
"""What a language calls the object, or the type, that the code belongs to."""

SUPER_WORDS: Final = MappingProxyType(
    {
        "python": frozenset({"super"}),
        "typescript": frozenset({"super"}),
        "typescriptreact": frozenset({"super"}),
        "tsx": frozenset({"super"}),
        "javascript": frozenset({"super"}),
        "javascriptreact": frozenset({"super"}),
        "java": frozenset({"super"}),
        "csharp": frozenset({"base"}),
        "php": frozenset({"parent"}),
    }
)

WHOLE_WORDS: Final = frozenset({"cls", "Self", "static"})
"""Words that stand for the type itself."""


class Scope:
    """One file of a workspace; `beneath` are the facts that the resolver knows of it, where those differ."""

    def __init__(self, workspace: Workspace, resolver: Resolver, path: str, beneath: FileFacts | None = None) -> None:
        self.path = path
        self.facts = workspace.facts(path) or FileFacts("")
        self._differs = beneath is not None and beneath is not self.facts
        self._same_imports = not self._differs or (beneath is not None and beneath.imports == self.facts.imports)
        self._resolver = resolver
        self._locals: dict[str, list[Local]] | None = None
        self._by_symbol: dict[str, list[Definition]] | None = None
        self._imported: dict[str, list[Import]] | None = None
        self._starts = [definition.start_line for definition in self.facts.definitions]

    @property
    def language(self) -> str:
        """The file's LSP language identifier."""
        return self.facts.language

    def around(self, line: int) -> list[Definition]:
        """The definitions whose lines hold `line`, innermost first."""
        near = self.facts.definitions[: bisect_right(self._starts, line)]
        found = [item for item in near if item.last_line >= line]
        return sorted(found, key=lambda item: (-item.start_line, item.last_line))

    def owner(self, line: int) -> str:
        """The dotted name of the type that the code on `line` belongs to, '' for none.

        In a text that has errors the nearest method above stands for the one that the parser could not close.
        """
        for item in self.around(line):
            if item.kind in TYPES and item.kind != "type":
                return item.symbol
            if item.owner and item.kind in ("method", "function", "field", "constant", "variable"):
                return item.owner
        if self.facts.broken:
            for item in reversed(self.facts.definitions[: bisect_right(self._starts, line)]):
                if item.kind == "method" and item.owner:
                    return item.owner
                if item.kind in TYPES and item.kind != "type":
                    return item.symbol
                if not item.owner and item.kind == "function":
                    return ""
        return ""

    def local(self, line: int, name: str) -> Local | None:
        """The binding of a local name that holds on `line`: the innermost scope, there the last one above."""
        near = [item for item in self.bindings(name) if item.start_line <= line <= item.end_line]
        if not near:
            return None
        span = min(item.end_line - item.start_line for item in near)
        inner = [item for item in near if item.end_line - item.start_line == span]
        above = [item for item in inner if item.line <= line]
        typed = [item for item in above if item.type]
        if above and not above[-1].type and typed:
            return typed[-1]
        return above[-1] if above else inner[0]

    def ambiguous(self, line: int, name: str) -> bool:
        """Whether a name has another meaning on a part of a line: an inner scope binds it that begins or ends there."""
        near = {(item.start_line, item.end_line) for item in self.bindings(name)}
        near = {(first, last) for first, last in near if first <= line <= last}
        edge = any(line in place for place in near)
        return edge and (len(near) > 1 or bool(self.own(name) or self.imported(name)))

    def bindings(self, name: str) -> list[Local]:
        """Everything that binds a local of that name anywhere in the file."""
        if self._locals is None:
            self._locals = defaultdict(list)
            for item in self.facts.locals:
                self._locals[item.name].append(item)
        return self._locals.get(name, [])

    def own(self, symbol: str) -> list[Definition]:
        """The file's definitions with that dotted name."""
        if self._by_symbol is None:
            self._by_symbol = defaultdict(list)
            for item in self.facts.definitions:
                self._by_symbol[item.symbol].append(item)
        return self._by_symbol.get(symbol, [])

    def imported(self, name: str) -> list[Import]:
        """The imports that bind a name."""
        if self._imported is None:
            self._imported = defaultdict(list)
            for item in self.facts.imports:
                self._imported[item.bound].append(item)
                if "." in item.bound:
                    self._imported[item.bound.partition(".")[0]].append(item)
        return self._imported.get(name, [])

    def meaning(self, name: str, line: int = 0) -> tuple[Found, ...]:
        """What a possibly dotted name that is no local means, as seen from `line`; empty where nobody knows."""
        if line and (owner := self.owner(line)):
            parts = owner.split(".")
            for size in range(len(parts), 0, -1):
                own = self.own(f"{'.'.join(parts[:size])}.{name}")
                if own and (own[0].kind in TYPES or (size == len(parts) and self.language in IMPLICIT_MEMBERS)):
                    return tuple(Found(self.path, item) for item in own)
        if self._differs and (own := self.own(name)):
            return tuple(Found(self.path, item) for item in own)
        if not self._same_imports:
            head, _, rest = name.partition(".")
            for item in reversed(self.imported(head)):
                found: list[Found] = []
                for target in self._resolver.targets(self.path, item):
                    wanted = ".".join(part for part in (target.name, rest) if part)
                    if wanted:
                        found.extend(self._resolver.lookup(target.path, wanted))
                if found:
                    return tuple(found)
        found_there = self._resolver.lookup(self.path, name)
        if self._differs:
            return tuple(item for item in found_there if item.path != self.path)
        return tuple(found_there)

    def modules(self, name: str) -> tuple[str, ...]:
        """The files that a possibly dotted name stands for where it is a module, package or namespace."""
        if self._same_imports and (found := self._resolver.module(self.path, name)):
            return found
        paths: list[str] = []
        for item in self.imported(name):
            if item.bound == name:
                targets = self._resolver.targets(self.path, item)
                paths.extend(target.path for target in targets if not target.name)
        return tuple(dict.fromkeys(paths))


def outermost(facts: FileFacts, line: int, local: Local | None = None) -> str:
    """The outermost function or method around a line, and around all lines of a local; '' for none."""
    for item in facts.definitions:
        if item.start_line > line:
            break
        if item.kind in ("function", "method") and item.last_line >= line:
            first, last = (local.start_line, local.end_line) if local is not None else (line, line)
            return item.symbol if item.start_line <= first and last <= item.last_line else ""
    return ""


def owner_of(facts: FileFacts, line: int) -> str:
    """The dotted name of the type whose method a line stands in, '' for none."""
    around = [one for one in facts.definitions if one.start_line <= line <= one.last_line]
    return next((one.owner for one in reversed(around) if one.kind == "method"), "")
