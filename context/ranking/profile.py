"""One file's facts, arranged for counting and looking up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from cachetools import LRUCache

from ..columns import column
from ..facts import Definition, FileFacts
from ..view import Workspace

MAX_PROFILES = 4_096


class Profile:
    """The same facts by name and by line; each table is made when it is first asked for, and never changed."""

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts

    @cached_property
    def uses(self) -> Mapping[str, list[int]]:
        """The lines on which each name is used."""
        found: dict[str, list[int]] = {}
        for name, line in zip(*self._used, strict=True):
            found.setdefault(name, []).append(line)
        return found

    @cached_property
    def by_name(self) -> Mapping[str, list[Definition]]:
        """The definitions of each name."""
        found: dict[str, list[Definition]] = {}
        for definition in self.facts.definitions:
            found.setdefault(definition.name, []).append(definition)
        return found

    @cached_property
    def _used(self) -> tuple[Sequence[str], Sequence[int]]:
        return column(self.facts.references, "name"), column(self.facts.references, "line")

    @cached_property
    def _by_line(self) -> Mapping[int, list[str]]:
        found: dict[int, list[str]] = {}
        for name, line in zip(*self._used, strict=True):
            found.setdefault(line, []).append(name)
        return found

    def around(self, line: int, reach: int) -> set[str]:
        """The names used on lines within `reach` of `line`."""
        found: set[str] = set()
        by_line = self._by_line
        for near in range(line - reach, line + reach + 1):
            found.update(by_line.get(near, ()))
        return found

    def receivers(self) -> Iterable[tuple[str, int]]:
        """Each text before a dot once for every line it stands on."""
        receivers = column(self.facts.references, "receiver")
        return dict.fromkeys(pair for pair in zip(receivers, self._used[1], strict=True) if pair[0])


class Profiles:
    """Profiles of a workspace's files, each made anew when its facts are others. Belongs to one thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: LRUCache[str, Profile] = LRUCache(MAX_PROFILES)

    def of(self, path: str) -> Profile | None:
        """What the file at `path` says; None where it has no facts."""
        facts = self._workspace.facts(path)
        if facts is None:
            return None
        known = self._known.get(path)
        if known is None or known.facts is not facts:
            known = self._known[path] = Profile(facts)
        return known
