"""Which file of the workspace a Python import means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ..symbols import Definition, Import, Outline

MAX_HOPS = 4
_SUFFIXES = (".py", ".pyi")


class Workspace(Protocol):
    """What resolution asks of a workspace; all paths are relative to it and '/' separated."""

    def is_file(self, path: str) -> bool:
        """Whether a file stands there."""
        ...

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands there."""
        ...

    def outline(self, path: str) -> Outline | None:
        """What the file declares and imports, None where it cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Module:
    """A module: its file, its folder if it is a package, or only a folder (a namespace package)."""

    path: str | None
    folder: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a name means: definitions in `path`, or a module."""

    path: str
    definitions: tuple[Definition, ...] = ()
    module: Module | None = None


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


class Resolver:
    """Resolves names against one workspace as it stands now: what it has seen once it does not ask for again."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._modules: dict[tuple[str, str, int], Module | None] = {}
        self._outlines: dict[str, Outline | None] = {}

    def outline(self, path: str) -> Outline | None:
        """What the file declares and imports, None where it cannot be read."""
        if path not in self._outlines:
            self._outlines[path] = self._workspace.outline(path)
        return self._outlines[path]

    def module(self, importer: str, module: str, level: int) -> Module | None:
        """The module that `importer` (a path) means by `module` behind `level` dots, None if not ours."""
        key = (_parent(importer), module, level)
        if key not in self._modules:
            self._modules[key] = self._find(*key)
        return self._modules[key]

    def _find(self, folder: str, module: str, level: int) -> Module | None:
        parts = [part for part in module.split(".") if part]
        if any(not part.isidentifier() for part in parts):
            return None
        if level:
            for _ in range(level - 1):
                if not folder:
                    return None
                folder = _parent(folder)
            return self._below(folder, parts)
        if not parts:
            return None
        namespace: Module | None = None
        for source in self._source_roots(folder):
            found = self._below(source, parts)
            if found is not None and found.path is not None:
                return found
            namespace = namespace or found
        return namespace

    def names(self, importer: str, item: Import) -> Iterator[tuple[str, Found]]:
        """What `item` binds: pairs of the visible name and its meaning; nothing where it is not ours."""
        module = self.module(importer, item.module, item.level)
        if module is None:
            return
        if item.name is None:
            if item.bound == item.module and "." in item.module and module.path is None:
                return
            yield item.bound, Found(module.path or "", module=module)
        elif item.name == "*":
            if module.path is not None and (outline := self.outline(module.path)) is not None:
                for name in _public_names(outline):
                    if (found := self.follow(module, name)) is not None:
                        yield name, found
        elif (found := self.follow(module, item.name)) is not None:
            yield item.bound, found

    def follow(self, module: Module, name: str, hops: int = MAX_HOPS) -> Found | None:
        """Where `name` of `module` is really defined, through at most `hops` re-exports."""
        pending = [(module, name, hops)]
        visited: set[tuple[str, str]] = set()
        while pending:
            module, name, hops = pending.pop(0)
            if (module.path or module.folder or "", name) in visited:
                continue
            visited.add((module.path or module.folder or "", name))
            outline = self.outline(module.path) if module.path is not None else None
            if outline is not None and module.path is not None:
                definitions = outline.top.get(name)
                if definitions:
                    return Found(module.path, definitions)
                if hops:
                    step = self._step(module.path, outline, name)
                    pending.extend((target, inner, hops - 1) for target, inner in step if inner)
                    whole = next((target for target, inner in step if not inner), None)
                    if whole is not None:
                        return Found(whole.path or "", module=whole)
            if module.folder is not None and (child := self._below(module.folder, [name])) is not None:
                return Found(child.path or "", module=child)
        return None

    def _step(self, path: str, outline: Outline, name: str) -> list[tuple[Module, str]]:
        """The modules in which to look next for `name`, and under which name ('' = the module itself)."""
        direct: list[tuple[Module, str]] = []
        starred: list[tuple[Module, str]] = []
        for item in (*outline.bindings.get(name, ()), *outline.bindings.get("*", ())):
            target = self.module(path, item.module, item.level)
            if target is None or (target.path == path and item.name == name):
                continue
            if item.name == "*":
                starred.append((target, name))
            else:
                direct.append((target, item.name or ""))
        return direct or starred

    def _source_roots(self, folder: str) -> Iterator[str]:
        """Folders that absolute imports of files in `folder` may start from, those outside packages first."""
        folders: list[str] = []
        while True:
            folders.append(folder)
            if not folder:
                break
            folder = _parent(folder)
        outside = [f for f in folders if not self._workspace.is_file(_join(f, "__init__.py"))]
        inside = [f for f in folders if f not in outside]
        for candidate in (*outside, *inside):
            yield candidate
            if self._workspace.is_folder(source := _join(candidate, "src")):
                yield source

    def _below(self, folder: str, parts: list[str]) -> Module | None:
        for part in parts[:-1]:
            folder = _join(folder, part)
            if not self._workspace.is_folder(folder):
                return None
        target = _join(folder, parts[-1]) if parts else folder
        for suffix in _SUFFIXES:
            if self._workspace.is_file(init := _join(target, f"__init__{suffix}")):
                return Module(init, target)
        if parts:
            for suffix in _SUFFIXES:
                if self._workspace.is_file(target + suffix):
                    return Module(target + suffix, None)
        return Module(None, target) if self._workspace.is_folder(target) else None


def _public_names(outline: Outline) -> list[str]:
    if outline.exports is not None:
        return sorted(outline.exports)
    names = dict.fromkeys(outline.top)
    names.update(dict.fromkeys(i.bound for i in outline.imports if i.top and i.name not in (None, "*")))
    return [name for name in names if not name.startswith("_")]
