"""The index's paths by folder and by name, each made when first needed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Places:
    """`paths` are the sources, `others` all other files; both '/' separated."""

    paths: Sequence[str]
    others: Collection[str]

    @cached_property
    def within(self) -> Mapping[str, list[str]]:
        """The sources directly in a folder, sorted."""
        inside: dict[str, list[str]] = {}
        for path in self.paths:
            inside.setdefault(path.rpartition("/")[0], []).append(path)
        return inside

    @cached_property
    def named(self) -> Mapping[str, list[str]]:
        """All files of a name."""
        found: dict[str, list[str]] = {}
        for path in (*self.paths, *self.others):
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file, but the root."""
        found: set[str] = set()
        for path in (*self.paths, *self.others):
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)
