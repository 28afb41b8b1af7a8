"""Which names a file defines and which it uses: what the index looks files up by."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from ..columns import column
from ..facts import FileFacts, Local, Reference
from .compression import compress


@dataclass(frozen=True, slots=True)
class Names:
    """Each name once, in no order. `used` leaves out what is bound only inside the place that uses it."""

    defined: frozenset[str]
    used: frozenset[str]


NONE = Names(frozenset(), frozenset())


def names_of(facts: FileFacts) -> Names:
    """The names of one file."""
    bound, references = facts.locals, facts.references
    names = column(references, "name")
    used = {item.name for item in facts.imports if item.name not in ("", "*")}
    unsure = set(names).intersection(column(bound, "name")) - used
    used.update(set(names) - unsure)
    if unsure:
        used |= _seen_outside(unsure, bound, references)
    used.discard("")
    return Names(frozenset(filter(None, column(facts.definitions, "name"))), frozenset(used))


def _seen_outside(names: set[str], bound: Sequence[Local], references: Sequence[Reference]) -> set[str]:
    """Those of the names that are used where no local of theirs is."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for name, start, end in zip(*(column(bound, part) for part in ("name", "start_line", "end_line")), strict=True):
        if name in names:
            spans.setdefault(name, []).append((start, end))
    found: set[str] = set()
    for name, line, use in zip(*(column(references, part) for part in ("name", "line", "use")), strict=True):
        if name not in spans or name in found:
            continue
        if use == "member" or not any(start <= line <= end for start, end in spans[name]):
            found.add(name)
    return found


def pack(names: Names) -> bytes:
    """The names as they are stored."""
    defined, used = ("\n".join(sorted(some)) for some in (names.defined, names.used))
    return compress(f"{defined}\0{used}".encode("utf-8", "replace"))


def unpack(data: bytes) -> tuple[list[bytes], list[bytes]]:
    """The defined and the used names as UTF-8; raises `ValueError` where the data is damaged."""
    try:
        defined, middle, used = zlib.decompress(data).partition(b"\0")
    except zlib.error as error:
        raise ValueError("the names are damaged") from error
    if not middle:
        raise ValueError("the names are damaged")
    return (defined.split(b"\n") if defined else []), (used.split(b"\n") if used else [])
