"""Go: packages are folders, named by the modules of the workspace; files of one package see each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..facts import Import
from .module import Module
from .paths import above, ends_with, join, nearest, parent, relative
from .rules import Rules, Scope
from .table import Table

CONFIG = ("go.mod", "go.work")
_MODULE = re.compile(r'^\s*module\s+"?([^\s"]+)', re.MULTILINE)
_REPLACE = re.compile(r'^\s*(?:replace\s+)?"?([^\s"]+?)"?(?:\s+v\S+)?\s*=>\s*"?(\.{1,2}(?:/[^\s"]*)?)"?', re.MULTILINE)


class Go(Rules):
    """An import path is a folder below the longest module path that it begins with; replaced modules are theirs.

    Without any go.mod the longest end of the path that is a folder of Go files is taken.
    """

    open_types = True

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._modules: dict[str, list[str]] | None = None
        self._replaced: dict[str, dict[str, str]] = {}
        self._folders: set[str] | None = None

    def clear(self) -> None:
        self._modules = None
        self._replaced.clear()
        self._folders = None

    def module(self, path: str, item: Import) -> Module | None:
        for folder in self._candidates(parent(path), item.module):
            files = self._package(folder)
            if files:
                return Module(files, (folder,))
        return None

    def holders(self, module: Module, name: str) -> Sequence[str]:
        if len(module.files) < 2:
            return module.files
        defining = self.workspace.defining(name)
        return [file for file in defining if parent(file) == parent(module.files[0]) and file in module.files]

    def unimported(self, path: str, name: str) -> Sequence[str]:
        folder, is_test = parent(path), path.endswith("_test.go")
        own = self.workspace.facts(path)
        package = own.package if own is not None else ""
        found: list[str] = []
        for file in self.workspace.defining(name):
            if file == path or parent(file) != folder or (file.endswith("_test.go") and not is_test):
                continue
            facts = self.workspace.facts(file)
            if facts is not None and facts.package == package:
                found.append(file)
        return found

    def bound(self, path: str, item: Import) -> str:
        last = item.module.rpartition("/")[2]
        if item.bound in ("", "*", "_", ".") or item.name or (item.bound != last and item.module.count("/") == 0):
            return item.bound
        if item.bound not in (last, item.module.rpartition("/")[0].rpartition("/")[2]):
            return item.bound
        module = self.module(path, item)
        facts = self.workspace.facts(module.files[0]) if module is not None else None
        return facts.package if facts is not None and facts.package else item.bound

    def starred(self, path: str, file: str, table: Table) -> Iterable[str]:
        return [symbol for symbol in table.symbols if "." not in symbol and symbol[:1].isupper()]

    def _package(self, folder: str) -> tuple[str, ...]:
        within = self.workspace.within(folder)
        return tuple(path for path in within if path.endswith(".go") and not path.endswith("_test.go"))

    def _candidates(self, folder: str, name: str) -> Iterable[str]:
        if name.startswith(("./", "../")):
            path = relative(folder, name)
            return [path] if path is not None else []
        if self._modules is None:
            self._modules = self._read_modules()
        found: list[str] = []
        for head, place in sorted(self._replacements(folder).items(), key=lambda pair: -len(pair[0])):
            if name == head or name.startswith(head + "/"):
                found.append(join(place, name[len(head) + 1 :]))
        head = name
        while head:
            found.extend(join(place, name[len(head) + 1 :]) for place in self._modules.get(head, ()))
            head = parent(head)
        if not found and not self._modules and "." in name.partition("/")[0]:
            found.extend(self._tails(folder, name))
        return found

    def _read_modules(self) -> dict[str, list[str]]:
        modules: dict[str, list[str]] = {}
        for path in nearest("", list(self.workspace.named("go.mod"))):
            text = self.workspace.read(path)
            if text and (match := _MODULE.search(text)):
                modules.setdefault(match[1], []).append(parent(path))
        return modules

    def _replacements(self, folder: str) -> dict[str, str]:
        """What the go.mod above `folder`, and a go.work above that, put in the place of modules."""
        if folder not in self._replaced:
            found: dict[str, str] = {}
            for name in CONFIG:
                place = next((one for one in above(folder) if self.workspace.is_file(join(one, name))), None)
                text = self.workspace.read(join(place, name)) if place is not None else None
                for match in _REPLACE.finditer(text or ""):
                    target = relative(place or "", match[2])
                    if target is not None and self.workspace.is_folder(target):
                        found.setdefault(match[1], target)
            self._replaced[folder] = found
        return self._replaced[folder]

    def _tails(self, folder: str, name: str) -> list[str]:
        if self._folders is None:
            self._folders = {parent(path) for path in self.workspace.paths() if path.endswith(".go")}
        tail = name.partition("/")[2]
        while tail:
            if found := [one for one in self._folders if ends_with(one, tail)]:
                return [parent(path) for path in nearest(join(folder, "x"), [join(one, "x") for one in found])]
            tail = tail.partition("/")[2]
        return []
