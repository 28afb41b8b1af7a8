"""What a file declares and imports, in values that every language shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

T = TypeVar("T")
Kind = Literal["class", "function", "method", "field", "constant"]


@dataclass(frozen=True, slots=True)
class Definition:
    """A name and its signature: lines `start_line`..`end_line` (1-based, inclusive, at most three).

    `owner` is the class it belongs to, dotted if nested, or ''. `text` holds those lines as they stand in
    the file, joined by "\\n". `mentions` are the names in it that may be types.
    """

    name: str
    kind: Kind
    owner: str
    start_line: int
    end_line: int
    text: str
    bases: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    is_record: bool = False

    @property
    def symbol(self) -> str:
        """The name with its owner."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


@dataclass(frozen=True, slots=True)
class Import:
    """`bound` becomes visible in lines `start_line`..`end_line`: `name` of `module`, or the module itself.

    `level` counts leading dots. `name` is None where the module itself is bound, "*" for all its names.
    `top` says that the import stands outside any function.
    """

    module: str
    level: int
    name: str | None
    bound: str
    start_line: int
    end_line: int
    top: bool = True


@dataclass(frozen=True, slots=True)
class Outline:
    """One file: its definitions in order of lines, its imports, and `exports` where it lists them.

    `top` finds definitions outside any class by name, `members` those of a class by its dotted name, `bindings`
    the imports outside any function by the name they bind.
    """

    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]
    exports: frozenset[str] | None = None
    top: Mapping[str, tuple[Definition, ...]] = field(init=False, compare=False, repr=False)
    members: Mapping[str, tuple[Definition, ...]] = field(init=False, compare=False, repr=False)
    bindings: Mapping[str, tuple[Import, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        inside, outside = [d for d in self.definitions if d.owner], [d for d in self.definitions if not d.owner]
        object.__setattr__(self, "top", _grouped((d.name, d) for d in outside))
        object.__setattr__(self, "members", _grouped((d.owner, d) for d in inside))
        object.__setattr__(self, "bindings", _grouped((item.bound, item) for item in self.imports if item.top))


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
