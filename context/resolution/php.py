"""PHP: classes by composer's autoload rules, else by the namespaces that files declare; required files by path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..facts import Import
from ..view import Target
from . import lenient_json
from .module import Module
from .packages import PackageIndex
from .paths import ends_with, join, nearest, parent, relative
from .rules import MAX_FILES, Rules, Scope
from .table import Table

CONFIG = ("composer.json",)
_FILES = (".php", ".inc", ".phtml")


class Php(Rules):
    """`A\\B\\C` is the file that a psr-4 or psr-0 prefix of any composer.json gives it, else any that declares it.

    A file sees its own namespace unasked, and functions of the global one.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._index = PackageIndex(self.workspace, ".php")
        self._prefixes: list[tuple[str, str]] | None = None

    def clear(self) -> None:
        self._index.clear()
        self._prefixes = None

    def forget(self, path: str) -> None:
        self._index.forget(path)

    def module(self, path: str, item: Import) -> Module | None:
        if item.module.endswith(_FILES) or "/" in item.module:
            file = self._required(path, item.module)
            return Module((file,)) if file is not None else None
        name = item.module.strip("\\")
        if not item.name:
            found = self._holding(*_split(name))
            return Module(found[:1], (), name.rpartition("\\")[2]) if found else None
        if not name or self._index.has(name) or any(True for _ in self._folders(name)):
            return Module((), (name,))
        found = self._holding(*_split(name))
        return Module(found[:1], (), name.rpartition("\\")[2]) if found else None

    def holders(self, module: Module, name: str) -> Sequence[str]:
        return self._holding(module.folders[0], name) if module.folders and not module.owner else module.files

    def child(self, module: Module, name: str) -> Module | None:
        if not module.folders:
            return None
        inner = f"{module.folders[0]}\\{name}".lstrip("\\")
        return Module((), (inner,)) if self._index.has(inner) else None

    def whole(self, path: str, item: Import, module: Module) -> tuple[Target, ...]:
        return tuple(Target(file, module.owner) for file in module.files[:MAX_FILES])

    def unimported(self, path: str, name: str) -> Sequence[str]:
        facts = self.workspace.facts(path)
        package = facts.package.strip("\\").replace(".", "\\") if facts is not None else ""
        found = [*self._holding(package, name), *(self._holding("", name) if package else ())]
        return [file for file in nearest(path, list(dict.fromkeys(found))) if file != path]

    def start(self, path: str, parts: Sequence[str]) -> tuple[Module, int] | None:
        facts = self.workspace.facts(path)
        package = facts.package.strip("\\").replace(".", "\\") if facts is not None else ""
        is_absolute = not parts[0]
        names = [part for part in parts if part]
        for count in range(len(names) - 1, 0, -1):
            inner = "\\".join(names[:count])
            for space in ("",) if is_absolute or not package else (package, ""):
                whole = f"{space}\\{inner}".strip("\\")
                if self._holding(whole, names[count]):
                    return Module((), (whole,)), count + is_absolute
        return (Module((), ("",)), 1) if is_absolute else None

    def starred(self, path: str, file: str, table: Table) -> Iterable[str]:
        return [symbol for symbol in table.symbols if "." not in symbol]

    def _holding(self, package: str, name: str) -> tuple[str, ...]:
        """The files in which `name` of a namespace stands."""
        for folder in self._folders(package):
            if self.workspace.is_file(path := join(folder, f"{name}.php")):
                return (path,)
        return tuple(self._index.names(package).get(name, ()))

    def _folders(self, package: str) -> Iterator[str]:
        """The folders that autoloading gives a namespace, the longest prefix first."""
        if self._prefixes is None:
            self._prefixes = sorted(self._read_prefixes(), key=lambda pair: -len(pair[0]))
        for prefix, folder in self._prefixes:
            if package == prefix or package.startswith(f"{prefix}\\") or not prefix:
                rest = package[len(prefix) :].strip("\\").replace("\\", "/")
                if self.workspace.is_folder(found := join(folder, rest)):
                    yield found

    def _read_prefixes(self) -> Iterator[tuple[str, str]]:
        for path in nearest("", list(self.workspace.named("composer.json"))):
            manifest = lenient_json.parse(self.workspace.read(path))
            for section in ("autoload", "autoload-dev"):
                rules = manifest.get(section)
                for kind in ("psr-4", "psr-0"):
                    prefixes = rules.get(kind) if isinstance(rules, dict) else None
                    for prefix, places in prefixes.items() if isinstance(prefixes, dict) else ():
                        for place in _strings(places):
                            folder = relative(parent(path), place)
                            name = str(prefix).strip("\\")
                            if folder is None:
                                continue
                            yield name, join(folder, name.replace("\\", "/")) if kind == "psr-0" else folder

    def _required(self, path: str, written: str) -> str | None:
        name = written.rpartition("}")[2].lstrip("/")
        for folder in (parent(path), ""):
            found = relative(folder, name)
            if found and self.workspace.is_file(found):
                return found
        tail = relative("", name.lstrip("./"))
        found_all = (
            [one for one in self.workspace.named(tail.rpartition("/")[2]) if ends_with(one, tail)] if tail else []
        )
        return found_all[0] if len(found_all) == 1 else None


def _split(name: str) -> tuple[str, str]:
    package, _, last = name.rpartition("\\")
    return package, last


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
