"""package.json: the packages of a workspace by name, and what a path into one of them means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..view import Workspace
from . import lenient_json
from .paths import above, join, nearest, parent, relative

CONFIG = ("package.json",)
MAX_PACKAGES = 2_000
MAX_LEAVES = 64
_BUILT = re.compile(r"(?:^|/)(?:dist|lib|build|out|es|esm|cjs|umd|types|typings|dist-types|lib-dist)(?=/)")
_DECLARED = re.compile(r"\.d(\.[mc]?ts)$")
_MAIN = ("source", "types", "typings", "module", "main", "browser")


class Packages:
    """The package.json files of a workspace, each read when first needed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._manifests: dict[str, dict[str, Any]] = {}
        self._by_name: dict[str, list[str]] | None = None

    def folders(self, origin: str, name: str) -> list[str]:
        """The folders of the packages called `name`, nearest to `origin` first."""
        if self._by_name is None:
            self._by_name = {}
            paths = [path for path in self._workspace.named("package.json") if "node_modules/" not in path]
            for path in paths[:MAX_PACKAGES]:
                own = self.manifest(parent(path)).get("name")
                if isinstance(own, str):
                    self._by_name.setdefault(own, []).append(path)
        return [parent(path) for path in nearest(join(origin, "x"), self._by_name.get(name, []))]

    def manifest(self, folder: str) -> dict[str, Any]:
        """What a folder's package.json says; empty without one."""
        if folder not in self._manifests:
            self._manifests[folder] = lenient_json.parse(self._workspace.read(join(folder, "package.json")))
        return self._manifests[folder]

    def around(self, folder: str) -> str | None:
        """The nearest folder at or above `folder` that has a package.json."""
        return next((one for one in above(folder) if self._workspace.is_file(join(one, "package.json"))), None)

    def entries(self, folder: str, inner: str) -> Iterator[str]:
        """The paths, built ones and their likely sources, that `inner` ('' the package itself) may stand for."""
        manifest = self.manifest(folder)
        written: list[str] = []
        if (exports := manifest.get("exports")) is not None:
            written.extend(_exported(exports, f"./{inner}" if inner else "."))
        if not inner:
            written.extend(value for key in _MAIN if isinstance(value := manifest.get(key), str))
        elif not written:
            written.append(inner)
        for one in written:
            if (path := relative(folder, one)) is not None:
                yield path
        for one in written:
            yield from _sources(folder, one)
        if not inner:
            yield from (join(folder, name) for name in ("src/index", "index", "src/main", "lib/index", "src/mod"))
        else:
            yield join(folder, f"src/{inner}")

    def internal(self, folder: str, name: str) -> Iterator[str]:
        """The paths that a name with '#' stands for in the package around `folder`."""
        around = self.around(folder)
        imports = self.manifest(around).get("imports") if around is not None else None
        if around is None or not isinstance(imports, dict):
            return
        for one in _exported(imports, name):
            if one.startswith("."):
                if (path := relative(around, one)) is not None:
                    yield path
                yield from _sources(around, one)


def split(name: str) -> tuple[str, str]:
    """A bare module name as package and path inside it."""
    parts = name.split("/")
    count = 2 if name.startswith("@") else 1
    return "/".join(parts[:count]), "/".join(parts[count:])


def _sources(folder: str, written: str) -> Iterator[str]:
    """Where the source of a built file is likely to stand."""
    for replacement in ("/src", ""):
        source, count = _BUILT.subn(replacement, _DECLARED.sub(r"\1", written.removeprefix("./")), count=1)
        if count and (path := relative(folder, source.lstrip("/"))) is not None:
            yield path


def _exported(exports: Any, wanted: str) -> list[str]:
    """The files behind one key of an exports or imports map, the best matching pattern's."""
    if not isinstance(exports, dict) or not any(key.startswith((".", "#")) for key in exports if isinstance(key, str)):
        return _leaves(exports) if wanted == "." else []
    if wanted in exports:
        return _leaves(exports[wanted])
    best: tuple[int, str, str] | None = None
    for key in exports:
        head, star, tail = key.partition("*") if isinstance(key, str) else ("", "", "")
        if star and wanted.startswith(head) and wanted.endswith(tail) and len(wanted) >= len(head) + len(tail):
            if best is None or len(head) > best[0]:
                best = (len(head), key, wanted[len(head) : len(wanted) - len(tail)])
        elif isinstance(key, str) and key.endswith("/") and len(key) > 1 and wanted.startswith(key):
            return [leaf + wanted[len(key) :] for leaf in _leaves(exports[key])]
    if best is None:
        return []
    return [leaf.replace("*", best[2]) for leaf in _leaves(exports[best[1]])]


def _leaves(value: Any) -> list[str]:
    """The strings of a nest of conditions, in order; those for sources and types first."""
    found: list[tuple[int, str]] = []
    pending: list[tuple[Any, int]] = [(value, 1)]
    while pending and len(found) < MAX_LEAVES:
        one, rank = pending.pop()
        if isinstance(one, str):
            found.append((rank, one))
        elif isinstance(one, list):
            pending.extend((item, rank) for item in reversed(one[:MAX_LEAVES]))
        elif isinstance(one, dict):
            for key, item in reversed(list(one.items())[:MAX_LEAVES]):
                pending.append((item, 0 if key in ("source", "development", "types", "typescript") else rank))
    return list(dict.fromkeys(leaf for _, leaf in sorted(found, key=lambda item: item[0])))
