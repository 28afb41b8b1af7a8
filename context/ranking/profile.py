"""One file's facts, arranged for counting and looking up."""

from __future__ import annotations

from collections.abc import Mapping

from cachetools import LRUCache

from ..facts import Definition, FileFacts, Reference
from ..view import Workspace

MAX_PROFILES = 1_024


class Profile:
    """The same facts by name, by owner and by line. Never changed once it is made."""

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        self.uses: dict[str, list[int]] = {}
        self.by_name: dict[str, list[Definition]] = {}
        self.members: dict[str, list[Definition]] = {}
        for reference in facts.references:
            self.uses.setdefault(reference.name, []).append(reference.line)
        for definition in facts.definitions:
            self.by_name.setdefault(definition.name, []).append(definition)
            if definition.owner:
                self.members.setdefault(definition.owner, []).append(definition)
        self._around: dict[int, list[str]] | None = None

    def around(self, line: int, reach: int) -> set[str]:
        """The names used on lines within `reach` of `line`."""
        if self._around is None:
            self._around = {}
            for reference in self.facts.references:
                self._around.setdefault(reference.line, []).append(reference.name)
        found: set[str] = set()
        for near in range(line - reach, line + reach + 1):
            found.update(self._around.get(near, ()))
        return found

    def receivers(self) -> Mapping[tuple[str, int], Reference]:
        """Each text before a dot once for every line it stands on."""
        return {(item.receiver, item.line): item for item in self.facts.references if item.receiver}


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
