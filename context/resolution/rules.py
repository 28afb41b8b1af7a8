"""What one language must answer, so that imports and names can be followed; and what holds for most of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Protocol

from ..facts import FileFacts, Import
from ..view import Found, Target, Workspace
from .module import Module
from .table import Table

MAX_FILES = 64
"""No import leads to more files than this, however large a package is."""


class Scope(Protocol):
    """What rules may ask the resolver that they serve."""

    workspace: Workspace

    def table(self, path: str) -> Table | None:
        """One file's facts, arranged; None where there are none."""
        ...

    def leads(self, path: str, item: Import) -> Module | None:
        """The module that another import of the file at `path` names; None while that is being found out."""
        ...

    def member(self, path: str, module: Module, name: str) -> tuple[Found, ...] | Module | None:
        """What `name` of a module means, re-exports followed; rules are those of the file at `path`."""
        ...


class Rules(ABC):
    """One language's way of finding what an import means. The answers are cached by the resolver.

    `chained_stars` says that what a file takes in by a star is there for those who import that file; `open_types` that
    members may stand in other files than their type; `takes_loose` that members may be found at the top of a file,
    without their owner; `reads_facts` that `module` depends on what files say, not only on which there are.
    `unstarred` are names that no star passes on.
    """

    chained_stars = False
    open_types = False
    takes_loose = False
    unstarred: frozenset[str] = frozenset()
    reads_facts = False

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.workspace = scope.workspace

    def place(self, path: str, item: Import) -> str:
        """Where `item` stands, as far as it matters: imports of one place that are written alike mean the same."""
        return path.rpartition("/")[0]

    @abstractmethod
    def module(self, path: str, item: Import) -> Module | None:
        """The module that `item`, standing in the file at `path`, names; None if it is not of this workspace."""

    def child(self, module: Module, name: str) -> Module | None:
        """The module below `module` with that name."""
        return None

    def holders(self, module: Module, name: str) -> Sequence[str]:
        """The files of `module` in which `name` may stand."""
        return module.files

    def whole(self, path: str, item: Import, module: Module) -> tuple[Target, ...]:
        """Where an import of a whole module leads."""
        return tuple(Target(file) for file in module.files[:MAX_FILES])

    def unimported(self, path: str, name: str) -> Sequence[str]:
        """Other files whose top-level `name` can be seen at `path` without an import, best first."""
        return ()

    def start(self, path: str, parts: Sequence[str]) -> tuple[Module, int] | None:
        """The module that a qualified name begins with where nothing is bound to it, and how many parts it takes."""
        return None

    def bound(self, path: str, item: Import) -> str:
        """The name that `item` binds."""
        return item.bound

    def value(self, path: str, module: Module) -> tuple[Found, ...]:
        """What a module is when it is used like a value."""
        return ()

    def starred(self, path: str, file: str, table: Table) -> Iterable[str]:
        """The names that `import *` of `file` gives to the file at `path`, those by further stars left out."""
        return exported(table.facts)

    def forget(self, path: str) -> None:  # noqa: B027 - most languages keep nothing of a file
        """The file at `path` says something else now."""

    def clear(self) -> None:  # noqa: B027 - nor of the tree
        """Files came or went, or a configuration file changed."""


def exported(facts: FileFacts) -> Iterable[str]:
    """What a file offers at its top: its list of exports, else its exported definitions and what it passes on."""
    if facts.exports is not None:
        return facts.exports
    names = dict.fromkeys(item.name for item in facts.definitions if not item.owner and item.exported)
    names.update(dict.fromkeys(item.bound for item in facts.imports if item.passes_on and item.bound not in ("", "*")))
    return names


def one_of(workspace: Workspace, candidates: Iterable[str]) -> str | None:
    """The first of `candidates` that is a file."""
    return next((path for path in candidates if workspace.is_file(path)), None)
