"""Judges names, members and calls: what is known, what cannot exist, what cannot fit.

"unknown" and "does not fit" are said only where everything that could prove them wrong is in sight: the scope, the
file, its imports, the language's own names, the type with all it inherits from and all that inherits from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ..facts import TYPES, Definition, FileFacts, Reference
from ..resolution.resolver import Resolver
from ..view import Found, Workspace
from .doubts import Doubts
from .overlay import Overlaid
from .prelude import imported_by_editors, of_every_object, prelude
from .receiver import Held, Receivers
from .scope import SELF_WORDS, outermost, owner_of

Judgement = Literal["known", "unknown", "cannot tell"]
Fit = Literal["fits", "does not fit", "cannot tell"]
Problem = Literal["unknown name", "unknown member", "arguments do not fit"]

_SCRIPT: Final = frozenset({"typescript", "typescriptreact", "tsx"})
_PLAIN_SCRIPT: Final = frozenset({"javascript", "javascriptreact"})
_NAMES: Final = frozenset({"python", "go"}) | _SCRIPT | _PLAIN_SCRIPT
_MEMBERS: Final = frozenset({"python", "go", "java", "c", "rust", "php"}) | _SCRIPT | _PLAIN_SCRIPT
_OWN_MEMBERS: Final = frozenset({"rust", "php"}) | _PLAIN_SCRIPT
"""Languages of which only the members of the object itself are judged."""

_CALLS: Final = frozenset({"python", "go", "java", "rust", "c", "cpp", "csharp", "php", "ruby"}) | _SCRIPT
_OVERLOADED: Final = frozenset({"java", "csharp", "cpp", "ruby"})
"""Languages in which a bare name that is called may be a member of whatever stands around."""

_HIDING: Final = frozenset({"cpp", "ruby"})
"""Those in which what a type declares hides all that it inherits under that name."""

_OVERRIDING: Final = frozenset({"python", "java", "csharp", "cpp", "php", "ruby"}) | _SCRIPT
_MAKES_MEMBERS: Final = frozenset(
    {
        "setattr",
        "globals",
        "vars",
        "exec",
        "__dict__",
        "namedtuple",
        "defineProperty",
        "assign",
        "global_enum",
        "_convert_",
    }
)
_MAKES_NAMES: Final = frozenset({"globals", "exec", "_convert_", "locals"})
_HOOKS: Final = frozenset({"__getattr__", "__getattribute__", "__get", "__call", "method_missing"})
_DECORATOR = re.compile(r"^\s*@\s*([\w.]+)")
_HARMLESS: Final = frozenset(
    [
        "staticmethod",
        "classmethod",
        "abstractmethod",
        "contextmanager",
        "contextlib.contextmanager",
        "asynccontextmanager",
        "contextlib.asynccontextmanager",
        "abc.abstractmethod",
        "override",
        "typing.override",
        "final",
        "typing.final",
        "cache",
        "functools.cache",
        "lru_cache",
        "functools.lru_cache",
        "property",
        "cached_property",
        "functools.cached_property",
        "dataclass",
        "dataclasses.dataclass",
        "runtime_checkable",
        "typing.runtime_checkable",
        "Override",
    ]
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A reference that cannot be right, where it stands (line 1-based, column in code points from 0).

    `said` is one phrase for people: `Client has no member 'gett'`.
    """

    problem: Problem
    name: str
    receiver: str
    line: int
    column: int
    said: str


class Knowledge:
    """Judges names in one file against all that is known; says "unknown" only where everything is known.

    `facts` are those of the text to be judged, which may differ from what the workspace has (a suggestion put in);
    without them the workspace's own. `text` is that text: where it is not at hand, less is said. Made for one moment of
    the workspace.
    """

    def __init__(
        self,
        workspace: Workspace,
        resolver: Resolver,
        path: str,
        facts: FileFacts | None = None,
        text: str | None = None,
    ) -> None:
        beneath = workspace.facts(path)
        over = None
        if facts is not None and facts is not beneath:
            over = (path, beneath or FileFacts(""))
            workspace = Overlaid(workspace, path, facts)
        self._workspace = workspace
        self._resolver = resolver
        self._path = path
        self._beneath = over[1] if over is not None else None
        self._receivers = Receivers(workspace, resolver, over)
        self._scope = self._receivers.scope(path)
        self._language = self._scope.language
        self._doubts = Doubts(workspace, self._receivers, path, text)

    def name(self, line: int, name: str) -> Judgement:
        """Whether a bare name means something on a line."""
        scope, language = self._scope, self._language
        if scope.local(line, name) is not None or scope.own(name) or scope.imported(name):
            return "known"
        names = prelude(language)
        if names is None or language not in _NAMES:
            return "known" if scope.meaning(name, line) else "cannot tell"
        if name in names:
            return "known"
        if scope.meaning(name, line):
            return "known"
        if self._may_be_bound(line, name) or not self._stars_known(self._path, scope.facts):
            return "cannot tell"
        if self._elsewhere_ambient(name) or name in imported_by_editors(language) or self._doubts.name(name):
            return "cannot tell"
        return "unknown"

    def member(self, line: int, receiver: str, name: str, *, called: bool = True) -> Judgement:
        """Whether what `receiver` (`self.client`) holds on that line has a member of that name, to be `called`."""
        held = self._receivers.held(self._path, line, receiver)
        if held is None:
            return "cannot tell"
        if self._receivers.member_of(held, name):
            return "known"
        if name in of_every_object(self._language):
            return "known"
        if self._language not in _MEMBERS or (name.startswith("__") and name.endswith("__")):
            return "cannot tell"
        if self._language in _OWN_MEMBERS and receiver not in SELF_WORDS[self._language]:
            return "cannot tell"
        if held.space is not None:
            return self._member_of_module(held, name)
        if not held.sure or len(held.types) != 1:
            return "cannot tell"
        field = (self._language == "rust" and not called) or name.startswith("#")
        judged = self._member_of_type(held.types[0], name, field=field)
        doubted = judged == "unknown" and self._doubts.member(line, receiver, name, held.types[0], field=field)
        return "cannot tell" if doubted else judged

    def call(self, line: int, receiver: str, name: str, arguments: int) -> Fit:
        """Whether a call with that many arguments (-1 unknown) can fit what is called; receiver '' for a bare name."""
        if arguments < 0 or self._language not in _CALLS:
            return "cannot tell"
        if not receiver:
            if self._scope.bindings(name) or any(not item.top for item in self._scope.imported(name)):
                return "cannot tell"
            if self._language in _OVERLOADED:
                return self._called_within(line, name, arguments)
            found = self._scope.meaning(name, line)
            return self._sure(self._takes(found, arguments), line, receiver, arguments, found)
        held = self._receivers.held(self._path, line, receiver)
        if (
            held is None
            or not (held.sure or self._is_module(held))
            or (held.whole and self._language in ("python", "rust"))
        ):
            return "cannot tell"
        found = self._receivers.member_of(held, name)
        taken = self._takes(found, arguments)
        if taken == "does not fit" and held.types:
            all_known = self._language not in _OVERLOADED or self._hides(held.types[:1], found)
            all_known = all_known or self._receivers.hierarchy.lineage(held.types[0]).complete
            if not all_known or self._overridden(held.types[0], name, found):
                return "cannot tell"
        return self._sure(taken, line, receiver, arguments, found, held)

    def _sure(
        self, taken: Fit, line: int, receiver: str, arguments: int, found: tuple[Found, ...], held: Held | None = None
    ) -> Fit:
        """The same, or that nobody can tell where something speaks for the call all the same."""
        doubted = taken == "does not fit" and self._doubts.call(line, receiver, arguments, found, held)
        return "cannot tell" if doubted else taken

    def _takes(self, found: tuple[Found, ...], arguments: int) -> Fit:
        fits = [self._fits(item, arguments) for item in found]
        if not fits or "cannot tell" in fits:
            return "cannot tell"
        return "fits" if "fits" in fits else "does not fit"

    def _called_within(self, line: int, name: str, arguments: int) -> Fit:
        """A call of a bare name that may be of any type around it, inherited and overloaded."""
        hierarchy = self._receivers.hierarchy
        around = self._receivers.around(self._path, line)
        if self._language == "ruby":
            around = around[:1]
        elif not around and self._scope.owner(line):
            return "cannot tell"
        found = [item for held in around for item in hierarchy.member(held, name)]
        found.extend(item for item in self._scope.meaning(name) if item not in found)
        taken = self._takes(tuple(found), arguments)
        if taken == "does not fit":
            if not self._hides(around[:1], found) and not all(hierarchy.lineage(held).complete for held in around):
                return "cannot tell"
            if self._language == "ruby" and any(self._overridden(held, name, tuple(found)) for held in around):
                return "cannot tell"
        return self._sure(taken, line, "", arguments, tuple(found))

    def _is_module(self, held: Held) -> bool:
        """Whether a module of Ruby is held, whose methods are called as those of a class are."""
        return self._language == "ruby" and [item.definition.kind for item in held.types] == ["module"]

    def _hides(self, around: tuple[Found, ...], found: Sequence[Found]) -> bool:
        """Whether what a type declares itself hides all that it may inherit under that name."""
        own = {held.definition.symbol for held in around}
        return self._language in _HIDING and all(item.definition.owner in own for item in found)

    def judge(self, reference: Reference) -> Finding | None:
        """What is wrong with a reference, None where nothing is known to be wrong."""
        name, receiver, line = reference.name, reference.receiver, reference.line
        place = (name, receiver, line, reference.column)
        if receiver:
            if self.member(line, receiver, name, called=reference.use == "call") == "unknown":
                return Finding("unknown member", *place, f"{receiver} has no member '{name}'")
        elif reference.use == "member" or (self._language in _SCRIPT and reference.use == "type"):
            return None
        elif self.name(line, name) == "unknown":
            return Finding("unknown name", *place, f"'{name}' is not defined, imported or built in")
        if reference.use == "call" and self.call(line, receiver, name, reference.arguments) == "does not fit":
            return Finding("arguments do not fit", *place, f"'{name}' does not take {reference.arguments} arguments")
        return None

    def _member_of_module(self, held: Held, name: str) -> Judgement:
        if held.space is None or held.types or self._language == "java":
            return "cannot tell"
        path, dotted = held.space
        if "." in dotted:
            return "cannot tell"
        scope = self._receivers.scope(path)
        bound = scope.imported(dotted)
        targets = scope.modules(dotted)
        if not targets or len(bound) != 1 or bound[0].bound != dotted:
            return "cannot tell"
        if bound[0].name and self._language != "python":
            return "cannot tell"
        for target in targets:
            facts = self._workspace.facts(target)
            if facts is None or facts.broken or facts.language != self._language:
                return "cannot tell"
            if any(item.bound in ("*", name) or item.name == "*" for item in facts.imports):
                return "cannot tell"
            if any(item.name in ("__getattr__", name) and not item.owner for item in facts.definitions):
                return "cannot tell"
            if any(item.name == name for item in facts.locals):
                return "cannot tell"
            folder = target.rpartition("/")[0]
            beside = f"{folder}/{name}" if folder else name
            if self._is_file_of(beside) or target == path:
                return "cannot tell"
            if self._language != "go" and self._dynamic(target):
                return "cannot tell"
        return "unknown"

    def _is_file_of(self, path: str) -> bool:
        workspace = self._workspace
        return workspace.is_folder(path) or any(workspace.is_file(path + ending) for ending in (".py", ".pyi"))

    def _member_of_type(self, held: Found, name: str, *, field: bool) -> Judgement:
        hierarchy = self._receivers.hierarchy
        lineage = hierarchy.lineage(held)
        if not lineage.complete and not field:
            return "cannot tell"
        for item in lineage.types:
            if item.definition.kind == "type" or not self._all_told(item, name):
                return "cannot tell"
        for derived in hierarchy.subtypes(held):
            if not hierarchy.lineage(derived).complete or hierarchy.member(derived, name):
                return "cannot tell"
        return "unknown"

    def _all_told(self, held: Found, name: str) -> bool:
        """Whether the facts list every member that the type itself can have."""
        hierarchy = self._receivers.hierarchy
        facts = self._workspace.facts(held.path)
        if facts is None or (facts.broken and held.path != self._path):
            return False
        own = [item.definition.name for item in hierarchy.own_members(held)]
        if not own or not _HOOKS.isdisjoint(own):
            return False
        for part in hierarchy.parts(held):
            said = self._workspace.facts(part)
            if said is None:
                return False
            if part == self._path and self._beneath is not None:
                said = self._beneath
            if self._language not in ("go", "java") and self._used_as_member(held, name, part, said):
                return False
        if self._language in _SCRIPT:
            if len(self._workspace.defining(held.definition.name)) > 1:
                return False
            text = self._workspace.read(held.path) or ""
            body = "\n".join(text.split("\n")[held.definition.start_line - 1 : held.definition.last_line])
            return not re.search(r"\[\s*\w+\s*(?::|in\b)", body)
        if self._language == "java":
            return not any("lombok" in item.module or "immutables" in item.module for item in facts.imports)
        if self._language == "python":
            if held.definition.text.count("metaclass") or self._decorated(held):
                return False
            return not self._dynamic(held.path)
        return True

    def _used_as_member(self, held: Found, name: str, path: str, said: FileFacts) -> bool:
        """Whether a file uses a member of that name, but on the objects themselves of types unrelated to `held`."""
        hierarchy = self._receivers.hierarchy
        own = SELF_WORDS.get(self._language, frozenset())
        related: set[tuple[str, str]] = set()
        for item in said.references:
            if item.name != name or item.use not in ("member", "call") or not item.receiver:
                continue
            if item.receiver not in own or not (owner := owner_of(said, item.line)):
                return True
            related = related or {
                (one.path, one.definition.symbol) for one in (*hierarchy.lineage(held).types, *hierarchy.subtypes(held))
            }
            if (path, owner) in related:
                return True
        return False

    def _dynamic(self, path: str, names: frozenset[str] = _MAKES_MEMBERS) -> bool:
        """Whether a file makes names that no parser sees."""
        facts = self._workspace.facts(path)
        return facts is None or any(item.name in names for item in facts.references)

    def _overridden(self, held: Found, name: str, found: tuple[Found, ...]) -> bool:
        """Whether a type that inherits takes other arguments, so that the call may be meant for that one."""
        if self._language not in _OVERRIDING:
            return False
        counts = {(item.definition.least, item.definition.most) for item in found}
        return any(
            (other.definition.least, other.definition.most) not in counts
            for derived in self._receivers.hierarchy.subtypes(held)
            for other in self._receivers.hierarchy.own_members(derived)
            if other.definition.name == name
        )

    def _fits(self, item: Found, arguments: int) -> Fit:
        definition = item.definition
        if definition.kind in TYPES:
            return self._constructs(item, arguments)
        if definition.kind not in ("function", "method") or definition.least < 0 or self._decorated(item):
            return "cannot tell"
        if self._language == "go" and arguments == 1:
            return "cannot tell"
        return _counts(definition, arguments)

    def _constructs(self, item: Found, arguments: int) -> Fit:
        names = {"python": "__init__", "java": item.definition.name}
        wanted = names.get(self._language, "constructor" if self._language in _SCRIPT else "")
        hierarchy = self._receivers.hierarchy
        if not wanted or item.definition.record or item.definition.kind != "class" or self._decorated(item):
            return "cannot tell"
        if not hierarchy.lineage(item).complete or "metaclass" in item.definition.text:
            return "cannot tell"
        if hierarchy.member(item, "__new__") or any(base.definition.record for base in hierarchy.lineage(item).types):
            return "cannot tell"
        found = hierarchy.member(item, wanted)
        if self._language == "java" and any(maker.definition.owner != item.definition.symbol for maker in found):
            return "cannot tell"
        fits = [
            _counts(maker.definition, arguments) if maker.definition.least >= 0 and not self._decorated(maker) else ""
            for maker in found
        ]
        if not fits or "" in fits:
            return "cannot tell"
        return "fits" if "fits" in fits else "does not fit"

    def _decorated(self, item: Found) -> bool:
        """Whether something that may change its signature stands above a definition, or that cannot be seen."""
        if self._language not in ("python", "java"):
            return False
        line = item.definition.start_line
        if item.path == self._path and self._beneath is not None:
            before = [known for known in self._beneath.definitions if known.symbol == item.definition.symbol]
            if len(before) != 1:
                return True
            line = before[0].start_line
        text = self._workspace.read(item.path)
        if text is None:
            return True
        rows = text.split("\n")
        for row in reversed(rows[max(0, line - 12) : line - 1]):
            if (decorator := _DECORATOR.match(row)) is not None:
                if self._language == "python" and decorator.group(1) not in _HARMLESS:
                    return True
            elif row.strip().startswith(")"):
                return True
            else:
                break
        return False

    def _stars_known(self, path: str, facts: FileFacts, depth: int = 0) -> bool:
        """Whether whatever comes into a file without being named is in sight, through at most three files."""
        for item in facts.imports:
            if item.bound != "*":
                continue
            targets = self._resolver.targets(path, item)
            if not targets or depth > 2:
                return False
            for target in targets:
                said = self._workspace.facts(target.path)
                if said is None or said.broken or self._dynamic(target.path):
                    return False
                if not self._stars_known(target.path, said, depth + 1):
                    return False
        return True

    def _may_be_bound(self, line: int, name: str) -> bool:
        """Whether the file binds a name in whatever scope, but for other functions than the one around a line."""
        around = outermost(self._scope.facts, line)
        for facts in (self._scope.facts, *([self._beneath] if self._beneath is not None else [])):
            if any(item.name == name for item in facts.definitions) or any(
                item.bound == name for item in facts.imports
            ):
                return True
            for item in facts.locals:
                if item.name == name and (not around or outermost(facts, item.line, item) in ("", around)):
                    return True
        return False

    def _is_page_script(self) -> bool:
        """Whether a file may be one of several that a page loads, which see each other's names."""
        facts = self._scope.facts
        return self._language in _PLAIN_SCRIPT and not facts.imports and facts.exports is None

    def _elsewhere_ambient(self, name: str) -> bool:
        """Whether a file elsewhere may give the name to everybody: declarations of globals, a package half read."""
        if self._language == "go":
            folder = self._path.rpartition("/")[0]
            mates = [self._workspace.facts(path) for path in self._workspace.within(folder) if path.endswith(".go")]
            return any(mate is None or mate.broken for mate in mates) or any(
                name in item.module for item in self._scope.facts.imports
            )
        if self._language in _SCRIPT or self._language in _PLAIN_SCRIPT:
            if self._language in _PLAIN_SCRIPT and any(path != self._path for path in self._workspace.using(name)):
                return True
            return bool(self._workspace.defining(name)) or self._is_page_script()
        folder, _, file = self._path.rpartition("/")
        beside = f"{folder}/{name}" if folder else name
        if file == "__init__.py" and self._is_file_of(beside):
            return True
        return self._dynamic(self._path, _MAKES_NAMES)


def _counts(definition: Definition, arguments: int) -> Fit:
    if arguments < definition.least or (definition.most >= 0 and arguments > definition.most):
        return "does not fit"
    return "fits" if definition.most != -1 else "cannot tell"
