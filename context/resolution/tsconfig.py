"""What tsconfig.json and jsconfig.json say about module names: base folders and path patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..view import Workspace
from . import lenient_json
from .paths import above, join, parent, relative

MAX_CONFIGS = 24
"""Files read for one configuration: what it extends and what it refers to."""

Locate = Callable[[str, str], str | None]
"""(folder, package name with a path behind it) → that path in this workspace."""


@dataclass(frozen=True, slots=True)
class Options:
    """`patterns` are (pattern, substitutes, the folder they are relative to), in order; `base` and `roots` folders."""

    base: str | None = None
    patterns: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    roots: tuple[str, ...] = ()

    def candidates(self, name: str) -> Iterator[str]:
        """The paths, without extension perhaps, that a bare module name may stand for; best first."""
        best: tuple[int, str, tuple[str, ...], str] | None = None
        for pattern, substitutes, folder in self.patterns:
            head, star, tail = pattern.partition("*")
            if not star:
                if name == pattern:
                    best = (len(name) + 1, "", substitutes, folder)
                    break
            elif (
                name.startswith(head)
                and name.endswith(tail)
                and len(name) >= len(head) + len(tail)
                and (best is None or len(head) > best[0])
            ):
                best = (len(head), name[len(head) : len(name) - len(tail)], substitutes, folder)
        if best is not None:
            _, matched, substitutes, folder = best
            for written in substitutes:
                if (path := relative(folder, written.replace("*", matched, 1))) is not None:
                    yield path
        if self.base is not None and (path := relative(self.base, name)) is not None:
            yield path

    def elsewhere(self, path: str) -> Iterator[str]:
        """The paths that `path` has when the root folders are laid over each other."""
        for root in self.roots:
            if path == root or path.startswith(f"{root}/") or not root:
                rest = path[len(root) + 1 :] if root else path
                yield from (join(other, rest) for other in self.roots if other != root)
                return


def nearest(workspace: Workspace, folder: str, locate: Locate) -> tuple[Options, ...]:
    """The options that files in `folder` are under: those of the first configuration above, and what it refers to."""
    for place in above(folder):
        for name in ("tsconfig.json", "jsconfig.json"):
            if workspace.is_file(path := join(place, name)):
                return _Reader(workspace, locate).read(path)
    return ()


class _Reader:
    def __init__(self, workspace: Workspace, locate: Locate) -> None:
        self._workspace = workspace
        self._locate = locate
        self._seen: dict[str, dict[str, Any]] = {}

    def read(self, path: str) -> tuple[Options, ...]:
        """The options of the file itself, then of the projects that it refers to."""
        found = [self._options(path)]
        for item in _items(self._parsed(path).get("references")):
            written = item.get("path") if isinstance(item, dict) else None
            target = relative(parent(path), written) if isinstance(written, str) else None
            if target is None or len(self._seen) >= MAX_CONFIGS:
                continue
            target = target if target.endswith(".json") else join(target, "tsconfig.json")
            if target not in self._seen and self._workspace.is_file(target):
                found.append(self._options(target))
        return tuple(dict.fromkeys(one for one in found if one != Options()))

    def _parsed(self, path: str) -> dict[str, Any]:
        if path not in self._seen:
            self._seen[path] = lenient_json.parse(self._workspace.read(path))
        return self._seen[path]

    def _options(self, path: str) -> Options:
        """A file's options over those of what it extends, the last one named over those before it."""
        chain: list[str] = []
        pending = [path]
        while pending and len(self._seen) < MAX_CONFIGS:
            one = pending.pop()
            if one in chain:
                continue
            chain.append(one)
            extended = self._parsed(one).get("extends")
            names = [extended] if isinstance(extended, str) else _items(extended)
            pending.extend(found for name in names if (found := self._extended(one, name)) is not None)
        base: str | None = None
        patterns: tuple[tuple[str, tuple[str, ...], str], ...] = ()
        roots: tuple[str, ...] = ()
        for one in chain:
            options = self._parsed(one).get("compilerOptions")
            if not isinstance(options, dict):
                continue
            folder = parent(one)
            own = parent(path)
            if base is None and isinstance(written := options.get("baseUrl"), str):
                base = _place(written, folder, own)
            if not patterns and isinstance(paths := options.get("paths"), dict):
                patterns = tuple(_patterns(paths, folder, own))
            if not roots:
                listed = (_place(item, folder, own) for item in _strings(options.get("rootDirs")))
                roots = tuple(item for item in listed if item is not None)
        if base is not None:
            patterns = tuple((pattern, items, base) for pattern, items, _ in patterns)
        return Options(base, patterns, roots)

    def _extended(self, path: str, name: Any) -> str | None:
        if not isinstance(name, str) or not name:
            return None
        folder = parent(path)
        target = relative(folder, name) if name.startswith(".") else self._locate(folder, name)
        if target is None:
            return None
        choices = (target, f"{target}.json", join(target, "tsconfig.json"))
        return next((choice for choice in choices if self._workspace.is_file(choice)), None)


def _place(written: str, folder: str, own: str) -> str | None:
    if written.startswith("${configDir}"):
        return relative(own, written.removeprefix("${configDir}").lstrip("/"))
    return relative(folder, written)


def _patterns(paths: dict[Any, Any], folder: str, own: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for pattern, substitutes in paths.items():
        items = _strings(substitutes)
        if not isinstance(pattern, str) or not items:
            continue
        if any(item.startswith("${configDir}") for item in items):
            yield pattern, tuple(item.removeprefix("${configDir}").lstrip("/") for item in items), own
        else:
            yield pattern, tuple(items), folder


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _strings(value: Any) -> list[str]:
    return [item for item in _items(value) if isinstance(item, str)]
