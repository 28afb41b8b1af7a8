"""Lua: dotted names are files below the folders that `package.path` usually has."""

from __future__ import annotations

from ..facts import Import
from .module import Module
from .paths import above, ends_with, join, nearest, parent, relative
from .rules import Rules

_ROOTS = ("", "lua", "src", "lib", "scripts")


class Lua(Rules):
    """`require "a.b"` is `a/b.lua` or `a/b/init.lua` below the nearest root that has it; else the only such file."""

    takes_loose = True

    def module(self, path: str, item: Import) -> Module | None:
        name = item.module.removesuffix(".lua") if "/" in item.module else item.module.replace(".", "/")
        folder = parent(path)
        tail = relative("", name.removeprefix("./"))
        if not tail:
            return None
        for place in above(folder):
            for root in _ROOTS:
                for ending in (".lua", "/init.lua"):
                    if self.workspace.is_file(found := join(join(place, root), tail + ending)):
                        return Module((found,))
        for ending in (".lua", "/init.lua"):
            file = f"{tail}{ending}"
            named = [one for one in self.workspace.named(file.rpartition("/")[2]) if ends_with(one, file)]
            if len(named) == 1 or (named and "/" in tail):
                return Module((nearest(path, named)[0],))
        return None
