"""A type's members, its bases and what inherits from it; whether all of them are known."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..facts import TYPES, Definition
from ..resolution.resolver import Resolver
from ..view import Found, Workspace
from .written import read_type

MAX_HOPS = 4
MAX_TYPES = 32
_MAX_PARTS = 64

_PLAIN_BASES: Final = MappingProxyType(
    {
        "python": frozenset(
            {"object", "Generic", "typing.Generic", "Protocol", "typing.Protocol", "ABC", "abc.ABC", "t.Generic"}
        ),
        "java": frozenset({"Object", "Serializable", "java.io.Serializable", "Cloneable"}),
        "ruby": frozenset({"Object", "Comparable", "Enumerable", "Kernel", "StandardError", "RuntimeError"}),
        "rust": frozenset(
            [
                "AddAssign",
                "Add",
                "BitAnd",
                "BitOr",
                "Clone",
                "Copy",
                "Debug",
                "Default",
                "Display",
                "Div",
                "Drop",
                "Eq",
                "Error",
                "From",
                "FromStr",
                "Hash",
                "Index",
                "IndexMut",
                "Mul",
                "Neg",
                "Not",
                "Ord",
                "PartialEq",
                "PartialOrd",
                "Send",
                "Sub",
                "SubAssign",
                "Sync",
                "TryFrom",
                "Unpin",
            ]
        ),
    }
)
"""Bases outside the workspace that add nothing to what every object has."""

_ONLY_PROMISED: Final = MappingProxyType(
    {
        "csharp": re.compile(r"\bI[A-Z]\w*(?:<.*)?$"),
    }
)
"""How bases outside the workspace are called that bring nothing along which their heirs do not have themselves."""

_SCATTERED: Final = frozenset({"go", "rust", "cpp", "c", "csharp", "ruby", "lua"})
"""Languages in which members of a type may stand in other files than the type."""

_OVERLOADING: Final = frozenset({"java", "csharp"})


@dataclass(frozen=True, slots=True)
class Lineage:
    """A type and what it inherits from, nearest first; `complete` where every base is known."""

    types: tuple[Found, ...]
    complete: bool


class Hierarchy:
    """Answers about types at one moment of a workspace; remembers them, so make a new one after a change."""

    def __init__(self, workspace: Workspace, resolver: Resolver) -> None:
        self._workspace = workspace
        self._resolver = resolver
        self._owned: dict[str, dict[str, list[Definition]]] = {}
        self._lineages: dict[tuple[str, str], Lineage] = {}
        self._parts: dict[tuple[str, str], tuple[str, ...]] = {}

    def lineage(self, held: Found) -> Lineage:
        """The type and its bases, breadth first, at most four hops away."""
        key = (held.path, held.definition.symbol)
        if (known := self._lineages.get(key)) is not None:
            return known
        found, complete = [held], True
        seen = {key}
        level = [held]
        for hop in range(MAX_HOPS + 1):
            following: list[Found] = []
            for item in level:
                bases, sure = self.bases(item)
                complete = complete and sure
                for base in bases:
                    if (mark := (base.path, base.definition.symbol)) not in seen:
                        seen.add(mark)
                        following.append(base)
            if not following:
                break
            if hop == MAX_HOPS or len(found) + len(following) > MAX_TYPES:
                complete = False
                break
            found.extend(following)
            level = following
        result = self._lineages[key] = Lineage(tuple(found), complete)
        return result

    def bases(self, held: Found) -> tuple[tuple[Found, ...], bool]:
        """What a type names as its bases, and whether each of them was found."""
        language = self._language(held.path)
        plain = _PLAIN_BASES.get(language, frozenset())
        found: list[Found] = []
        complete = True
        for part in self._declarations(held):
            for written in part.definition.bases:
                if written in plain:
                    continue
                names = read_type(language, written).names
                targets = self._types(part.path, names[0], part.definition) if names else ()
                targets = tuple(target for target in targets if target != part)
                complete = complete and (bool(targets) or _adds_nothing(language, written, part.definition))
                found.extend(targets[:2])
        return tuple(dict.fromkeys(found)), complete

    def own_members(self, held: Found) -> tuple[Found, ...]:
        """The members that the type itself declares, wherever its parts stand, in order of lines."""
        symbol = held.definition.symbol
        return tuple(
            Found(path, member) for path in self.parts(held) for member in self._by_owner(path).get(symbol, ())
        )

    def members(self, held: Found) -> tuple[Found, ...]:
        """Every member that can be used, those of the type first, then of its bases; what is overridden left out."""
        result: list[Found] = []
        seen: set[str] = set()
        for item in self.lineage(held).types:
            own = self.own_members(item)
            result.extend(member for member in own if member.definition.name not in seen)
            seen.update(member.definition.name for member in own)
        return tuple(result)

    def member(self, held: Found, name: str) -> tuple[Found, ...]:
        """The nearest member of that name: several where it is overloaded or declared twice, empty without any.

        Where what is inherited overloads what the type declares (Java, C#), all of them, nearest first.
        """
        overloads: list[Found] = []
        inherits = self._language(held.path) in _OVERLOADING
        for item in self.lineage(held).types:
            symbol = item.definition.symbol
            found = [
                Found(path, member)
                for path in self.parts(item)
                for member in self._by_owner(path).get(symbol, ())
                if member.name == name
            ]
            if found and not inherits:
                return tuple(found)
            overloads.extend(found)
            if self._language(item.path) == "go":
                embedded = [base for base in self.bases(item)[0] if base.definition.name == name]
                if embedded:
                    return tuple(embedded)
        return tuple(overloads)

    def subtypes(self, held: Found, limit: int = 64) -> tuple[Found, ...]:
        """The types of the workspace that inherit from it, directly or not, as far as `limit` files tell."""
        found: dict[tuple[str, str], Found] = {}
        pending = [held]
        looked = 0
        while pending and looked < limit:
            base = pending.pop()
            name = base.definition.name
            for path in dict.fromkeys((base.path, *self._workspace.using(name))):
                if (looked := looked + 1) > limit * 4:
                    break
                facts = self._workspace.facts(path)
                if facts is None:
                    continue
                for item in facts.definitions:
                    if not item.bases or (path, item.symbol) in found:
                        continue
                    if any(last_name(written) == name for written in item.bases):
                        derived = Found(path, item)
                        if base in self.bases(derived)[0] or self._same(base, self.bases(derived)[0]):
                            found[(path, item.symbol)] = derived
                            pending.append(derived)
        return tuple(found.values())

    def parts(self, held: Found) -> tuple[str, ...]:
        """The files in which members of the type may stand, its own first."""
        key = (held.path, held.definition.symbol)
        if (known := self._parts.get(key)) is not None:
            return known
        language, name = self._language(held.path), held.definition.name
        others: list[str] = []
        if language in _SCATTERED:
            folder = posixpath.dirname(held.path)
            if language == "go":
                others = list(self._workspace.within(folder))
            elif language in ("c", "cpp"):
                stem = posixpath.basename(held.path).partition(".")[0]
                others = [
                    path for path in self._workspace.using(name) if posixpath.basename(path).partition(".")[0] == stem
                ]
            elif language == "rust":
                using = self._workspace.using(name)
                others = sorted(using, key=lambda path: (not path.startswith(folder), path))
            else:
                others = list(self._workspace.defining(name))
            others = [path for path in others if self._language(path) == language]
        result = self._parts[key] = tuple(dict.fromkeys((held.path, *others)))[:_MAX_PARTS]
        return result

    def _declarations(self, held: Found) -> list[Found]:
        """The type and its other parts (a reopened class, a partial one), which may add bases."""
        found = [held]
        symbol = held.definition.symbol
        for path in self.parts(held):
            facts = self._workspace.facts(path)
            if facts is None:
                continue
            found.extend(
                Found(path, item)
                for item in facts.definitions
                if item.symbol == symbol and item.bases and item.kind in TYPES and item != held.definition
            )
        return found

    def _types(self, path: str, name: str, near: Definition) -> tuple[Found, ...]:
        """The types that a name means where `near` stands: beside it in its owner, then in the file."""
        owner = near.owner
        facts = self._workspace.facts(path)
        while owner and facts is not None:
            own = [item for item in facts.definitions if item.symbol == f"{owner}.{name}" and item.kind in TYPES]
            if own:
                return tuple(Found(path, item) for item in own)
            owner = owner.rpartition(".")[0]
        found = self._resolver.lookup(path, name)
        return tuple(item for item in found if item.definition.kind in TYPES)

    def _same(self, held: Found, others: tuple[Found, ...]) -> bool:
        return any(other.path == held.path and other.definition.symbol == held.definition.symbol for other in others)

    def _by_owner(self, path: str) -> dict[str, list[Definition]]:
        if (known := self._owned.get(path)) is None:
            known = self._owned[path] = defaultdict(list)
            facts = self._workspace.facts(path)
            for item in facts.definitions if facts is not None else ():
                if item.owner:
                    known[item.owner].append(item)
        return known

    def _language(self, path: str) -> str:
        facts = self._workspace.facts(path)
        return facts.language if facts is not None else ""


def _adds_nothing(language: str, written: str, heir: Definition) -> bool:
    """Whether a base that is nowhere in the workspace brings nothing along that could be used by name."""
    if language == "php":
        promised = heir.text.partition("implements")[2]
        return heir.kind == "interface" or last_name(written) in re.findall(r"\w+", promised)
    if (shape := _ONLY_PROMISED.get(language)) is not None and shape.search(last_name(written)):
        return True
    return language in ("rust", "ruby") and last_name(written) in _PLAIN_BASES[language]


def untold_bases(types: Sequence[Found]) -> tuple[str, ...]:
    """The bases of these types, as written, that are none of them."""
    names = {item.definition.name for item in types}
    return tuple(base for item in types for base in item.definition.bases if last_name(base) not in names)


def last_name(written: str) -> str:
    """The last part of a dotted name, without type arguments."""
    name = written.partition("<")[0].partition("[")[0].replace("::", ".").replace("\\", ".")
    return name.rpartition(".")[2].strip("&* ")
