"""Which files the imports of a file lead to, and what the names visible in it mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cachetools import LRUCache

from ..facts import Import
from ..languages.reading import language_of
from ..view import Found, Target, Workspace
from . import registry
from .module import Module
from .paths import nearest
from .rules import Rules
from .table import Table, arrange

MAX_HOPS = 4
"""Re-exports followed behind the import itself."""

MAX_FOUND = 6
"""Definitions that one name may mean: overloads, and alternatives of a conditional import."""

MAX_STAR_NAMES = 2_000
MAX_TABLES = 512
MAX_MODULES = 100_000
MAX_ELSEWHERE = 40

MAX_DEPTH = 20
"""Imports that must be followed to know what one import names: Rust's paths through re-exported modules."""

_SEPARATOR = re.compile(r"::|->|[.:\\]")

Meaning = tuple[Found, ...] | Module | None


class Resolver:
    """Resolves the imports of one workspace as it stands; for one thread at a time.

    What was looked up is kept until `forget` or `config_changed`. Nothing is read but what the workspace hands out.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._rules: dict[type[Rules], Rules] = {}
        self._tables: LRUCache[str, Table | None] = LRUCache(MAX_TABLES)
        self._modules: dict[type[Rules], dict[tuple[str, str, int], Module | None]] = {}
        self._depth = 0

    # ---------------------------------------------------------------- what others ask

    def targets(self, path: str, item: Import) -> tuple[Target, ...]:
        """The files that `item`, standing in the file at `path`, leads to; re-exports are not followed.

        A target's `name` is a dotted symbol of that file, or '' where the import means the whole of it; a name that
        the file does not have (yet) is kept. Empty where the import leads out of the workspace.
        """
        rules = self._rules_of(path)
        if rules is None or not (item.module or item.level):
            return ()
        module = self._module(rules, path, item)
        if module is None:
            return ()
        if item.name in ("", "*"):
            return rules.whole(path, item, module)
        symbol = _symbol(module, item.name)
        child = rules.child(module, item.name)
        if child is not None and not self._says_otherwise(path, module, item.name, child):
            return tuple(Target(file) for file in child.files)
        holders = rules.holders(module, item.name)
        if len(holders) == 1:
            return (Target(holders[0], symbol),)
        found = [file for file in holders if (table := self.table(file)) is not None and table.names(symbol)]
        return tuple(Target(file, symbol) for file in found or holders[:1])

    def lookup(self, path: str, name: str) -> tuple[Found, ...]:
        """What `name`, possibly dotted, means in the file at `path`; empty for modules and what is not ours.

        Own definitions come first, then imports, then what the language sees without import. Members of a type are
        found by `Type.member`; inherited ones are not.
        """
        rules = self._rules_of(path)
        meaning = self._qualified(rules, path, name) if rules is not None else None
        if isinstance(meaning, Module):
            return rules.value(path, meaning) if rules is not None else ()
        return meaning or ()

    def module(self, path: str, name: str) -> tuple[str, ...]:
        """The files of the module that `name`, possibly dotted, is bound to at `path`; empty if it is none."""
        rules = self._rules_of(path)
        meaning = self._qualified(rules, path, name) if rules is not None else None
        return meaning.files if isinstance(meaning, Module) else ()

    def visible(self, path: str) -> Mapping[str, tuple[Found, ...]]:
        """Every name that the file's own top and its imports make visible, with what it means.

        A name bound to a module of this workspace has an empty tuple; one bound to anything outside is left out.
        """
        rules, table = self._rules_of(path), self.table(path)
        if rules is None or table is None:
            return {}
        names: dict[str, tuple[Found, ...]] = {}
        own = Module((path,))
        for name in (*(symbol for symbol in table.symbols if "." not in symbol), *table.bindings):
            if name in names:
                continue
            meaning = self.member(path, own, name)
            if isinstance(meaning, Module):
                names[name] = rules.value(path, meaning)
            elif meaning:
                names[name] = meaning
        for name, found in self._starred(rules, path, table):
            names.setdefault(name, found)
        return names

    def forget(self, path: str) -> None:
        """The file at `path` says something else now. Its coming or going is for `config_changed`."""
        self._tables.pop(path, None)
        if registry.is_config(path):
            self.config_changed()
            return
        for rules in self._rules.values():
            rules.forget(path)
        own = self._rules_of(path)
        if own is not None and own.reads_facts:
            self._modules.pop(type(own), None)

    def config_changed(self) -> None:
        """Files came or went, or a configuration file changed: what imports lead to is found anew."""
        self._modules.clear()
        self._tables.clear()
        for rules in self._rules.values():
            rules.clear()

    # ---------------------------------------------------------------- what rules ask

    def table(self, path: str) -> Table | None:
        """One file's facts, arranged; None where there are none."""
        try:
            return self._tables[path]
        except KeyError:
            pass
        facts, rules = self.workspace.facts(path), self._rules_of(path)
        table: Table | None = None
        if facts is not None:
            bound = {}
            if rules is not None and type(rules).bound is not Rules.bound:
                bound = {item: rules.bound(path, item) for item in facts.imports}
            table = arrange(facts, bound)
        self._tables[path] = table
        return table

    def leads(self, path: str, item: Import) -> Module | None:
        """The module that `item`, standing in the file at `path`, names; None while that is being found out."""
        rules = self._rules_of(path)
        return self._module(rules, path, item) if rules is not None else None

    def member(self, path: str, module: Module, name: str) -> Meaning:
        """What `name` of `module` means, re-exports followed, under the rules of the file at `path`."""
        rules = self._rules_of(path)
        return self._follow(rules, path, module, name) if rules is not None else None

    # ---------------------------------------------------------------- following

    def _rules_of(self, path: str) -> Rules | None:
        language = language_of(path)
        kind = registry.rules(language) if language is not None else None
        if kind is None:
            return None
        if kind not in self._rules:
            self._rules[kind] = kind(self)
        return self._rules[kind]

    def _module(self, rules: Rules, path: str, item: Import) -> Module | None:
        modules = self._modules.setdefault(type(rules), {})
        key = (rules.place(path, item), item.module, item.level)
        try:
            return modules[key]
        except KeyError:
            pass
        if self._depth >= MAX_DEPTH:
            return None
        if len(modules) > MAX_MODULES:
            modules.clear()
        modules[key] = None
        self._depth += 1
        try:
            found = modules[key] = rules.module(path, item)
        finally:
            self._depth -= 1
        return found

    def _says_otherwise(self, path: str, module: Module, name: str, child: Module) -> bool:
        """Whether a file of `module` gives `name` another meaning than its submodule of that name."""
        for file in module.files:
            if (table := self.table(file)) is not None and table.names(name):
                meaning = self.member(path, module, name)
                return meaning is not None and meaning != child
        return False

    def _qualified(self, rules: Rules, path: str, name: str) -> Meaning:
        parts = [name] if name.isalnum() else _SEPARATOR.split(name)
        meaning = self._seen(rules, path, parts[0]) if parts[0] else None
        taken = 1
        if meaning is None and (begin := rules.start(path, parts)) is not None:
            meaning, taken = begin
        for part in parts[taken:]:
            if meaning is None:
                return None
            meaning = self._inside(rules, path, meaning, part)
        if isinstance(meaning, Module) and meaning.owner:
            return self._definitions(rules, Module(meaning.files), meaning.owner)[:MAX_FOUND] or None
        return meaning

    def _seen(self, rules: Rules, path: str, name: str) -> Meaning:
        meaning = self._follow(rules, path, Module((path,)), name)
        if meaning is not None or ((own := self.table(path)) is not None and name in own.bindings):
            return meaning
        found: list[Found] = []
        for file in rules.unimported(path, name):
            if (table := self.table(file)) is not None:
                found.extend(Found(file, item) for item in table.symbols.get(name, ()))
            if len(found) >= MAX_FOUND:
                break
        return tuple(found[:MAX_FOUND]) or None

    def _inside(self, rules: Rules, path: str, meaning: tuple[Found, ...] | Module, name: str) -> Meaning:
        if isinstance(meaning, Module):
            return self._follow(rules, path, meaning, name)
        found: list[Found] = []
        for one in meaning:
            symbol = f"{one.definition.symbol}.{name}"
            if (table := self.table(one.path)) is not None:
                found.extend(Found(one.path, item) for item in table.symbols.get(symbol, ()))
        if not found and rules.open_types:
            found.extend(self._elsewhere(meaning[0], name))
        return tuple(found[:MAX_FOUND]) or None

    def _elsewhere(self, owner: Found, name: str) -> Iterator[Found]:
        """Members that stand in another file than their owner: Go methods, Rust impls, C# parts, reopened classes."""
        symbol, language = f"{owner.definition.symbol}.{name}", language_of(owner.path)
        files = [file for file in self.workspace.defining(name) if file != owner.path and language_of(file) == language]
        for file in nearest(owner.path, files)[:MAX_ELSEWHERE]:
            if (table := self.table(file)) is not None:
                yield from (Found(file, item) for item in table.symbols.get(symbol, ()))

    def _follow(self, rules: Rules, path: str, module: Module, name: str) -> Meaning:
        """Breadth first through re-exports: the definitions nearest by, else the last module met on the way."""
        steps, visited = [(module, name)], {(module, name)}
        whole: Module | None = None
        hops = MAX_HOPS + 1 if module.files == (path,) and not module.owner else MAX_HOPS
        while steps:
            found: list[Found] = []
            links: list[tuple[Module, str]] = []
            for step in steps:
                if here := self._definitions(rules, *step):
                    found.extend(here)
                    continue
                further, is_bound = self._links(rules, path, *step) if hops else ([], False)
                links.extend(further)
                if not is_bound or further:
                    whole = rules.child(*step) or whole
            if found:
                return tuple(dict.fromkeys(found))[:MAX_FOUND]
            whole = next((target for target, inner in links if not inner), whole)
            steps = [link for link in dict.fromkeys(links) if link[1] and link not in visited]
            visited.update(steps)
            hops -= 1
        return whole

    def _definitions(self, rules: Rules, module: Module, name: str) -> tuple[Found, ...]:
        symbol = _symbol(module, name)
        found: list[Found] = []
        for file in rules.holders(module, name):
            if (table := self.table(file)) is not None:
                items = table.symbols.get(symbol) or (table.loose.get(name, ()) if rules.takes_loose else ())
                found.extend(Found(file, item) for item in items)
        return tuple(found)

    def _links(self, rules: Rules, path: str, module: Module, name: str) -> tuple[list[tuple[Module, str]], bool]:
        """Where to look next for `name` ('' there: the module itself); whether an import binds the name here."""
        direct: list[tuple[Module, str]] = []
        stars: list[tuple[Module, str]] = []
        is_bound = False
        if module.owner:
            return direct, is_bound
        for file in rules.holders(module, name):
            if (table := self.table(file)) is None:
                continue
            for item in table.bindings.get(name, ()):
                if not item.top and file != path:
                    continue
                is_bound = True
                if item.module or item.level:
                    target = self._module(rules, file, item)
                else:
                    target = Module((file,)) if item.name != name else None
                if target is not None:
                    direct.append((target, item.name))
            if is_bound or name in rules.unstarred:
                continue
            for item in table.stars:
                if file == path or item.passes_on or rules.chained_stars:
                    target = self._module(rules, file, item)
                    if target is not None:
                        stars.append((target, name))
        return (direct, True) if is_bound else (stars, False)

    def _starred(self, rules: Rules, path: str, table: Table) -> Iterator[tuple[str, tuple[Found, ...]]]:
        """What the star imports of a file make visible, by name."""
        steps = [target for item in table.stars if (target := self._module(rules, path, item)) is not None]
        visited: set[Module] = set()
        count = 0
        for _ in range(MAX_HOPS + 1):
            further: list[Module] = []
            for module in steps:
                if module in visited:
                    continue
                visited.add(module)
                for name in self._offered(rules, path, module):
                    meaning = self._follow(rules, path, module, name)
                    count += 1
                    if meaning is not None:
                        yield name, rules.value(path, meaning) if isinstance(meaning, Module) else meaning
                    if count >= MAX_STAR_NAMES:
                        return
                further.extend(self._passed_on(rules, module))
            steps = further

    def _offered(self, rules: Rules, path: str, module: Module) -> Iterator[str]:
        for file in module.files:
            if (table := self.table(file)) is None:
                continue
            if module.owner:
                head = module.owner + "."
                tails = (symbol[len(head) :] for symbol in table.symbols if symbol.startswith(head))
                yield from (tail for tail in tails if "." not in tail)
            else:
                yield from rules.starred(path, file, table)

    def _passed_on(self, rules: Rules, module: Module) -> Iterator[Module]:
        for file in module.files if not module.owner else ():
            if (table := self.table(file)) is None:
                continue
            for item in table.stars:
                if item.passes_on or rules.chained_stars:
                    target = self._module(rules, file, item)
                    if target is not None:
                        yield target


def _symbol(module: Module, name: str) -> str:
    return f"{module.owner}.{name}" if module.owner else name
