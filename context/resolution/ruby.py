"""Ruby: required files by their path, constants by the names that autoloaders expect, or by who defines them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..facts import Import
from .module import Module
from .paths import above, ends_with, join, nearest, parent, relative
from .rules import Rules

MAX_DEFINING = 6
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Ruby(Rules):
    """`require_relative` starts beside the file, `require` in the `lib` folders around it and of the workspace.

    Constants need no require where their file is named after them, or where few files define them.
    """

    chained_stars = True
    open_types = True

    def module(self, path: str, item: Import) -> Module | None:
        name = item.module.removesuffix(".rb")
        folder = parent(path)
        if item.level or name.startswith(("./", "../")):
            found = relative(folder, name)
            return self._file(found) if found is not None else None
        tail = relative("", name)
        if not tail:
            return None
        for place in above(folder):
            for root in (join(place, "lib"), place, join(place, "app")):
                if (module := self._file(join(root, tail))) is not None:
                    return module
        named = [one for one in self.workspace.named(f"{tail.rpartition('/')[2]}.rb") if ends_with(one, f"{tail}.rb")]
        rooted = [one for one in named if one.removesuffix(f"{tail}.rb").rstrip("/").endswith("lib")]
        found_all = nearest(path, rooted or (named if "/" in tail and len(named) == 1 else []))
        return Module((found_all[0],)) if found_all else None

    def unimported(self, path: str, name: str) -> Sequence[str]:
        if not name[:1].isupper():
            return ()
        defining = [one for one in self.workspace.defining(name) if one.endswith((".rb", ".rake")) and one != path]
        file = f"{underscored(name)}.rb"
        expected = [one for one in defining if one.rpartition("/")[2] == file]
        return nearest(path, expected or (defining if len(defining) <= MAX_DEFINING else []))

    def start(self, path: str, parts: Sequence[str]) -> tuple[Module, int] | None:
        """A chain of constants whose files follow its names: `Admin::User` is `admin/user.rb`."""
        names = [part for part in parts if part]
        taken = len(parts) - len(names)
        for count in range(len(names), 0, -1):
            if not all(part[:1].isupper() for part in names[:count]):
                continue
            tail = "/".join(underscored(part) for part in names[:count]) + ".rb"
            found = [one for one in self.workspace.named(tail.rpartition("/")[2]) if ends_with(one, tail)]
            for file in nearest(path, found):
                table = self.scope.table(file)
                symbol = ".".join(names[:count])
                if table is not None and symbol in table.symbols:
                    owner = ".".join(names[: count - 1])
                    return Module((file,), (), owner), taken + count - 1
        return None

    def _file(self, bare: str) -> Module | None:
        return Module((f"{bare}.rb",)) if self.workspace.is_file(f"{bare}.rb") else None


def underscored(name: str) -> str:
    """A constant's name as its file is called: `HTTPServer` is `http_server`."""
    return _HUMP.sub("_", name).lower()
