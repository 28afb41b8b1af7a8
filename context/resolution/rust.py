"""Rust: paths from the crate, from the module, from other crates of the workspace; modules in files and inside them."""

from __future__ import annotations

from collections.abc import Sequence

from ..facts import Import
from .module import Module
from .paths import join, parent, stem
from .rules import Rules, Scope
from .rust_crates import Crates

_ROOTS = frozenset({"lib.rs", "main.rs", "mod.rs", "build.rs"})


class Rust(Rules):
    """A path begins with `crate`, `self`, `super`, a name visible in its module, or a crate's name.

    Modules are files beside or below their parent's; those written inside a file are known by their definition.
    """

    open_types = True
    reads_facts = True

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._crates = Crates(self.workspace)

    def clear(self) -> None:
        self._crates = Crates(self.workspace)

    def place(self, path: str, item: Import) -> str:
        inside = self._inside(path, item.start_line) if item.start_line else ""
        return f"{path}\0{inside}\0{item.bound if item.module == item.bound else ''}"

    def module(self, path: str, item: Import) -> Module | None:
        parts = [part for part in item.module.split("::") if part]
        own = Module((path,), (), self._inside(path, item.start_line))
        if item.module.startswith("::"):
            return self._walk(path, self._crate(path, parts[0]), parts[1:]) if parts else None
        if not parts:
            return self._crate(path, item.name) if not item.module and item.name else own
        begin = self._begin(path, own, parts)
        if begin is not None:
            return self._walk(path, *begin)
        # The name may be bound by another import of this file: what it means is found without this one.
        head = self._head(path, own, parts[0], item)
        return self._walk(path, head or self._crate(path, parts[0]), parts[1:])

    def child(self, module: Module, name: str) -> Module | None:
        if module.owner or len(module.files) != 1 or not name.isidentifier():
            return None
        path = module.files[0]
        if not path.endswith(".rs"):
            return None
        is_root = path.rpartition("/")[2] in _ROOTS or self._crates.root(path) == path
        folder = parent(path) if is_root else join(parent(path), stem(path))
        for found in (join(folder, f"{name}.rs"), join(folder, f"{name}/mod.rs")):
            if found != path and self.workspace.is_file(found):
                return Module((found,))
        return None

    def start(self, path: str, parts: Sequence[str]) -> tuple[Module, int] | None:
        own = Module((path,))
        if not parts[0]:
            crate = self._crate(path, parts[1]) if len(parts) > 1 else None
            return (crate, 2) if crate is not None else None
        begin = self._begin(path, own, list(parts))
        if begin is not None:
            return begin[0], len(parts) - len(begin[1])
        crate = self._crate(path, parts[0]) or self.child(own, parts[0])
        return (crate, 1) if crate is not None else None

    def _begin(self, path: str, own: Module, parts: list[str]) -> tuple[Module, list[str]] | None:
        """The module that `crate`, `self` and `super` lead to, with what is left of the path."""
        module = own
        for index, part in enumerate(parts):
            if part == "crate":
                root = self._crates.root(path)
                return (Module((root or path,)), parts[index + 1 :])
            if part == "super":
                above = self._above(module)
                if above is None:
                    return None
                module = above
            elif part != "self":
                return (module, parts[index:]) if index else None
        return module, []

    def _head(self, path: str, own: Module, name: str, item: Import) -> Module | None:
        """The module that a path's first name means in this file, told from its other imports and its modules."""
        inner = self._inner(own, name)
        if inner is not None:
            return inner
        if (found := self.child(own, name)) is not None:
            return found
        table = self.scope.table(path)
        others = table.bindings.get(name, ()) if table is not None else ()
        for other in others:
            if other == item or other.module.partition("::")[0] == name:
                continue
            module = self.scope.leads(path, other)
            if module is not None:
                return self._step(path, module, other.name) if other.name else module
        return self._inner(own, name, types=True)

    def _walk(self, path: str, module: Module | None, parts: list[str]) -> Module | None:
        for part in parts:
            if module is None:
                return None
            module = self._step(path, module, part)
        return module

    def _step(self, path: str, module: Module, name: str) -> Module | None:
        if name == "self":
            return module
        if name == "super":
            return self._above(module)
        inner = self._inner(module, name, types=True) or self.child(module, name)
        if inner is not None:
            return inner
        meaning = self.scope.member(path, module, name)
        if isinstance(meaning, Module) or meaning is None:
            return meaning
        return Module((meaning[0].path,), (), meaning[0].definition.symbol)

    def _inner(self, module: Module, name: str, *, types: bool = False) -> Module | None:
        """The module (or type) `name` that is written inside a file."""
        symbol = f"{module.owner}.{name}" if module.owner else name
        for path in module.files:
            table = self.scope.table(path)
            for item in table.symbols.get(symbol, ()) if table is not None else ():
                if item.kind == "module" and not item.text.rstrip().endswith(";"):
                    return Module((path,), (), symbol)
                if types and item.kind in ("enum", "struct", "trait", "type", "class", "interface"):
                    return Module((path,), (), symbol)
        return None

    def _above(self, module: Module) -> Module | None:
        if module.owner:
            return Module(module.files, (), module.owner.rpartition(".")[0])
        path = module.files[0] if module.files else ""
        name, folder = path.rpartition("/")[2], parent(path)
        if name == "mod.rs":
            name, folder = folder.rpartition("/")[2], parent(folder)
        elif self._crates.root(path) == path:
            return None
        root = self._crates.root(path)
        if root is not None and parent(root) == folder:
            return Module((root,))
        for found in (f"{folder}.rs", join(folder, "mod.rs"), join(folder, "lib.rs"), join(folder, "main.rs")):
            if self.workspace.is_file(found) and found != path:
                return Module((found,))
        return None

    def _crate(self, path: str, name: str) -> Module | None:
        package = self._crates.called(path, name)
        return Module((package.library,)) if package is not None and package.library else None

    def _inside(self, path: str, line: int) -> str:
        """The symbol of the module written inside the file that `line` stands in, '' outside of any."""
        facts = self.workspace.facts(path)
        found = ""
        for item in facts.definitions if facts is not None else ():
            if item.start_line > line:
                break
            if item.kind == "module" and item.start_line < line <= item.last_line:
                found = item.symbol
        return found
