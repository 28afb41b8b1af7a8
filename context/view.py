"""What the rest of this folder may ask of a workspace, however it is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from .facts import Definition, FileFacts


@dataclass(frozen=True, slots=True)
class Target:
    """Where an import leads: `name` of the file at `path`, or the whole file where `name` is ''."""

    path: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A definition and the file it stands in."""

    path: str
    definition: Definition


class Workspace(Protocol):
    """One workspace at one moment; all paths are relative to it and '/' separated, '' being the root.

    Open buffers speak before the disk. Answers come from memory but for `read`, and for `facts` of a file that was
    not asked for lately (one look-up in the store, well under a millisecond).
    """

    def paths(self) -> Collection[str]:
        """Every source file that is indexed, sorted."""
        ...

    def is_file(self, path: str) -> bool:
        """Whether a file stands there, indexed or not (`go.mod`, `tsconfig.json`)."""
        ...

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands there."""
        ...

    def within(self, folder: str) -> Sequence[str]:
        """The indexed files directly in a folder, sorted."""
        ...

    def named(self, name: str) -> Sequence[str]:
        """The files with that bare name anywhere in the workspace, indexed or not (`go.mod`, `util.h`), sorted."""
        ...

    def read(self, path: str) -> str | None:
        """The text of any file of the workspace; None where it cannot be had."""
        ...

    def facts(self, path: str) -> FileFacts | None:
        """What an indexed file says; None where it is not indexed or could not be read."""
        ...

    def revision(self, path: str) -> object:
        """A token for what `path` says: equal as long as its facts are; None where it has none."""
        ...

    def defining(self, name: str) -> Sequence[str]:
        """The files that define `name`, at their top or as a member."""
        ...

    def using(self, name: str) -> Sequence[str]:
        """The files that refer to `name`."""
        ...

    def imports(self, path: str) -> Sequence[str]:
        """The files that the imports of `path` lead to."""
        ...

    def importers(self, path: str) -> Sequence[str]:
        """The files whose imports lead to `path`."""
        ...

    def changed_with(self, path: str) -> Sequence[tuple[str, float]]:
        """Files that were committed together with `path`, best first, with a weight in 0..1; empty without history."""
        ...
