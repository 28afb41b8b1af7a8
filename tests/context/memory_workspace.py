"""A workspace that is only a mapping of paths to texts: `Workspace` for tests and benchmarks."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence

from twolane.context.facts import FileFacts
from twolane.context.languages.reading import language_of, read_text
from twolane.context.resolution.resolver import Resolver


class MemoryWorkspace:
    """Answers from `files` (path → text, dedented) as they stand now; `write` and `remove` change them.

    `history` maps a path to what was committed together with it.
    """

    def __init__(
        self,
        files: Mapping[str, str] | None = None,
        *,
        history: Mapping[str, Sequence[tuple[str, float]]] | None = None,
        dedent: bool = True,
    ) -> None:
        self._texts: dict[str, str] = {}
        self._dedent = dedent
        self._facts: dict[str, FileFacts | None] = {}
        self._folders: set[str] = {""}
        self._within: dict[str, list[str]] = {}
        self._names: dict[str, list[str]] = {}
        self._defining: dict[str, list[str]] | None = None
        self._using: dict[str, list[str]] | None = None
        self._links: dict[str, list[str]] | None = None
        self._history = dict(history or {})
        self.resolver = Resolver(self)
        for path, text in (files or {}).items():
            self._texts[path] = textwrap.dedent(text) if dedent else text
        self._index()

    def write(self, path: str, text: str) -> None:
        """Put a file there, or another text into it."""
        is_new = path not in self._texts
        self._texts[path] = textwrap.dedent(text) if self._dedent else text
        self._facts.pop(path, None)
        self._forget(path, config=is_new)

    def remove(self, path: str) -> None:
        """Take a file away."""
        del self._texts[path]
        self._facts.pop(path, None)
        self._forget(path, config=True)

    def _forget(self, path: str, *, config: bool) -> None:
        self._defining = self._using = self._links = None
        if config:
            self._index()
            self.resolver.config_changed()
        self.resolver.forget(path)

    def _index(self) -> None:
        self._folders, self._within, self._names = {""}, {}, {}
        for path in sorted(self._texts):
            folder, _, name = path.rpartition("/")
            self._names.setdefault(name, []).append(path)
            if language_of(path) is not None:
                self._within.setdefault(folder, []).append(path)
            while folder:
                self._folders.add(folder)
                folder = folder.rpartition("/")[0]

    def paths(self) -> Collection[str]:
        return sorted(path for path in self._texts if language_of(path) is not None)

    def is_file(self, path: str) -> bool:
        return path in self._texts

    def is_folder(self, path: str) -> bool:
        return path in self._folders

    def within(self, folder: str) -> Sequence[str]:
        return self._within.get(folder, [])

    def named(self, name: str) -> Sequence[str]:
        return self._names.get(name, [])

    def read(self, path: str) -> str | None:
        return self._texts.get(path)

    def facts(self, path: str) -> FileFacts | None:
        if path not in self._facts:
            self._facts[path] = self._read_facts(path)
        return self._facts[path]

    def _read_facts(self, path: str) -> FileFacts | None:
        text, language = self._texts.get(path), language_of(path)
        if text is None or language is None:
            return None
        facts = read_text(language, text, seconds=10.0)
        return facts if isinstance(facts, FileFacts) else None

    def revision(self, path: str) -> object:
        return self._texts.get(path)

    def defining(self, name: str) -> Sequence[str]:
        if self._defining is None:
            self._defining = self._inverted("definitions")
        return self._defining.get(name, [])

    def using(self, name: str) -> Sequence[str]:
        if self._using is None:
            self._using = self._inverted("references")
        return self._using.get(name, [])

    def _inverted(self, kind: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.paths():
            facts = self.facts(path)
            for name in sorted({item.name for item in getattr(facts, kind)}) if facts is not None else ():
                found.setdefault(name, []).append(path)
        return found

    def imports(self, path: str) -> Sequence[str]:
        facts = self.facts(path)
        if facts is None:
            return []
        found = {target.path for item in facts.imports for target in self.resolver.targets(path, item)}
        return sorted(found - {path})

    def importers(self, path: str) -> Sequence[str]:
        if self._links is None:
            self._links = {}
            for importer in self.paths():
                for target in self.imports(importer):
                    self._links.setdefault(target, []).append(importer)
        return self._links.get(path, [])

    def changed_with(self, path: str) -> Sequence[tuple[str, float]]:
        return self._history.get(path, ())
