"""C and C++: includes relative to the file, then from the include folders that the workspace shows to have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..facts import Import
from .module import Module
from .paths import ends_with, join, nearest, parent, relative, stem
from .rules import Rules
from .table import Table

_HEADERS = (".h", ".hpp", ".hh", ".hxx", ".h++", ".inl", ".ipp", ".tpp")
_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".m", ".mm")
_STANDARD = re.compile(
    r"(?:assert|complex|ctype|errno|fcntl|fenv|float|inttypes|iso646|limits|locale|math|pthread|setjmp|signal|stdalign"
    r"|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath|threads|time|uchar|unistd|wchar"
    r"|wctype)\.h"
)


class C(Rules):
    """A quoted name is looked for beside the file first; then any header whose path ends with the name will do, the
    nearest first. What a header includes is there for those who include it, and so is what its source says.
    """

    chained_stars = True
    open_types = True
    takes_loose = True

    def module(self, path: str, item: Import) -> Module | None:
        name = item.module
        folder = parent(path)
        is_system = name.startswith("<")
        name = name.strip('<>" ')
        if not name or name.startswith("/"):
            return None
        if not is_system and (found := relative(folder, name)) is not None and self.workspace.is_file(found):
            return Module((found,))
        if is_system and _STANDARD.fullmatch(name):
            return None
        tail = relative("", name.lstrip("./"))
        if not tail:
            return None
        found_all = [one for one in self.workspace.named(tail.rpartition("/")[2]) if ends_with(one, tail)]
        if is_system and "/" not in tail:
            found_all = [one for one in found_all if one in (tail, f"include/{tail}") or "include" in one.split("/")]
        best = nearest(path, found_all)
        return Module((best[0],)) if best else None

    def unimported(self, path: str, name: str) -> Sequence[str]:
        return self.partners(path)

    def start(self, path: str, parts: Sequence[str]) -> tuple[Module, int] | None:
        """Namespaces are left out until a name is known: `ns::K` is K."""
        own = Module((path,))
        for index in range(1, len(parts)):
            if parts[index] and self.scope.member(path, own, parts[index]) is not None:
                return own, index
        return None

    def partners(self, path: str) -> list[str]:
        """The header of a source file, or the source of a header: the same name, the nearest folder."""
        bare, suffix = stem(path), "." + path.rpartition(".")[2]
        others = _SOURCES if suffix in _HEADERS else _HEADERS
        found: list[str] = []
        for ending in others:
            beside = join(parent(path), bare + ending)
            if self.workspace.is_file(beside):
                return [beside]
            found.extend(self.workspace.named(bare + ending))
        return nearest(path, found)[:1]

    def starred(self, path: str, file: str, table: Table) -> Iterable[str]:
        facts = self.workspace.facts(path)
        used = {one.name for one in facts.references} if facts is not None else set()
        return [name for name in (*table.symbols, *table.loose) if name in used]
