"""How one symbol hangs together with others: who calls it, what it calls, what tests it, which types it mentions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .conventions import is_test, named_after
from .facts import TYPES, Definition, FileFacts, Reference
from .resolution.resolver import Resolver
from .types.receiver import Receivers
from .view import Found, Workspace

MIN_FILES, FILES_PER_SITE = 60, 10
"""Files that are looked at for one answer, the nearest first: so many, and more for each site that is asked for."""
ENOUGH = 4
"""An answer looks no further once it has so many times as many sure uses as it may give."""


@dataclass(frozen=True, slots=True)
class Site:
    """Lines `start_line`..`end_line` (1-based, inclusive) of `path` that have to do with a symbol.

    For a caller or a test they are the line of the use, and `definition` is the innermost definition around it (None
    at the top of a file); for a callee or a type they are its signature, and `definition` is itself. `symbol` names
    that definition with its owner ('' where there is none), `why` is one short phrase for people. `likely` says that
    names agree but the types could not be followed, so that it may be another symbol of the same name.
    """

    path: str
    start_line: int
    end_line: int
    symbol: str
    why: str
    likely: bool = False
    definition: Definition | None = None


@dataclass(frozen=True, slots=True)
class _Use:
    path: str
    reference: Reference
    sure: bool


class Relations:
    """Answers about one moment of a workspace; make a new one after a change, which costs nothing.

    A symbol is a path and a dotted name, as `Definition.symbol` writes it (`Client.get`). An unknown one has no
    relations: the answers are empty, never an error. Each answer has at most `limit` sites, best first: sure before
    likely, then near (same file, same folder) before far, then by path and line.
    """

    def __init__(self, workspace: Workspace, resolver: Resolver) -> None:
        self._workspace = workspace
        self._resolver = resolver
        self._receivers = Receivers(workspace, resolver)

    def definition_at(self, path: str, line: int) -> Found | None:
        """The innermost definition whose lines (documentation and body included) hold `line` (1-based)."""
        facts = self._workspace.facts(path)
        if facts is None:
            return None
        around = [
            item
            for item in facts.definitions
            if min(item.doc_line or item.start_line, item.start_line) <= line <= max(item.last_line, item.end_line)
        ]
        if not around:
            return None
        inner = min(around, key=lambda item: (item.last_line - item.start_line, -item.start_line))
        return Found(path, inner)

    def callers(self, path: str, symbol: str, limit: int = 20) -> tuple[Site, ...]:
        """Where the symbol is used: calls first, then other uses (passed on, as a type, inherited from)."""
        uses = self._uses(path, symbol, limit) if self._own(path, symbol) else []
        uses.sort(key=lambda use: (not use.sure, use.reference.use != "call", *_distance(path, use)))
        return tuple(self._site_of(use) for use in uses[:limit])

    def callees(self, path: str, symbol: str, limit: int = 20) -> tuple[Site, ...]:
        """The definitions of this workspace that the lines of the symbol use, in order of worth."""
        counts: dict[tuple[str, str], tuple[Found, int, str, bool]] = {}
        for own in self._own(path, symbol):
            for reference in self._references(path, own.start_line, own.last_line):
                found, sure = self._meaning(path, reference)
                if len(found) > 3 and not sure:
                    continue
                for item in found[:4]:
                    inside = item.path == path and own.start_line <= item.definition.start_line <= own.last_line
                    if inside or (item.path == path and item.definition.symbol == symbol):
                        continue
                    key = (item.path, item.definition.symbol)
                    _, count, use, known = counts.get(key, (item, 0, reference.use, False))
                    counts[key] = (item, count + 1, "call" if reference.use == "call" else use, known or sure)
        ranked = sorted(
            counts.values(),
            key=lambda entry: (
                not entry[3],
                entry[2] != "call",
                -entry[1],
                entry[0].path,
                entry[0].definition.start_line,
            ),
        )
        return tuple(
            _signature(found, "called here" if use == "call" else "used here", likely=not sure)
            for found, _, use, sure in ranked[:limit]
        )

    def tests(self, path: str, symbol: str, limit: int = 20) -> tuple[Site, ...]:
        """Tests that use it, then test files that are named after its file or itself (lines 1..1 then)."""
        if not self._own(path, symbol):
            return ()
        uses = [use for use in self._uses(path, symbol, limit, tests=True) if self._tests(use.path, use.reference.line)]
        owner, _, name = symbol.rpartition(".")
        named = named_after(self._workspace.paths(), path, (name, owner.rpartition(".")[2]))
        rank = {test: place for place, test in enumerate(named)}
        uses.sort(key=lambda use: (not use.sure, rank.get(use.path, len(rank)), *_distance(path, use)))
        sites: dict[tuple[str, str], Site] = {}
        for use in uses:
            site = self._site_of(use, why="tests it")
            sites.setdefault((site.path, site.symbol), site)
        reached = {site.path for site in sites.values()}
        by_name = [Site(test, 1, 1, "", "test file by its name", likely=True) for test in named if test not in reached]
        return (*sites.values(), *by_name)[:limit]

    def types(self, path: str, symbol: str, limit: int = 20) -> tuple[Site, ...]:
        """The types its signature mentions, its owner and the bases of it, as far as they are of this workspace."""
        scope = self._receivers.scope(path)
        found: dict[Found, str] = {}
        for own in self._own(path, symbol):
            names = [*own.bases, *own.mentions]
            for name in names:
                for item in scope.meaning(name, own.start_line)[:4]:
                    if item.definition.kind in TYPES and item.definition != own:
                        found.setdefault(item, "a base" if name in own.bases else "a type in the signature")
            if own.owner:
                for item in self._receivers.enclosing(path, own.start_line):
                    for held in self._receivers.hierarchy.lineage(item).types:
                        found.setdefault(held, "its owner" if held == item else "a base of its owner")
        return tuple(_signature(item, why) for item, why in list(found.items())[:limit])

    def overrides(self, path: str, symbol: str, limit: int = 20) -> tuple[Site, ...]:
        """Members of the same name in types that inherit from its owner or that it inherits from."""
        owner, _, name = symbol.rpartition(".")
        if not owner:
            return ()
        hierarchy = self._receivers.hierarchy
        sites: dict[Found, str] = {}
        for held in self._holders(path, owner):
            for base in hierarchy.lineage(held).types[1:]:
                for item in hierarchy.own_members(base):
                    if item.definition.name == name:
                        sites.setdefault(item, "what it overrides")
            for derived in hierarchy.subtypes(held):
                for item in hierarchy.own_members(derived):
                    if item.definition.name == name:
                        sites.setdefault(item, "overrides it")
        return tuple(_signature(item, why) for item, why in list(sites.items())[:limit])

    def _own(self, path: str, symbol: str) -> list[Definition]:
        facts = self._workspace.facts(path)
        if facts is None:
            return []
        return [item for item in facts.definitions if symbol.endswith(item.name) and item.symbol == symbol]

    def _holders(self, path: str, owner: str) -> tuple[Found, ...]:
        """The type that owns a member, in its file or (Go, Rust, C++) in another one."""
        own = tuple(Found(path, item) for item in self._own(path, owner) if item.kind in TYPES)
        return own or tuple(item for item in self._resolver.lookup(path, owner) if item.definition.kind in TYPES)

    def _uses(self, path: str, symbol: str, limit: int, *, tests: bool = False) -> list[_Use]:
        """The references that mean the symbol, or may mean it, in the nearest files; `tests` are all that is wanted."""
        found: list[_Use] = []
        users = [user for user in self._users(path, symbol.rpartition(".")[2]) if not tests or _may_test(user)]
        family = self._family(path, symbol)
        for user in users[: MIN_FILES + FILES_PER_SITE * limit]:
            found.extend(self._uses_in(user, path, symbol, family))
            if sum(use.sure for use in found) >= ENOUGH * limit:
                break
        return found

    def _uses_in(self, user: str, path: str, symbol: str, family: set[tuple[str, str]]) -> Iterator[_Use]:
        owner, _, name = symbol.rpartition(".")
        facts = self._workspace.facts(user)
        if facts is None:
            return
        places = {(path, item.start_line) for item in self._own(path, symbol)} if user == path else set()
        rivals = len(self._workspace.defining(name))
        names = {name, *(item.bound for item in facts.imports if item.name == name and item.bound not in ("", "*"))}
        for reference in facts.references:
            if reference.name not in names or ((user, reference.line) in places and reference.use != "call"):
                continue
            found, sure = self._meaning(user, reference)
            if any((item.path, item.definition.symbol) in family for item in found):
                yield _Use(user, reference, sure)
            elif not found and self._may_mean(user, reference, owner, rivals):
                yield _Use(user, reference, sure=False)

    def _family(self, path: str, symbol: str) -> set[tuple[str, str]]:
        """The symbol and, for a member, those it overrides or is overridden by: a call of one may reach any of them."""
        family = {(path, symbol)}
        owner, _, name = symbol.rpartition(".")
        hierarchy = self._receivers.hierarchy
        for held in self._holders(path, owner) if owner else ():
            for other in (*hierarchy.lineage(held).types[1:], *hierarchy.subtypes(held)):
                family.update(
                    (item.path, item.definition.symbol)
                    for item in hierarchy.own_members(other)
                    if item.definition.name == name
                )
        return family

    def _may_mean(self, user: str, reference: Reference, owner: str, rivals: int) -> bool:
        """Whether a reference that nothing is known about is worth showing: names alone, few of which agree."""
        scope = self._receivers.scope(user)
        if not reference.receiver and reference.use in ("call", "name", "type"):
            if owner or scope.local(reference.line, reference.name) is not None or scope.imported(reference.name):
                return False
            return scope.language in ("c", "cpp", "ruby", "lua", "php", "shellscript", "csharp")
        if not owner:
            return False
        known = self._receivers.held(user, reference.line, reference.receiver) if reference.receiver else None
        if known is not None and known.sure:
            return False
        return rivals <= 3

    def _users(self, path: str, name: str) -> list[str]:
        """The files that may use a name, near ones first; also those that import it under another name."""
        users = dict.fromkeys((path, *self._workspace.using(name)))
        for importer in self._workspace.importers(path):
            users.setdefault(importer)
        return sorted(users, key=lambda user: (user != path, -_shared(path, user), user))

    def _meaning(self, path: str, reference: Reference) -> tuple[tuple[Found, ...], bool]:
        """What a reference means, and whether that was followed rather than guessed."""
        scope = self._receivers.scope(path)
        if reference.receiver:
            held = self._receivers.held(path, reference.line, reference.receiver)
            if held is None:
                return (), False
            return self._receivers.member_of(held, reference.name), held.sure
        if reference.use == "member":
            return (), False
        if scope.local(reference.line, reference.name) is not None:
            return (), True
        return scope.meaning(reference.name, reference.line), True

    def _references(self, path: str, first: int, last: int) -> Iterable[Reference]:
        facts = self._workspace.facts(path)
        return [item for item in facts.references if first <= item.line <= last] if facts is not None else ()

    def _site_of(self, use: _Use, why: str = "") -> Site:
        facts = self._workspace.facts(use.path) or FileFacts("")
        around = _innermost(facts, use.reference.line)
        verbs = {"call": "calls it", "type": "names it as a type"}
        text = why or verbs.get(use.reference.use, "uses it")
        line = use.reference.line
        return Site(use.path, line, line, around.symbol if around else "", text, likely=not use.sure, definition=around)

    def _tests(self, path: str, line: int) -> bool:
        if is_test(path):
            return True
        facts = self._workspace.facts(path)
        if facts is None or facts.language != "rust":
            return False
        around = [item for item in facts.definitions if item.start_line <= line <= item.last_line]
        return any(item.name in ("tests", "test") and item.kind == "module" for item in around) or any(
            item.owner in ("tests", "test") for item in around
        )


def _may_test(path: str) -> bool:
    return is_test(path) or path.endswith(".rs")


def _innermost(facts: FileFacts, line: int) -> Definition | None:
    around = [item for item in facts.definitions if item.start_line <= line <= item.last_line]
    wide = [item for item in around if item.kind not in ("field", "constant", "variable")] or around
    return min(wide, key=lambda item: (item.last_line - item.start_line, -item.start_line), default=None)


def _distance(path: str, use: _Use) -> tuple[bool, int, str, int]:
    return (use.path != path, -_shared(path, use.path), use.path, use.reference.line)


def _shared(one: str, other: str) -> int:
    """How many folders two paths have in common."""
    count = 0
    for left, right in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if left != right:
            break
        count += 1
    return count


def _signature(found: Found, why: str, *, likely: bool = False) -> Site:
    definition = found.definition
    return Site(found.path, definition.start_line, definition.end_line, definition.symbol, why, likely, definition)
