"""Cargo: the packages of a workspace, their crate roots, and what each calls the others."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..view import Workspace
from .paths import above, join, nearest, parent, relative

CONFIG = ("Cargo.toml",)
MAX_CRATES = 1_000


@dataclass(frozen=True, slots=True)
class Package:
    """A Cargo package: its folder, its name in code, its library's root, all its crate roots, its names for others."""

    folder: str
    name: str
    library: str
    roots: frozenset[str]
    aliases: tuple[tuple[str, str], ...]


class Crates:
    """The Cargo packages of a workspace, each manifest read when first needed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._packages: dict[str, Package | None] = {}
        self._by_name: dict[str, list[str]] | None = None
        self._around: dict[str, Package | None] = {}

    def around(self, path: str) -> Package | None:
        """The package that the file at `path` belongs to."""
        folder = parent(path)
        if folder not in self._around:
            self._around[folder] = next(
                (package for one in above(folder) if (package := self._package(one)) is not None), None
            )
        return self._around[folder]

    def called(self, path: str, name: str) -> Package | None:
        """The package that code in the file at `path` calls `name`."""
        own = self.around(path)
        if self._by_name is None:
            self._by_name = {}
            for manifest in list(self._workspace.named("Cargo.toml"))[:MAX_CRATES]:
                package = self._package(parent(manifest))
                if package is not None:
                    self._by_name.setdefault(package.name, []).append(join(package.folder, "x"))
        name = dict(own.aliases).get(name, name) if own is not None else name
        folders = [parent(one) for one in nearest(path, self._by_name.get(name, []))]
        return self._package(folders[0]) if folders else None

    def root(self, path: str) -> str | None:
        """The root file of the crate that the file at `path` belongs to: its own, the library's or the program's."""
        package = self.around(path)
        if package is None:
            return next((one for folder in above(parent(path)) for one in _usual(self._workspace, folder)), None)
        if path in package.roots:
            return path
        inner = path[len(package.folder) + 1 :] if package.folder else path
        for place in ("tests", "examples", "benches", "src/bin"):
            if inner.startswith(place + "/"):
                name = inner[len(place) + 1 :].partition("/")[0]
                main = join(package.folder, f"{place}/{name}/main.rs")
                if self._workspace.is_file(main):
                    return main
                return None if place != "src/bin" else main
        build = join(package.folder, "build.rs")
        around = [one for one in package.roots if one != build and parent(one) in above(parent(path))]
        return min(
            around, key=lambda one: (-one.count("/"), one != package.library, one), default=package.library or None
        )

    def _package(self, folder: str) -> Package | None:
        if folder not in self._packages:
            self._packages[folder] = self._read(folder)
        return self._packages[folder]

    def _read(self, folder: str) -> Package | None:
        text = self._workspace.read(join(folder, "Cargo.toml"))
        if not text:
            return None
        try:
            manifest = tomllib.loads(text)
        except (ValueError, RecursionError):
            return None
        package = manifest.get("package")
        name = package.get("name") if isinstance(package, dict) else None
        if not isinstance(name, str):
            return None
        library = _table(manifest, "lib")
        own_name = library.get("name") if isinstance(library.get("name"), str) else name
        path = library.get("path") if isinstance(library.get("path"), str) else "src/lib.rs"
        root = relative(folder, str(path))
        root = root if root is not None and self._workspace.is_file(root) else ""
        roots = {one for one in (root, join(folder, "src/main.rs"), join(folder, "build.rs")) if one}
        for kind in ("bin", "test", "example", "bench"):
            for item in _items(manifest.get(kind)):
                written = item.get("path") if isinstance(item, dict) else None
                if isinstance(written, str) and (one := relative(folder, written)) is not None:
                    roots.add(one)
        for place in ("src/bin", "tests", "examples", "benches"):
            roots.update(self._workspace.within(join(folder, place)))
        return Package(
            folder,
            str(own_name).replace("-", "_"),
            root,
            frozenset(one for one in roots if self._workspace.is_file(one)),
            tuple(self._aliases(folder, manifest)),
        )

    def _aliases(self, folder: str, manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """(name in code, real name) of dependencies that are renamed, here or in the Cargo workspace above."""
        tables = [_table(manifest, key) for key in ("dependencies", "dev-dependencies", "build-dependencies")]
        targets = manifest.get("target")
        if isinstance(targets, dict):
            tables.extend(_table(one, "dependencies") for one in targets.values() if isinstance(one, dict))
        for table in tables:
            for name, item in table.items():
                if not isinstance(item, dict):
                    continue
                package = item.get("package")
                if item.get("workspace") is True:
                    package = self._shared(folder, name)
                if isinstance(package, str):
                    yield name.replace("-", "_"), package.replace("-", "_")

    def _shared(self, folder: str, name: str) -> str | None:
        for place in above(folder):
            text = self._workspace.read(join(place, "Cargo.toml"))
            if not text or "[workspace" not in text:
                continue
            try:
                item = _table(_table(tomllib.loads(text), "workspace"), "dependencies").get(name)
            except (ValueError, RecursionError):
                return None
            package = item.get("package") if isinstance(item, dict) else None
            return package if isinstance(package, str) else None
        return None


def _usual(workspace: Workspace, folder: str) -> Iterator[str]:
    for name in ("lib.rs", "main.rs", "src/lib.rs", "src/main.rs"):
        if workspace.is_file(path := join(folder, name)):
            yield path


def _table(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
