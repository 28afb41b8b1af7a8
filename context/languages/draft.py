"""What has been read of a file so far, before it becomes facts."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..facts import Definition, Import

Bound = tuple[str, int, int, int, str]
"""The fields of a `Local`."""


@dataclass(slots=True)
class Draft:
    """One file while it is read. `exports` is None until the file lists them.

    `taken` are the offsets of names that are bound there, not used; `spans` the byte ranges in which no name is used
    (imports); `marks` whatever a language's query captured for its own `finish`, as texts by capture.
    """

    definitions: list[Definition] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    locals: list[Bound] = field(default_factory=list)
    exports: list[str] | None = None
    package: str = ""
    has_exports: bool = False
    taken: set[int] = field(default_factory=set)
    spans: list[tuple[int, int]] = field(default_factory=list)
    marks: dict[str, list[str]] = field(default_factory=dict)
