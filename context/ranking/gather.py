"""From what a document says to the definitions of other files that it may need next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from .. import tokens
from ..columns import column
from ..conventions import is_test
from ..document import Snapshot
from ..facts import TYPES, Definition
from ..languages.loading import kin, language_of
from ..resolution.resolver import Resolver
from ..types.receiver import Receivers
from ..view import Found, Workspace
from .features import Column
from .filling import Around, Filling, Row
from .needs import Needs, moved, needs
from .pool import Held, Pool, split
from .profile import Profile, Profiles
from .remembered import Remembered
from .similar import Similar

MAX_CANDIDATES = 2_500
_MAX_OF_FILE = 200
_MAX_MEMBERS = 300
_MAX_DEFINING = 6
_MAX_RECEIVERS = 250
_MAX_FOLDER_FILES = 40
_MAX_MODULE_FILES = 60
_LEAST_SHARE = 0.04
_LEAST_COMPANION = 0.15
_PACKAGES = frozenset({"go", "java", "csharp", "kotlin"})
"""Languages whose files see their package without an import."""
_CONSTRUCTORS = frozenset({"__init__", "__new__", "constructor", "new", "New", "initialize", "__construct"})
_WHOLE_FILE = 1_000_000
_IMPORTED = frozenset({Column.NAMED, Column.MODULE, Column.BESIDE, Column.OWNER_NAMED})
_OBJECTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    dict.fromkeys(
        ("typescript", "typescriptreact", "javascript", "javascriptreact", "java", "csharp", "cpp"), ("this",)
    )
)
"""What the object that code belongs to is called where it is not `self`."""


class Gatherer:
    """Makes pools. Belongs to one thread."""

    def __init__(self, workspace: Workspace, counter: Callable[[str], int] = tokens.count) -> None:
        self._workspace = workspace
        self._profiles = Profiles(workspace)
        self._similar = Similar(workspace, self._profiles)
        self._counted = Remembered(counter)
        self._words = Remembered(lambda name: frozenset(split(name)))
        self._known: dict[str, bool] = {}
        self._path = ""
        self._last: tuple[Needs, str, Pool] | None = None

    def pool(self, snapshot: Snapshot, resolver: Resolver, *, anew: bool = True) -> Pool:
        """The candidates for a document, as its facts stand in the workspace now.

        `anew` says that more than this document's text may have changed since the last call for it. Where it did not,
        and the document needs what it needed then, its candidates stay the same objects.
        """
        path = snapshot.path
        own = self._profiles.of(path)
        if anew or self._path != path:
            self.forget()
            self._path = path
        if own is None:
            return Pool(snapshot.version, snapshot.language, "nothing is known of this file")
        wanted = needs(snapshot, own, self._knows)
        if self._last is not None and self._last[0] == wanted:
            pool = moved(self._last[2], self._last[1], snapshot, own)
        else:
            self._similar.begin(path, anew=False)
            work = _Work(self._workspace, resolver, self._profiles, self._similar, snapshot, own)
            pool = work.pool(self._counted, self._words)
        self._last = wanted, snapshot.text, pool
        return pool

    def forget(self) -> None:
        """More may have changed than the document that was at hand last."""
        self._path, self._last = "", None
        self._known.clear()
        self._similar.begin("", anew=True)

    def _knows(self, name: str) -> bool:
        """Whether a file beside the document at hand defines a name."""
        found = self._known.get(name)
        if found is None:
            own = self._path
            found = self._known[name] = any(path != own for path in self._workspace.defining(name))
        return found


class _Work:
    """One pool in the making."""

    def __init__(
        self,
        workspace: Workspace,
        resolver: Resolver,
        profiles: Profiles,
        similar: Similar,
        snapshot: Snapshot,
        own: Profile,
    ) -> None:
        self._workspace, self._resolver, self._profiles, self._similar = workspace, resolver, profiles, similar
        self._snapshot, self._path, self._own = snapshot, snapshot.path, own
        self._receivers = Receivers(workspace, resolver)
        self._rows: dict[tuple[str, int, str], Row] = {}
        self._membered: set[tuple[str, str, str]] = set()
        self._masked = snapshot.masked_imports
        self._folder = self._path.rpartition("/")[0]
        self._akin: dict[str, bool] = {}
        self._own_test = is_test(self._path)
        self._tests: dict[str, bool] = {}

    def pool(self, counted: Callable[[str], int], words: Callable[[str], frozenset[str]]) -> Pool:
        named = self._visible()
        changed_with = dict(self._workspace.changed_with(self._path))
        total = max(len(self._workspace.paths()), 2)
        usage = self._similar.usage(self._path, self._own, changed_with, total)
        self._seen(named)
        self._hops()
        held = self._held()
        self._modules()
        companions = self._similar.companions(self._own, [path for path, _ in usage.files], total)
        kept: dict[str, float] = {}
        for others in companions.values():
            for name, weight in others.items():
                if weight >= _LEAST_COMPANION:
                    kept[name] = max(kept.get(name, 0.0), weight)
        self._used(usage.names, usage.example)
        self._standing_together(kept)
        self._package()
        filling = Filling(self._snapshot, self._own, self._similar, counted, words)
        return filling.pool(list(self._rows.values()), Around(total, usage, changed_with, held, companions))

    # ------------------------------------------------------------ where candidates come from

    def _visible(self) -> set[str]:
        """What the imports make visible by name."""
        named: set[str] = set()
        for bound, found in self._resolver.visible(self._path).items():
            if bound in self._masked or not found or found[0].path == self._path:
                continue
            if found[0].definition.name in self._masked:
                continue
            used = bound in self._own.uses
            named.add(bound)
            for item in found[:_MAX_DEFINING]:
                why = f"imported here as {bound}"
                marks = {Column.NAMED: 1 / len(found), Column.UNUSED: 0.0 if used else 1 / len(found)}
                self._add(item.path, item.definition, why, marks, 1 / len(found), bound)
                if item.definition.kind in TYPES:
                    self._members(item, f"member of {item.definition.name}, imported here", bound)
        return named

    def _seen(self, named: set[str]) -> None:
        """What the names in this file mean where no import tells."""
        facts = self._own.facts
        local = set(column(facts.locals, "name"))
        kinds: dict[str, set[str]] = {}
        for name, use in zip(column(facts.references, "name"), column(facts.references, "use"), strict=True):
            kinds.setdefault(name, set()).add(use)
        for name, uses in kinds.items():
            if name in self._own.by_name or (name in named and "member" not in uses):
                continue
            if name in local and uses.isdisjoint(("member", "type")):
                continue
            files = [path for path in self._workspace.defining(name) if path != self._path and self._is_akin(path)]
            if not 0 < len(files) <= _MAX_DEFINING:
                continue
            for path in files:
                for definition in self._named_in(path, name):
                    if definition.owner and uses.isdisjoint(("member", "call")):
                        continue
                    share = 1 / len(files)
                    why = f"{name} is used here"
                    self._add(path, definition, why, {}, share)
                    if definition.kind in TYPES and len(files) == 1:
                        self._members(Found(path, definition), f"member of {name}, used here", name)

    def _hops(self) -> None:
        """Types in the signatures of what is used here, and their members."""
        for row in [row for row in self._rows.values() if row.share >= 0.5 and not row.marks.get(Column.OWNER_HOP)]:
            definition = row.definition
            if row.definition.owner and row.name not in self._own.uses:
                continue
            names = dict.fromkeys((*definition.bases, *definition.mentions))
            if definition.gives and definition.gives.isidentifier():
                names.setdefault(definition.gives)
            for name in list(names)[:12]:
                for item in self._resolver.lookup(row.path, name)[:2]:
                    if item.path != self._path and item.definition.kind in TYPES:
                        why = f"type used by {definition.name}"
                        self._add(item.path, item.definition, why, {Column.TYPE_HOP: 1.0}, 1.0)
                        self._members(item, f"member of {item.definition.name}, a type used by {definition.name}", "")

    def _held(self) -> list[tuple[Held, Found]]:
        """What variables and fields at hand hold, with the members that can follow."""
        facts = self._own.facts
        wanted: dict[tuple[str, int], tuple[int, int]] = {}
        for item in facts.locals:
            if item.type:
                wanted[item.name, item.line] = item.start_line, item.end_line
        types = {item.symbol: (item.start_line, item.last_line) for item in facts.definitions if item.kind in TYPES}
        for definition in facts.definitions:
            if not definition.gives or definition.kind not in ("field", "constant", "variable"):
                continue
            first, last = types.get(definition.owner, (1, _WHOLE_FILE))
            for word in _OBJECTS.get(facts.language, ("self",)) if definition.owner else ("",):
                text = f"{word}.{definition.name}" if word else definition.name
                wanted[text, max(definition.start_line, first)] = first, last
        for receiver, line in self._own.receivers():
            wanted.setdefault((receiver, line), (max(1, line - 40), line + 40))
        found: list[tuple[Held, Found]] = []
        seen: dict[tuple[str, int, int], list[Found]] = {}
        for (text, line), (first, last) in list(wanted.items())[:_MAX_RECEIVERS]:
            scope = (text, first, last)
            if scope not in seen:
                held = self._receivers.held(self._path, line, text)
                seen[scope] = list(held.types) if held is not None else []
            for thing in seen[scope]:
                place = Held(first - 1, last - 1, line - 1, 0, text)
                for above in self._receivers.hierarchy.lineage(thing).types[:4]:
                    if above.path != self._path:
                        self._members(above, f"member of {above.definition.name}, the type of {text} here", "")
                    found.append((place, above))
        for definition in facts.definitions:
            if definition.kind not in TYPES or not definition.bases:
                continue
            place = Held(definition.start_line - 1, definition.last_line - 1, definition.start_line - 1, 0, "self")
            for above in self._receivers.hierarchy.lineage(Found(self._path, definition)).types[1:4]:
                if above.path != self._path:
                    self._add(above.path, above.definition, f"base of {definition.name}", {Column.TYPE_HOP: 1.0}, 1.0)
                    self._members(above, f"inherited by {definition.name}", "")
                    found.append((place, above))
        return found

    def _modules(self) -> None:
        """The rest of what is imported."""
        whole: dict[str, str] = {}
        partly: dict[str, None] = {}
        for item in self._own.facts.imports:
            if not {item.bound, item.name, item.bound.partition(".")[0]}.isdisjoint(self._masked - {""}):
                continue
            for target in self._resolver.targets(self._path, item):
                if target.name == "" and (item.name != "*" or not item.bound):
                    whole[target.path] = item.bound or item.module
                elif target.name == "":
                    whole.setdefault(target.path, item.module)
                else:
                    partly[target.path] = None
        files = dict.fromkeys((*whole, *partly))
        for path in list(files)[:_MAX_MODULE_FILES]:
            profile = self._profiles.of(path)
            if profile is None or path == self._path:
                continue
            why = f"in {whole[path]}, imported here" if path in whole else "beside what is imported here"
            column = Column.MODULE if path in whole else Column.BESIDE
            for definition in profile.facts.definitions[: _MAX_OF_FILE * 2]:
                if not definition.owner and definition.exported and definition.name not in self._masked:
                    self._add(path, definition, why, {column: 1.0}, 1.0)
            if path in whole and any(item.passes_on for item in profile.facts.imports):
                passed = {item.bound for item in profile.facts.imports if item.passes_on}
                for name, found in list(self._resolver.visible(path).items())[:400]:
                    if name in self._masked or (name not in passed and "*" not in passed):
                        continue
                    for thing in found[:2]:
                        self._add(thing.path, thing.definition, why, {Column.MODULE: 1.0}, 1.0, name)

    def _used(self, names: Mapping[str, float], example: Mapping[str, str]) -> None:
        """What similar files use."""
        for name, weight in sorted(names.items(), key=lambda item: (-item[1], item[0])):
            if weight < _LEAST_SHARE:
                break
            self._unseen(name, f"used in {example[name]}, which resembles this file")

    def _standing_together(self, names: dict[str, float]) -> None:
        for name, _ in sorted(names.items(), key=lambda item: (-item[1], item[0]))[:600]:
            self._unseen(name, "used elsewhere next to what stands here")

    def _unseen(self, name: str, why: str) -> None:
        if name in self._own.by_name or name in self._own.uses or len(self._rows) >= MAX_CANDIDATES:
            return
        files = [path for path in self._workspace.defining(name) if path != self._path and self._is_akin(path)]
        if 0 < len(files) <= _MAX_DEFINING:
            for path in files:
                for definition in self._named_in(path, name):
                    self._add(path, definition, why, {}, 1 / len(files))

    def _package(self) -> None:
        """What stands in the same folder."""
        column = Column.PACKAGE if self._own.facts.language in _PACKAGES else Column.FOLDER
        for path in list(self._workspace.within(self._folder))[:_MAX_FOLDER_FILES]:
            profile = self._profiles.of(path)
            if profile is None or path == self._path or profile.facts.language != self._own.facts.language:
                continue
            for definition in profile.facts.definitions[:_MAX_OF_FILE]:
                if not definition.owner and (definition.exported or column is Column.PACKAGE):
                    self._add(path, definition, "in the same folder", {column: 1.0}, 1.0)

    # ------------------------------------------------------------ rows

    def _of_tests(self, path: str) -> bool:
        """Whether a file is a test's and the document is not: what tests make for themselves is nobody else's."""
        known = self._tests.get(path)
        if known is None:
            known = self._tests[path] = not self._own_test and is_test(path)
        return known

    def _is_akin(self, path: str) -> bool:
        """Whether what a file defines can be used here: a name that another language has, too, says nothing."""
        known = self._akin.get(path)
        if known is None:
            own, other = self._own.facts.language, language_of(path) or ""
            known = self._akin[path] = not other or kin(own) == kin(other)
        return known

    def _named_in(self, path: str, name: str) -> list[Definition]:
        profile = self._profiles.of(path)
        return profile.by_name.get(name, [])[:3] if profile is not None else []

    def _members(self, owner: Found, why: str, via: str) -> None:
        """The members of a type, of which each may be used wherever the type is at hand."""
        if owner.path == self._path:
            return
        if (known := (owner.path, owner.definition.symbol, via)) in self._membered:
            return
        self._membered.add(known)
        column = Column.OWNER_NAMED if via else Column.OWNER_HOP
        members = self._receivers.hierarchy.members(owner)
        for item in members[:_MAX_MEMBERS]:
            if item.path == self._path:
                continue
            marks = {column: 1.0}
            if item.definition.name in _CONSTRUCTORS or (item.definition.kind == "field" and item.definition.record):
                marks[Column.CONSTRUCTOR] = 1.0
            self._add(item.path, item.definition, why, marks, 1.0, via=via)

    def _add(
        self,
        path: str,
        definition: Definition,
        why: str,
        marks: dict[Column, float],
        share: float,
        name: str = "",
        via: str = "",
    ) -> None:
        if path == self._path or definition.kind == "module" or not self._is_akin(path):
            return
        if definition.name.startswith("#"):
            return
        if definition.name not in self._own.uses and self._of_tests(path) and marks.keys().isdisjoint(_IMPORTED):
            return
        name = name or definition.name
        key = (path, definition.start_line, definition.name)
        row = self._rows.get(key)
        if row is None:
            if len(self._rows) < MAX_CANDIDATES:
                self._rows[key] = Row(path, definition, name, why, dict(marks), share, via)
            return
        for mark, value in marks.items():
            row.marks[mark] = max(row.marks.get(mark, 0.0), value)
        row.share = max(row.share, share)
        row.via = row.via or via
