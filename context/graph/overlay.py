"""What is known of files beyond the index: open buffers, and what changed on disk since it was made."""

from __future__ import annotations

from collections.abc import Collection, ItemsView
from dataclasses import dataclass

from ..facts import FileFacts
from .naming import NONE, Names, names_of


@dataclass(slots=True)
class Now:
    """One file as it is. `facts` is None where it is gone (`here` is False) or cannot be used (`reason`).

    `buffer` says that it is open, with its text; what is not `told` speaks for itself only. `targets` are the files
    that its imports led to when the workspace had the shape of that number.
    """

    facts: FileFacts | None = None
    reason: str = ""
    here: bool = True
    buffer: bool = False
    told: bool = True
    text: str | None = None
    targets: tuple[int, tuple[str, ...]] = (-1, ())

    @property
    def indexed(self) -> bool:
        """Whether it is one of the workspace's source files."""
        return self.facts is not None and self.told


class Overlay:
    """Files by path, and paths by the names that they define and use."""

    def __init__(self) -> None:
        self._files: dict[str, Now] = {}
        self._names: dict[str, Names] = {}
        self._defining: dict[str, set[str]] = {}
        self._using: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def get(self, path: str) -> Now | None:
        """What is known of a file; None where the index is right."""
        return self._files.get(path)

    def items(self) -> ItemsView[str, Now]:
        """Every file."""
        return self._files.items()

    def defining(self, name: str) -> Collection[str]:
        """The files of these that define a name."""
        return self._defining.get(name, ())

    def using(self, name: str) -> Collection[str]:
        """The files of these that refer to a name."""
        return self._using.get(name, ())

    def put(self, path: str, now: Now) -> Now | None:
        """Let this be known of a file; what was before."""
        old = self._files.get(path)
        self._files[path] = now
        self._name(path, names_of(now.facts) if now.facts is not None and now.told else NONE)
        return old

    def drop(self, path: str) -> Now | None:
        """Let the index speak for a file; what was known of it."""
        old = self._files.pop(path, None)
        if old is not None:
            self._name(path, NONE)
            del self._names[path]
        return old

    def _name(self, path: str, names: Names) -> None:
        """Note the names of a file: only those that are others than before are touched."""
        before = self._names.get(path, NONE)
        self._names[path] = names
        for table, old, new in (
            (self._defining, before.defined, names.defined),
            (self._using, before.used, names.used),
        ):
            for name in old - new:
                files = table[name]
                files.discard(path)
                if not files:
                    del table[name]
            for name in new - old:
                table.setdefault(name, set()).add(path)
