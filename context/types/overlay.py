"""A workspace in which one file says something else than the workspace has of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..facts import FileFacts
from ..view import Workspace


class Overlaid:
    """`beneath`, but for the facts of `path`; which files define and use a name stays as it is beneath."""

    def __init__(self, beneath: Workspace, path: str, facts: FileFacts) -> None:
        self._beneath = beneath
        self._path = path
        self._facts = facts
        self._names = {item.name for item in facts.definitions}

    def paths(self) -> Collection[str]:
        """As beneath."""
        return self._beneath.paths()

    def is_file(self, path: str) -> bool:
        """As beneath."""
        return self._beneath.is_file(path)

    def is_folder(self, path: str) -> bool:
        """As beneath."""
        return self._beneath.is_folder(path)

    def within(self, folder: str) -> Sequence[str]:
        """As beneath."""
        return self._beneath.within(folder)

    def named(self, name: str) -> Sequence[str]:
        """As beneath."""
        return self._beneath.named(name)

    def read(self, path: str) -> str | None:
        """As beneath: the text without what is laid over it."""
        return self._beneath.read(path)

    def facts(self, path: str) -> FileFacts | None:
        """The facts laid over, for their file; else those beneath."""
        return self._facts if path == self._path else self._beneath.facts(path)

    def revision(self, path: str) -> object:
        """The facts laid over stand for themselves; else as beneath."""
        return self._facts if path == self._path else self._beneath.revision(path)

    def defining(self, name: str) -> Sequence[str]:
        """As beneath, and the file laid over where it defines the name."""
        found = self._beneath.defining(name)
        return [*found, self._path] if name in self._names and self._path not in found else found

    def using(self, name: str) -> Sequence[str]:
        """As beneath."""
        return self._beneath.using(name)

    def imports(self, path: str) -> Sequence[str]:
        """As beneath."""
        return self._beneath.imports(path)

    def importers(self, path: str) -> Sequence[str]:
        """As beneath."""
        return self._beneath.importers(path)

    def changed_with(self, path: str) -> Sequence[tuple[str, float]]:
        """As beneath."""
        return self._beneath.changed_with(path)
