"""The facts of a file into which a text was put, without reading the whole file again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from .columns import Columns, Fields, fields_of, names_of_fields
from .facts import Definition, FileFacts, Import, Local, Reference

T = TypeVar("T")

_STARTS, _ENDS = frozenset({"line", "start_line", "doc_line"}), frozenset({"end_line", "last_line"})


@dataclass(frozen=True, slots=True)
class Place:
    """Lines `first` to `last` (from 1, with the text put in) were read anew; `more` came in behind line `cursor`.

    What was read counts its lines from `row`.
    """

    first: int
    last: int
    cursor: int
    more: int
    row: int


def spliced(before: FileFacts, seen: FileFacts, place: Place, *, within: bool) -> FileFacts:
    """The facts `before`, moved by the text, with those `seen` in the lines that were read anew.

    Read `within` a definition whose head was not seen, those that are known already tell better who owns what.
    """
    nothing = FileFacts("")
    new = nothing if within else seen
    return replace(
        before,
        definitions=_spliced(Definition, before.definitions, new.definitions, place, keep=within),
        imports=tuple(_spliced(Import, before.imports, new.imports, place, keep=within)),
        references=Columns(Reference, _moved(Reference, fields_of(Reference, seen.references), place.row, 0)),
        locals=_spliced(Local, before.locals, seen.locals, place),
        broken=seen.broken,
    )


def _spliced(kind: type[T], old: Sequence[T], new: Sequence[T], place: Place, *, keep: bool = False) -> Sequence[T]:
    """Facts in order of lines; with `keep` all the old ones, else the new ones in the lines that were read anew."""
    known = fields_of(kind, old)
    lines = _lines(kind, known)
    above, below = bisect_left(lines, place.first), bisect_right(lines, place.last - place.more)
    moved = _moved(kind, known, place.more, place.cursor)
    if keep or (above == below and not new):
        return Columns(kind, moved) if place.more else old
    read = _moved(kind, fields_of(kind, new), place.row, 0)
    lines = _lines(kind, read)
    low, high = bisect_left(lines, place.first), bisect_right(lines, place.last)
    return Columns(
        kind,
        [[*was[:above], *now[low:high], *was[max(above, below) :]] for was, now in zip(moved, read, strict=True)],
    )


def _lines(kind: type[T], fields: Fields) -> Sequence[int]:
    """The line that says so: a local's is not the first of those where it holds."""
    names = names_of_fields(kind)
    return fields[names.index("line" if "line" in names else "start_line")]


def _moved(kind: type[T], fields: Fields, lines: int, behind: int) -> Fields:
    """What they say of lines behind one, so many further down; what ends on that line goes on with it."""
    if not lines:
        return fields
    moved: list[Sequence[int]] = []
    for name, values in zip(names_of_fields(kind), fields, strict=True):
        if name in _STARTS:
            moved.append([value + lines if value > behind else value for value in values])
        elif name in _ENDS:
            moved.append([value + lines if value >= max(1, behind) else value for value in values])
        else:
            moved.append(values)
    return moved
