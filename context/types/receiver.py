"""The type of what stands before a dot, and the members that can follow it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from ..facts import TYPES, FileFacts
from ..resolution.resolver import Resolver
from ..view import Found, Workspace
from .chain import Step, steps
from .hierarchy import Hierarchy
from .scope import IMPLICIT_MEMBERS, SELF_WORDS, SUPER_WORDS, WHOLE_WORDS, Scope
from .written import element, read_type

MAX_DEPTH = 6
_MAX_TYPES = 4
_MAX_MODULE_MEMBERS = 400

_SELF_TYPES: Final = frozenset({"Self", "self", "static", "this", "$this", "typing.Self"})
_OPENING: Final = MappingProxyType(
    {
        "rust": frozenset(
            [
                "unwrap",
                "expect",
                "await",
                "clone",
                "as_ref",
                "as_mut",
                "as_deref",
                "as_deref_mut",
                "borrow",
                "borrow_mut",
                "lock",
                "read",
                "write",
                "get_mut",
                "to_owned",
                "unwrap_or_default",
                "unwrap_or",
                "unwrap_or_else",
                "ok",
                "ok_or",
                "ok_or_else",
                "deref",
                "by_ref",
                "into_inner",
                "take",
                "cloned",
                "copied",
                "context",
                "with_context",
                "map_err",
                "get_or_init",
                "upgrade",
                "pin",
                "load",
            ]
        ),
        "java": frozenset(["get", "orElse", "orElseThrow", "orElseGet", "join"]),
        "csharp": frozenset(["Result", "Value", "ConfigureAwait", "GetAwaiter", "GetResult"]),
        "cpp": frozenset(["get", "value", "lock", "load", "operator->", "value_or"]),
        "ruby": frozenset({"tap", "freeze", "dup", "clone", "itself"}),
    }
)
"""Members that hand out what a wrapper holds, or the object again, where its own type has none of that name."""

_SAME_CONTENTS: Final = frozenset(
    {"values", "keys", "copy", "iter", "iter_mut", "into_iter", "values_mut", "into_values", "slice", "filter", "rev"}
)
"""Calls on a container that go over what it holds."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a receiver holds: a value of one of `types`, or the types themselves where `whole`.

    `space` is the file and the dotted name of a module, package or namespace, None where it is none. `sure` says that
    every step was declared so and that there is one type only; else it is the best guess.
    """

    types: tuple[Found, ...] = ()
    whole: bool = False
    space: tuple[str, str] | None = None
    sure: bool = True


class Receivers:
    """Answers about receivers at one moment of a workspace; make a new one after a change, which costs nothing.

    `over` is a path whose facts in `workspace` differ from those that the resolver knows, and these latter facts.
    """

    def __init__(self, workspace: Workspace, resolver: Resolver, over: tuple[str, FileFacts] | None = None) -> None:
        self._workspace = workspace
        self._resolver = resolver
        self._over = over
        self._scopes: dict[str, Scope] = {}
        self.hierarchy = Hierarchy(workspace, resolver)

    def scope(self, path: str) -> Scope:
        """The names of one file."""
        if (known := self._scopes.get(path)) is None:
            beneath = self._over[1] if self._over is not None and self._over[0] == path else None
            known = self._scopes[path] = Scope(self._workspace, self._resolver, path, beneath)
        return known

    def held(self, path: str, line: int, receiver: str) -> Held | None:
        """What `receiver` (the text before the dot) holds on a line (1-based) of a file; None where nobody knows."""
        parts = steps(receiver)
        return self._walk(self.scope(path), line, parts, 0) if parts else None

    def members(self, path: str, line: int, receiver: str) -> tuple[Found, ...]:
        """What can stand after `receiver` and its dot, the nearest first; empty where nobody knows."""
        held = self.held(path, line, receiver)
        if held is None:
            return ()
        found: list[Found] = []
        for item in held.types:
            found.extend(self.hierarchy.members(item))
        if held.space is not None:
            found.extend(self._contents(*held.space))
        return tuple(dict.fromkeys(found))

    def member(self, path: str, line: int, receiver: str, name: str) -> tuple[Found, ...]:
        """What `name` after `receiver` means; several where it is overloaded, empty where nobody knows."""
        held = self.held(path, line, receiver)
        return self.member_of(held, name) if held is not None else ()

    def member_of(self, held: Held, name: str) -> tuple[Found, ...]:
        """What `name` means in what is held."""
        if held.space is not None:
            space, dotted = held.space
            if found := self._resolver.lookup(space, f"{dotted}.{name}"):
                return tuple(found)
        for item in held.types:
            if found := self.hierarchy.member(item, name):
                return found
        return ()

    def enclosing(self, path: str, line: int) -> tuple[Found, ...]:
        """The type that the code on a line belongs to."""
        return self._enclosing(self.scope(path), line)

    def around(self, path: str, line: int) -> tuple[Found, ...]:
        """The types that the code on a line stands in, innermost first."""
        scope = self.scope(path)
        found = list(self._enclosing(scope, line))
        owner = scope.owner(line).rpartition(".")[0]
        while owner:
            found.extend(Found(path, item) for item in scope.own(owner) if item.kind in TYPES)
            owner = owner.rpartition(".")[0]
        return tuple(found)

    def _walk(self, scope: Scope, line: int, parts: tuple[Step, ...], depth: int) -> Held | None:
        if depth > MAX_DEPTH:
            return None
        held = self._first(scope, line, parts[0], depth)
        for step in parts[1:]:
            if held is None:
                return None
            held = self._next(held, step, scope.language, depth)
        return held

    def _first(self, scope: Scope, line: int, step: Step, depth: int) -> Held | None:
        language, name = scope.language, step.name
        local = scope.local(line, name)
        if name in SELF_WORDS.get(language, ()) and not (local is not None and local.type):
            own = self._enclosing(scope, line)
            return Held(own, whole=name in WHOLE_WORDS or (language == "php" and name == "self")) if own else None
        if name in SUPER_WORDS.get(language, ()):
            own = self._enclosing(scope, line)
            above = tuple(dict.fromkeys(base for item in own for base in self.hierarchy.bases(item)[0]))
            return Held(above[:_MAX_TYPES], sure=False) if above else None
        if local is not None:
            if not local.type or step.called:
                return None
            held = self._of_type(scope, local.line, local.type, depth + 1)
            same = {item.type for item in scope.bindings(name) if item.start_line == local.start_line}
            sure = len(same) == 1 and not scope.ambiguous(line, name)
            return replace(held, sure=held.sure and sure) if held is not None else None
        if language in IMPLICIT_MEMBERS and not scope.own(name):
            for item in self.around(scope.path, line):
                if found := self.hierarchy.member(item, name):
                    return self._of_member(item, found, step, depth)
        if found := scope.meaning(name, line):
            held = self._of_found(found, step, depth)
            if found[0].definition.kind == "module" and not step.called:
                return replace(held or Held(), space=(scope.path, name))
            return held
        return Held(space=(scope.path, name)) if not step.called and scope.imported(name) else None

    def _next(self, held: Held, step: Step, language: str, depth: int) -> Held | None:
        if held.space is not None:
            path, dotted = held.space
            longer = f"{dotted}.{step.name}"
            if found := self._resolver.lookup(path, longer):
                inner = self._of_found(tuple(found), step, depth)
                if found[0].definition.kind == "module" and not step.called:
                    return replace(inner or Held(), space=(path, longer))
                return inner
            if not held.types:
                return Held(space=(path, longer)) if not step.called and longer.count(".") < MAX_DEPTH else None
        for item in held.types:
            if found := self.hierarchy.member(item, step.name):
                after = self._of_member(item, found, step, depth)
                return replace(after, sure=after.sure and held.sure) if after is not None else None
        if language == "ruby" and step.name == "new" and held.whole:
            return replace(held, whole=False)
        if step.name in _OPENING.get(language, ()):
            return replace(held, sure=False)
        return None

    def _of_found(self, found: tuple[Found, ...], step: Step, depth: int) -> Held | None:
        """What a name holds that means `found`, called or not."""
        results: list[Held | None] = []
        for item in found[:_MAX_TYPES]:
            definition = item.definition
            if definition.kind in TYPES and definition.kind != "type":
                results.append(Held((item,), whole=not step.called))
            elif definition.kind == "module":
                results.append(Held((item,), whole=True, sure=False))
            elif definition.kind == "type" or definition.kind in ("constant", "variable", "field"):
                held = self._given(item, None, depth)
                if held is not None and definition.kind == "type":
                    held = replace(held, whole=not step.called)
                elif held is not None and step.called:
                    held = replace(held, whole=False) if held.whole else None
                results.append(held)
            elif definition.kind in ("function", "method") and step.called:
                results.append(self._given(item, None, depth))
            else:
                results.append(None)
        return _merged(results)

    def _of_member(self, owner: Found, found: tuple[Found, ...], step: Step, depth: int) -> Held | None:
        results: list[Held | None] = []
        for item in found[:_MAX_TYPES]:
            definition = item.definition
            if definition.kind in TYPES and definition.kind != "type":
                results.append(Held((item,), whole=not step.called))
                continue
            held = self._given(item, owner, depth)
            if held is None and not definition.gives and owner.definition.kind == "enum":
                held = Held((owner,)) if definition.kind in ("field", "constant") else None
            callable_kind = definition.kind in ("method", "function")
            if held is not None and callable_kind != step.called:
                held = replace(held, sure=False, whole=held.whole and not step.called)
            results.append(held)
        merged = _merged(results)
        return replace(merged, sure=merged.sure and len(found) <= _MAX_TYPES) if merged is not None else None

    def _given(self, item: Found, owner: Found | None, depth: int) -> Held | None:
        """What using a definition yields."""
        gives = item.definition.gives
        if not gives:
            return None
        return self._of_type(self.scope(item.path), item.definition.start_line, gives, depth + 1, owner)

    def _of_type(self, scope: Scope, line: int, text: str, depth: int, owner: Found | None = None) -> Held | None:
        """A value of the type that a text says, read on a line of a file."""
        if depth > MAX_DEPTH:
            return None
        if text.startswith("each "):
            held = self._of_element(scope, line, text.removeprefix("each "), depth)
            return replace(held, sure=False) if held is not None else None
        written = read_type(scope.language, text)
        if written.chains:
            told = [self._walk(scope, line, parts, depth) for one in written.chains if (parts := steps(one))]
            held = _merged(told)
            return replace(held, sure=held.sure and written.exact) if held is not None else None
        found: list[Found] = []
        sure = written.exact
        for name in written.names:
            if name in _SELF_TYPES:
                found.extend([owner] if owner is not None else self._enclosing(scope, line))
                continue
            for item in self._types(scope, name, line):
                if item.definition.kind in ("type", "constant", "variable"):
                    alias = self._given(item, None, depth)
                    found.extend(alias.types if alias is not None else ())
                    sure = False
                elif item.definition.kind in TYPES:
                    found.append(item)
        if not found:
            if len(written.names) == 1 and (local := scope.local(line, written.names[0])) and local.type != text:
                return self._of_type(scope, line, local.type, depth + 1) if local.type else None
            return None
        distinct = _distinct(found)
        return Held(distinct, whole=written.whole, sure=sure and len(distinct) == 1)

    def _of_element(self, scope: Scope, line: int, text: str, depth: int) -> Held | None:
        """One of what a container holds: its declared type is followed back to where its arguments are written."""
        values = False
        for _ in range(MAX_DEPTH):
            if not text.startswith("=") and not text.endswith("()"):
                inner = element(scope.language, text, values=values)
                return self._of_type(scope, line, inner, depth + 1) if inner else None
            parts = steps(text.lstrip("="))
            if not parts:
                return None
            name = parts[-1].name
            found: tuple[Found, ...] = ()
            if len(parts) > 1:
                held = self._walk(scope, line, parts[:-1], depth + 1)
                found = self.member_of(held, name) if held is not None else ()
            elif (local := scope.local(line, name)) is not None:
                text, line = local.type, local.line
                continue
            else:
                found = scope.meaning(name, line)
            if found:
                scope = self.scope(found[0].path)
                text, line = found[0].definition.gives, found[0].definition.start_line
            elif len(parts) > 1 and parts[-1].called and name in _SAME_CONTENTS:
                values = values or name.startswith("values")
                text = "=" + ".".join(step.name + "()" * step.called for step in parts[:-1])
            else:
                return None
            if not text or text.startswith("each "):
                return None
        return None

    def _types(self, scope: Scope, name: str, line: int) -> list[Found]:
        """The types and what may stand for one that a name means; a field of the same name is passed over."""
        told = ("constant", "variable", *TYPES)
        near = [item for item in scope.meaning(name, line) if item.definition.kind in told]
        return (near or [item for item in scope.meaning(name) if item.definition.kind in told])[:_MAX_TYPES]

    def _enclosing(self, scope: Scope, line: int) -> tuple[Found, ...]:
        owner = scope.owner(line)
        if not owner:
            return ()
        own = tuple(Found(scope.path, item) for item in scope.own(owner) if item.kind in TYPES)
        if own:
            return own[:_MAX_TYPES]
        found = scope.meaning(owner)
        return tuple(item for item in found if item.definition.kind in TYPES or item.definition.kind == "module")[
            :_MAX_TYPES
        ]

    def _contents(self, path: str, dotted: str) -> Iterable[Found]:
        """What an imported module, package or namespace offers."""
        found: list[Found] = []
        for target in self.scope(path).modules(dotted):
            facts = self._workspace.facts(target)
            if facts is None:
                continue
            found.extend(
                Found(target, item)
                for item in facts.definitions
                if item.exported and (not item.owner or facts.language == "lua")
            )
            if any(item.passes_on for item in facts.imports):
                passed = {item.bound for item in facts.imports if item.passes_on}
                for name, things in self._resolver.visible(target).items():
                    if name in passed or "*" in passed:
                        found.extend(things)
            if len(found) > _MAX_MODULE_MEMBERS:
                break
        return found[:_MAX_MODULE_MEMBERS]


def _merged(results: list[Held | None]) -> Held | None:
    """What any of several definitions holds; sure only where all of them say the same."""
    known = [item for item in results if item is not None]
    if not known:
        return None
    types = _distinct([held for item in known for held in item.types])
    space = next((item.space for item in known if item.space is not None), None)
    sure = len(known) == len(results) and all(item.sure for item in known) and len(types) == 1
    return Held(types[:_MAX_TYPES], any(item.whole for item in known), space, sure)


def _distinct(found: list[Found]) -> tuple[Found, ...]:
    """Each type once, by where it stands."""
    return tuple({(item.path, item.definition.symbol): item for item in found}.values())
