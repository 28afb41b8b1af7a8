"""From the imports of one Python file to the candidates of its context."""

from __future__ import annotations

from .. import tokens
from ..candidates import Candidate, Relation
from ..symbols import Definition, Import, Outline
from .resolve import Found, Module, Resolver, Workspace

MAX_CANDIDATES = 2_000
MAX_MEMBERS = 80


def gather(workspace: Workspace, path: str, outline: Outline, masked: frozenset[str]) -> tuple[Candidate, ...]:
    """List what the file's imports make worth showing; `masked` names count as not imported."""
    gatherer = _Gatherer(workspace, path)
    for item in outline.imports:
        names = {item.bound, item.bound.partition(".")[0], item.name}
        if masked.isdisjoint(names):
            gatherer.add_import(item, masked)
    gatherer.expand()
    return tuple(gatherer.candidates)


class _Gatherer:
    def __init__(self, workspace: Workspace, path: str) -> None:
        self._resolver = Resolver(workspace)
        self._path = path
        self._index: dict[tuple[str, int, str], int] = {}
        self._pending: list[tuple[str, Definition, str, Relation, int]] = []
        self.candidates: list[Candidate] = []

    def expand(self) -> None:
        """Add members, bases and types, once everything imported has its place."""
        for path, definition, via, relation, number in self._pending:
            if definition.kind == "class":
                self._add_members(path, definition, via, number)
                self._add_bases(path, definition, via)
            if relation == "imported":
                self._add_types(path, definition, via)

    def add_import(self, item: Import, masked: frozenset[str]) -> None:
        for bound, found in self._resolver.names(self._path, item):
            if bound in masked:
                continue
            if found.definitions:
                self._add_found(found, bound, "imported", f"imported here as {bound}")
            elif found.module is not None:
                self._add_module(found.module, bound)

    def _add_module(self, module: Module, bound: str) -> None:
        if module.path is None or module.path == self._path:
            return
        outline = self._resolver.outline(module.path)
        if outline is None:
            return
        why = f"in module {bound}, imported here"
        via = bound.partition(".")[0]
        for definition in outline.definitions:
            if not definition.owner and not definition.name.startswith("_"):
                self._add_found(Found(module.path, (definition,)), via, "of-module", why)
        if outline.exports:
            for name in sorted(outline.exports - outline.top.keys()):
                if (found := self._resolver.follow(module, name)) is not None and found.definitions:
                    self._add_found(found, via, "of-module", why)

    def _add_found(self, found: Found, via: str, relation: Relation, why: str) -> None:
        if found.path == self._path:
            return
        for definition in found.definitions[:3]:
            number = self._add(found.path, definition, via, relation, why)
            if number is not None:
                self._pending.append((found.path, definition, via, relation, number))

    def _add_members(self, path: str, owner: Definition, via: str, parent: int) -> None:
        outline = self._resolver.outline(path)
        if outline is None:
            return
        why = f"member of {owner.name}, imported here"
        members = [member for member in outline.members.get(owner.symbol, ()) if member.kind != "class"]
        for member in members[:MAX_MEMBERS]:
            relation: Relation = "member"
            if member.name in ("__init__", "__new__") or (owner.is_record and member.kind == "field"):
                relation = "constructor"
            elif member.name.startswith("_"):
                relation = "private"
            self._add(path, member, via, relation, why, parent)

    def _add_bases(self, path: str, definition: Definition, via: str) -> None:
        for base in definition.bases:
            found = self._meaning(path, base)
            if found is None or found.path == self._path:
                continue
            for target in found.definitions[:1]:
                why = f"base of {definition.name}, imported here"
                number = self._add(found.path, target, via, "base", why)
                if number is not None and target.kind == "class":
                    self._add_members(found.path, target, via, number)

    def _add_types(self, path: str, definition: Definition, via: str) -> None:
        outline = self._resolver.outline(path)
        if outline is None:
            return
        mentions = dict.fromkeys(definition.mentions)
        if definition.kind == "class":
            for member in outline.members.get(definition.symbol, ()):
                if not member.name.startswith("_"):
                    mentions.update(dict.fromkeys(member.mentions))
        for name in mentions:
            if name == definition.name or (name not in outline.top and name not in outline.bindings):
                continue
            found = self._meaning(path, name)
            if found is None or found.path == self._path:
                continue
            for target in found.definitions[:1]:
                if target.kind == "class":
                    why = f"type used by {definition.name}, imported here"
                    self._add(found.path, target, via, "type", why)

    def _meaning(self, path: str, name: str) -> Found | None:
        """What a possibly dotted name means inside the file at `path`."""
        parts = name.split(".")
        found = self._resolver.follow(Module(path, None), parts[0])
        for part in parts[1:]:
            if found is None or found.module is None:
                return None
            found = self._resolver.follow(found.module, part)
        return found

    def _add(
        self,
        path: str,
        definition: Definition,
        via: str,
        relation: Relation,
        why: str,
        parent: int | None = None,
    ) -> int | None:
        key = (path, definition.start_line, via)
        if (number := self._index.get(key)) is not None:
            return number
        if len(self.candidates) >= MAX_CANDIDATES:
            return None
        number = self._index[key] = len(self.candidates)
        name = via if relation == "imported" else definition.name
        self.candidates.append(
            Candidate(
                path=path,
                start_line=definition.start_line,
                end_line=definition.end_line,
                text=definition.text,
                tokens=tokens.count(definition.text),
                symbol=definition.symbol,
                name=name,
                via=via,
                relation=relation,
                why=why,
                parent=parent,
            )
        )
        return number
