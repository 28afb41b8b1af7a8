"""Java: packages by the folders of the workspace's source roots, classes by their files' names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..facts import Import
from ..view import Target
from .module import Module
from .paths import join, nearest, parent
from .rules import MAX_FILES, Rules, Scope
from .table import Table


class Java(Rules):
    """`a.b.C` is the class C of a folder that ends with `a/b`; the source root is what stands before that.

    A class that has no file of its own is looked for in all files of its package, a package's folders in every root.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._folders: dict[str, list[str]] | None = None

    def clear(self) -> None:
        self._folders = None

    def module(self, path: str, item: Import) -> Module | None:
        parts = item.module.split(".")
        found = self._split(path, parts)
        return found[0] if found is not None and found[1] == len(parts) else None

    def holders(self, module: Module, name: str) -> Sequence[str]:
        if module.owner or not module.folders:
            return module.files
        named = [join(folder, f"{name}.java") for folder in module.folders]
        if found := [path for path in named if self.workspace.is_file(path)]:
            return found
        return [path for path in self.workspace.defining(name) if parent(path) in module.folders]

    def whole(self, path: str, item: Import, module: Module) -> tuple[Target, ...]:
        if module.owner:
            return tuple(Target(file, module.owner) for file in module.files)
        facts = self.workspace.facts(path)
        used = dict.fromkeys(one.name for one in facts.references) if facts is not None else {}
        files = set(module.files)
        named = (join(folder, f"{name}.java") for name in used for folder in module.folders)
        found = dict.fromkeys(one for one in named if one in files)
        return tuple(Target(file) for file in list(found)[:MAX_FILES])

    def unimported(self, path: str, name: str) -> Sequence[str]:
        facts = self.workspace.facts(path)
        if facts is None or not name.isidentifier():
            return ()
        folders = self._packages(path, facts.package.split(".")) if facts.package else [parent(path)]
        module = Module((), tuple(folders))
        return [found for found in self.holders(module, name) if found != path]

    def start(self, path: str, parts: Sequence[str]) -> tuple[Module, int] | None:
        return self._split(path, parts)

    def starred(self, path: str, file: str, table: Table) -> Iterable[str]:
        facts = self.workspace.facts(path)
        used = {one.name for one in facts.references} if facts is not None else set()
        return [symbol for symbol in table.symbols if symbol in used]

    def _split(self, path: str, parts: Sequence[str]) -> tuple[Module, int] | None:
        """The longest package that `parts` begin with, or the class in it; and how many parts that takes."""
        for count in range(len(parts), 0, -1):
            folders = self._packages(path, parts[:count])
            if not folders:
                continue
            files = tuple(file for folder in folders for file in self.workspace.within(folder) if _is_java(file))
            module = Module(files, tuple(folders))
            if count == len(parts):
                return module, count
            holders = self.holders(module, parts[count])
            if not holders:
                return None
            return Module(tuple(holders[:1]), (), ".".join(parts[count:])), len(parts)
        return None

    def _packages(self, path: str, parts: Sequence[str]) -> list[str]:
        """The folders of a package, those nearest to `path` first."""
        if self._folders is None:
            self._folders = {}
            for folder in {parent(file) for file in self.workspace.paths() if _is_java(file)}:
                self._folders.setdefault(folder.rpartition("/")[2], []).append(folder)
        tail = "/".join(parts)
        found = [one for one in self._folders.get(parts[-1], ()) if one == tail or one.endswith(f"/{tail}")]
        found = [one for one in found if self._declares(one, ".".join(parts))]
        return [parent(one) for one in nearest(path, [join(one, "x") for one in found])]

    def _declares(self, folder: str, package: str) -> bool:
        """Whether a folder's files really say that package: `a/b` is not the root of every `x/a/b`."""
        for path in self.workspace.within(folder):
            if _is_java(path) and (facts := self.workspace.facts(path)) is not None and facts.package:
                return facts.package == package
        return False


def _is_java(path: str) -> bool:
    return path.endswith(".java")
