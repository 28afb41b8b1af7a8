"""What is known of the workspace around an edit, and what would be known once it is made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ..context.facts import FileFacts
from ..context.relations import Relations
from ..context.resolution.resolver import Resolver
from ..context.view import Workspace
from .original import Change, Original

_LOOKED_THROUGH = 400


@dataclass(frozen=True, slots=True)
class Known:
    """The workspace's index at one moment, with what follows its names. Used on the thread that keeps the index.

    `complete` says that every file of the workspace is in it.
    """

    workspace: Workspace
    resolver: Resolver
    complete: bool = True

    @property
    def relations(self) -> Relations:
        """Who calls whom."""
        return Relations(self.workspace, self.resolver)

    def facts(self, original: Original) -> FileFacts | None:
        """What the index says of a file, if it is this very text."""
        text = self.workspace.read(original.path)
        return self.workspace.facts(original.path) if text == original.text == original.plain else None

    def imports_package(self, name: str) -> bool:
        """Whether a file of the workspace imports a package of that name, as far as a look through some tells."""
        for path in list(self.workspace.paths())[:_LOOKED_THROUGH]:
            facts = self.workspace.facts(path)
            if facts is not None and any(one.module.partition(".")[0] == name for one in facts.imports):
                return True
        return False

    def after(self, changes: Sequence[Change], facts: Mapping[str, FileFacts]) -> Known:
        """The same as if the changes had been made; `facts` are those of the changed files."""
        overlay = _Overlay(self.workspace, {change.path: change.text for change in changes}, facts)
        return Known(overlay, Resolver(overlay), self.complete)


class _Overlay:
    """A workspace in which some files say something else."""

    def __init__(self, below: Workspace, texts: Mapping[str, str], facts: Mapping[str, FileFacts]) -> None:
        self._below = below
        self._texts = texts
        self._facts = facts

    def paths(self) -> Collection[str]:
        return sorted({*self._below.paths(), *self._texts})

    def is_file(self, path: str) -> bool:
        return path in self._texts or self._below.is_file(path)

    def is_folder(self, path: str) -> bool:
        return self._below.is_folder(path) or any(one.startswith(f"{path}/") for one in self._texts)

    def within(self, folder: str) -> Sequence[str]:
        own = {path for path in self._texts if path.rpartition("/")[0] == folder}
        return sorted({*self._below.within(folder), *own})

    def named(self, name: str) -> Sequence[str]:
        own = {path for path in self._texts if path.rpartition("/")[2] == name}
        return sorted({*self._below.named(name), *own})

    def read(self, path: str) -> str | None:
        return self._texts[path] if path in self._texts else self._below.read(path)

    def facts(self, path: str) -> FileFacts | None:
        return self._facts[path] if path in self._facts else self._below.facts(path)

    def revision(self, path: str) -> object:
        return self._facts[path] if path in self._facts else self._below.revision(path)

    def defining(self, name: str) -> Sequence[str]:
        own = {path for path, facts in self._facts.items() if any(one.name == name for one in facts.definitions)}
        return sorted({path for path in self._below.defining(name) if path not in self._facts} | own)

    def using(self, name: str) -> Sequence[str]:
        own = {path for path, facts in self._facts.items() if any(one.name == name for one in facts.references)}
        return sorted({path for path in self._below.using(name) if path not in self._facts} | own)

    def imports(self, path: str) -> Sequence[str]:
        return self._below.imports(path)

    def importers(self, path: str) -> Sequence[str]:
        return self._below.importers(path)

    def changed_with(self, path: str) -> Sequence[tuple[str, float]]:
        return self._below.changed_with(path)
