"""Shell scripts: what `source` and `.` name, beside the script, in the root, or the only file that ends so."""

from __future__ import annotations

import re

from ..facts import Import
from .module import Module
from .paths import above, ends_with, parent, relative
from .rules import Rules

MAX_CHARS = 500
_HEAD = re.compile(r"""^.*(?:\$\{[^}]*\}|\$\([^()]*(?:\([^()]*\)[^()]*)*\)|\$\w+|`[^`]*`)["']?""")


class Bash(Rules):
    """A path is read from behind its last expansion: where the variable points is taken to be the script's folder or
    one above it. What a sourced file sources is there too.
    """

    chained_stars = True

    def module(self, path: str, item: Import) -> Module | None:
        written = item.module.strip("\"' ")
        if len(written) > MAX_CHARS:
            return None
        name = _HEAD.sub("", written, count=1).strip("\"' )}")
        if not name or (name == written and name.startswith("/")):
            return None
        name = name.lstrip("/")
        for folder in above(parent(path)):
            found = relative(folder, name)
            if found and self.workspace.is_file(found):
                return Module((found,))
        tail = relative("", name.lstrip("./"))
        named = [one for one in self.workspace.named(tail.rpartition("/")[2]) if ends_with(one, tail)] if tail else []
        return Module((named[0],)) if len(named) == 1 else None
