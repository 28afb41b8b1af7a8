"""JavaScript and TypeScript: files without their extension, index files, tsconfig's paths, the workspace's packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..facts import Import
from ..view import Found
from . import tsconfig
from .module import Module
from .node_packages import Packages, split
from .paths import join, parent, relative
from .rules import Rules, Scope, exported, one_of
from .table import Table

_SOURCES = (".ts", ".tsx", ".mts", ".cts")
_ADDED = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs", ".d.mts", ".d.cts", ".vue", ".svelte")
_WRITTEN = {
    ".js": (".ts", ".tsx", ".d.ts", ".js", ".jsx"),
    ".jsx": (".tsx", ".d.ts", ".jsx"),
    ".mjs": (".mts", ".d.mts", ".mjs"),
    ".cjs": (".cts", ".d.cts", ".cjs"),
}
_REQUIRING = (".js", ".cjs", ".jsx")
_ALIASES = ("@/", "~/")


class JavaScript(Rules):
    """A relative name is a file or a folder's index; a bare one goes through tsconfig, then the workspace's packages.

    Where a build is not there its source is taken. TypeScript wins over the JavaScript beside it. A module without a
    default export stands for itself; one that JavaScript takes whole is its default export where it has one, as
    `require` gives it.
    """

    unstarred = frozenset({"default"})

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._packages = Packages(self.workspace)
        self._configs: dict[str, tuple[tsconfig.Options, ...]] = {}

    def clear(self) -> None:
        self._packages = Packages(self.workspace)
        self._configs.clear()

    def module(self, path: str, item: Import) -> Module | None:
        folder = parent(path)
        name = item.module.partition("?")[0]
        for candidate in self._candidates(folder, name):
            if (file := self._file(candidate)) is not None:
                return Module((file,))
        return None

    def child(self, module: Module, name: str) -> Module | None:
        return module if name == "default" and module.files and not module.owner else None

    def value(self, path: str, module: Module) -> tuple[Found, ...]:
        if not path.endswith(_REQUIRING):
            return ()
        meaning = self.scope.member(path, module, "default")
        return meaning if isinstance(meaning, tuple) else ()

    def starred(self, path: str, file: str, table: Table) -> Iterable[str]:
        return [name for name in exported(table.facts) if name != "default"]

    def _candidates(self, folder: str, name: str) -> Iterator[str]:
        if name in (".", "..") or name.startswith(("./", "../")):
            path = relative(folder, name)
            if path is not None:
                yield path
                for options in self._options(folder):
                    yield from options.elsewhere(path)
            return
        if name.startswith("#"):
            yield from self._packages.internal(folder, name)
        if name.startswith("/") or not name:
            return
        for options in self._options(folder):
            yield from options.candidates(name)
        package, inner = split(name)
        for place in self._packages.folders(folder, package):
            yield from self._packages.entries(place, inner)
        if name.startswith(_ALIASES) and (around := self._packages.around(folder)) is not None:
            rest = name.partition("/")[2]
            yield from (join(around, "src/" + rest), join(around, rest), join(around, "app/" + rest))

    def _options(self, folder: str) -> tuple[tsconfig.Options, ...]:
        if folder not in self._configs:
            self._configs[folder] = tsconfig.nearest(self.workspace, folder, self._locate)
        return self._configs[folder]

    def _locate(self, folder: str, name: str) -> str | None:
        package, inner = split(name)
        places = self._packages.folders(folder, package)
        return join(places[0], inner or "tsconfig.json") if places else None

    def _file(self, path: str) -> str | None:
        """The file that a path without its extension, with that of its build, or of a folder stands for."""
        is_file = self.workspace.is_file
        dot = path.rfind(".", path.rfind("/") + 1)
        suffix = path[dot:] if dot >= 0 else ""
        if suffix in _SOURCES and is_file(path):
            return path
        for ending in _WRITTEN.get(suffix, ()):
            if is_file(found := path[:dot] + ending):
                return found
        for ending in _ADDED:
            if is_file(found := path + ending):
                return found
        if suffix and is_file(path):
            return path
        return self._index(path)

    def _index(self, folder: str) -> str | None:
        if not self.workspace.is_folder(folder):
            return None
        if folder and self.workspace.is_file(join(folder, "package.json")):
            for entry in self._packages.entries(folder, ""):
                if entry == folder:
                    continue
                for ending in ("", *_ADDED):
                    if self._is_code(found := entry + ending):
                        return found
                for written, others in _WRITTEN.items():
                    if entry.endswith(written):
                        for ending in others:
                            if self.workspace.is_file(found := entry.removesuffix(written) + ending):
                                return found
        return one_of(self.workspace, (join(folder, "index" + ending) for ending in _ADDED))

    def _is_code(self, path: str) -> bool:
        return path.endswith((".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs")) and self.workspace.is_file(
            path
        )
