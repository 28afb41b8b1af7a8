"""Python: modules and packages from the roots of the workspace, namespace packages, stubs."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from ..facts import Import
from .module import Module
from .paths import join, nearest, parent
from .python_roots import Roots, find, walk_up
from .rules import Rules, Scope
from .table import Table

_SUFFIXES = (".py", ".pyi")
_OTHERS = frozenset({"tests", "test", "testing", "fixtures", "examples", "docs", "testdata", "benchmarks"})


class Python(Rules):
    """Absolute imports look, in this order, in the folders above the file that are no packages, in the folders that
    the projects of the workspace declare, and for the one package of that name anywhere; relative ones in theirs.

    A file wins over a folder without `__init__`, `.py` over `.pyi`. Names of the standard library are only ours
    where a file of that name stands beside the importing one, outside of packages, or in the workspace's root.
    """

    chained_stars = True

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._walks: dict[str, tuple[str, ...]] = {}
        self._roots: Roots | None = None
        self._packages: dict[str, list[str]] | None = None
        """By name the folders that a regular package of it stands in."""

    def clear(self) -> None:
        self._walks.clear()
        self._packages = None
        self._roots = None

    def module(self, path: str, item: Import) -> Module | None:
        folder = parent(path)
        parts = [part for part in item.module.split(".") if part]
        if not all(part.isidentifier() for part in parts):
            return None
        if item.level:
            for _ in range(item.level - 1):
                if not folder:
                    return None
                folder = parent(folder)
            return self._below((folder,), parts)
        return self._absolute(folder, parts) if parts else None

    def child(self, module: Module, name: str) -> Module | None:
        return self._below(module.folders, [name]) if module.folders and name.isidentifier() else None

    def starred(self, path: str, file: str, table: Table) -> Iterable[str]:
        if table.facts.exports is not None:
            return table.facts.exports
        names = dict.fromkeys(symbol for symbol in table.symbols if "." not in symbol)
        names.update(dict.fromkeys(name for name, items in table.bindings.items() if items[0].top))
        return [name for name in names if not name.startswith("_")]

    def _absolute(self, folder: str, parts: list[str]) -> Module | None:
        if folder not in self._walks:
            self._walks[folder] = walk_up(self.workspace, folder)
        outside = self._walks[folder]
        is_standard = parts[0] in sys.stdlib_module_names
        if is_standard:
            return self._first([root for root in outside if root in ("", folder)], parts)
        if self._roots is None:
            self._roots = find(self.workspace)
        declared = nearest(join(folder, "x"), [join(root, "x") for root in self._roots.folders])
        roots = dict.fromkeys((*outside, *(parent(root) for root in declared)))
        found = self._first(roots, parts)
        if found is not None and found.files:
            return found
        for package, mapped in self._roots.mapped:
            if tuple(parts[: len(package)]) == package:
                below = self._below((mapped,), parts[len(package) :])
                if below is not None:
                    return below
        found = found or self._stubs(roots, parts)
        return found or self._anywhere(folder, parts)

    def _first(self, roots: Iterable[str], parts: list[str]) -> Module | None:
        """The module below the first root that has its file; else the folders of that name, all roots' together."""
        folders: list[str] = []
        for root in roots:
            found = self._below((root,), parts)
            if found is not None and found.files:
                return found
            if found is not None:
                folders.extend(found.folders)
        return Module((), tuple(dict.fromkeys(folders))) if folders else None

    def _stubs(self, roots: Iterable[str], parts: list[str]) -> Module | None:
        head = f"{parts[0]}-stubs"
        holders = [folder for root in roots if self.workspace.is_folder(folder := join(root, head))]
        return self._below(tuple(holders), parts[1:]) if holders else None

    def _anywhere(self, folder: str, parts: list[str]) -> Module | None:
        """The only regular package of that name that begins outside of every other, whichever folder it is in."""
        if self._packages is None:
            self._packages = {}
            for package in map(parent, self.workspace.named("__init__.py")):
                self._packages.setdefault(package.rpartition("/")[2], []).append(parent(package))
        here = set(folder.split("/"))
        found = [
            root
            for root in self._packages.get(parts[0], ())
            if not self.workspace.is_file(join(root, "__init__.py")) and not ((set(root.split("/")) & _OTHERS) - here)
        ]
        return self._below((found[0],), parts) if len(found) == 1 else None

    def _below(self, folders: tuple[str, ...], parts: list[str]) -> Module | None:
        """The module `parts` below any of `folders`: the first file, else all folders of that name."""
        for part in parts[:-1]:
            folders = tuple(inner for folder in folders if self.workspace.is_folder(inner := join(folder, part)))
        if not parts:
            for folder in folders:
                if (init := self._file(join(folder, "__init__"))) is not None:
                    return Module((init,), (folder,))
            return Module((), folders) if folders else None
        targets = tuple(join(folder, parts[-1]) for folder in folders)
        for target in targets:
            if (init := self._file(join(target, "__init__"))) is not None:
                return Module((init,), (target,))
            if (file := self._file(target)) is not None:
                return Module((file,))
        found = tuple(target for target in targets if self.workspace.is_folder(target))
        return Module((), found) if found else None

    def _file(self, bare: str) -> str | None:
        return next((path for suffix in _SUFFIXES if self.workspace.is_file(path := bare + suffix)), None)
