"""Files by the package or namespace that they declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..view import Workspace


class PackageIndex:
    """Packages of the files with one ending, built from all facts when first asked and then kept true file by file."""

    def __init__(self, workspace: Workspace, suffix: str) -> None:
        self._workspace = workspace
        self._suffix = suffix
        self._package_of: dict[str, tuple[object, str, tuple[str, ...]]] = {}
        self._names: dict[str, dict[str, list[str]]] = {}
        self._stale: set[str] = set()
        self._is_complete = False

    def clear(self) -> None:
        """Files came, went or changed: those that say something else than before are read at the next question."""
        self._is_complete = False

    def forget(self, path: str) -> None:
        """The file at `path` says something else now."""
        if path.endswith(self._suffix):
            self._stale.add(path)

    def names(self, package: str) -> Mapping[str, Sequence[str]]:
        """What stands at the top of a package's files: name → files, sorted."""
        self._refresh()
        return self._names.get(package, {})

    def files(self, package: str) -> tuple[str, ...]:
        """All files of a package that define something, sorted."""
        found = {path for paths in self.names(package).values() for path in paths}
        return tuple(sorted(found))

    def has(self, package: str) -> bool:
        """Whether any file declares the package."""
        self._refresh()
        return package in self._names

    def _refresh(self) -> None:
        changed, self._stale = self._stale, set()
        if not self._is_complete:
            present = {path for path in self._workspace.paths() if path.endswith(self._suffix)}
            known, revision = self._package_of, self._workspace.revision
            changed |= known.keys() - present
            changed |= {path for path in present if path not in known or known[path][0] != revision(path)}
            self._is_complete = True
        for path in sorted(changed):
            self._drop(path)
            self._add(path)

    def _drop(self, path: str) -> None:
        _, package, names = self._package_of.pop(path, (None, "", ()))
        known = self._names.get(package, {})
        for name in names:
            holders = known.get(name, [])
            if path in holders:
                holders.remove(path)
            if not holders:
                known.pop(name, None)
        if not known:
            self._names.pop(package, None)

    def _add(self, path: str) -> None:
        facts = self._workspace.facts(path)
        if facts is None:
            return
        names = tuple(dict.fromkeys(item.name for item in facts.definitions if not item.owner))
        self._package_of[path] = (self._workspace.revision(path), facts.package, names)
        known = self._names.setdefault(facts.package, {})
        for name in names:
            known.setdefault(name, []).append(path)
            known[name].sort()
