"""C#: namespaces are taken from what the files say, whichever folder they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..facts import Import
from ..view import Target
from .module import Module
from .packages import PackageIndex
from .paths import nearest
from .rules import MAX_FILES, Rules, Scope
from .table import Table

_GLOBAL = ("GlobalUsings.cs", "Usings.cs", "_Imports.cs", "Imports.cs")


class CSharp(Rules):
    """A using makes a namespace's types visible; a file sees its own namespace and those around it unasked.

    A using leads to the files that define what its own file uses.
    """

    open_types = True

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._index = PackageIndex(self.workspace, ".cs")

    def clear(self) -> None:
        self._index.clear()

    def forget(self, path: str) -> None:
        self._index.forget(path)

    def place(self, path: str, item: Import) -> str:
        return ""

    def module(self, path: str, item: Import) -> Module | None:
        parts = item.module.removeprefix("global::").replace("::", ".").split(".")
        found = self._split(parts)
        return found[0] if found is not None and found[1] == len(parts) else None

    def holders(self, module: Module, name: str) -> Sequence[str]:
        if module.owner or not module.folders:
            return module.files
        return self._index.names(module.folders[0]).get(name, ())

    def child(self, module: Module, name: str) -> Module | None:
        package = f"{module.folders[0]}.{name}" if module.folders else ""
        return self._namespace(package) if package and self._index.has(package) else None

    def whole(self, path: str, item: Import, module: Module) -> tuple[Target, ...]:
        if module.owner or not module.folders:
            return tuple(Target(file, module.owner) for file in module.files[:MAX_FILES])
        names = self._index.names(module.folders[0])
        facts = self.workspace.facts(path)
        used = dict.fromkeys(one.name for one in facts.references) if facts is not None else {}
        files = dict.fromkeys(file for name in used for file in names.get(name, ()) if file != path)
        return tuple(Target(file) for file in list(files)[:MAX_FILES])

    def unimported(self, path: str, name: str) -> Sequence[str]:
        facts = self.workspace.facts(path)
        if facts is None:
            return ()
        found: list[str] = []
        for package in (*_around(facts.package), *self._globals(path)):
            found.extend(nearest(path, [one for one in self._index.names(package).get(name, ()) if one != path]))
        return list(dict.fromkeys(found))

    def start(self, path: str, parts: Sequence[str]) -> tuple[Module, int] | None:
        facts = self.workspace.facts(path)
        for package in _around(facts.package if facts is not None else ""):
            head = package.split(".") if package else []
            found = self._split([*head, *parts])
            if found is not None and found[1] > len(head):
                return found[0], found[1] - len(head)
        return None

    def starred(self, path: str, file: str, table: Table) -> Iterable[str]:
        facts = self.workspace.facts(path)
        used = {one.name for one in facts.references} if facts is not None else set()
        return [symbol for symbol in table.symbols if symbol in used]

    def _globals(self, path: str) -> Iterator[str]:
        """The namespaces that `global using` makes visible, from the files where that is usually written."""
        for name in _GLOBAL:
            for one in nearest(path, list(self.workspace.named(name)))[:1]:
                facts = self.workspace.facts(one)
                for item in facts.imports if facts is not None else ():
                    if item.name == "*":
                        yield item.module

    def _namespace(self, package: str) -> Module:
        return Module(self._index.files(package), (package,))

    def _split(self, parts: Sequence[str]) -> tuple[Module, int] | None:
        """The longest namespace that `parts` begin with, or the type in it; and how many parts that takes."""
        for count in range(len(parts), 0, -1):
            package = ".".join(parts[:count])
            if not self._index.has(package):
                continue
            if count == len(parts):
                return self._namespace(package), count
            holders = self._index.names(package).get(parts[count], ())
            if holders:
                return Module(tuple(holders), (), ".".join(parts[count:])), len(parts)
            return self._namespace(package), count
        return None


def _around(package: str) -> Iterator[str]:
    """A namespace and those around it, the global one last."""
    while package:
        yield package
        package = package.rpartition(".")[0]
    yield ""
