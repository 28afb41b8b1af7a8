"""Which names a file defines and which it uses: what the index looks files up by."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from ..columns import column
from ..facts import FileFacts

_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Names:
    """Each name once, in no order. `used` leaves out what is bound only inside the place that uses it."""

    defined: frozenset[str]
    used: frozenset[str]


NONE = Names(frozenset(), frozenset())


def names_of(facts: FileFacts) -> Names:
    """The names of one file."""
    spans: dict[str, list[tuple[int, int]]] = {}
    bound = facts.locals
    for name, start, end in zip(*(column(bound, part) for part in ("name", "start_line", "end_line")), strict=True):
        spans.setdefault(name, []).append((start, end))
    used = {item.name for item in facts.imports if item.name not in ("", "*")}
    references = facts.references
    for name, line, use in zip(*(column(references, part) for part in ("name", "line", "use")), strict=True):
        if name in used:
            continue
        if use != "member" and name in spans and any(start <= line <= end for start, end in spans[name]):
            continue
        used.add(name)
    used.discard("")
    return Names(frozenset(definition.name for definition in facts.definitions if definition.name), frozenset(used))


def pack(names: Names) -> bytes:
    """The names as they are stored."""
    defined, used = ("\n".join(sorted(some)) for some in (names.defined, names.used))
    return zlib.compress(f"{defined}\0{used}".encode("utf-8", "replace"), _LEVEL)


def unpack(data: bytes) -> tuple[list[bytes], list[bytes]]:
    """The defined and the used names as UTF-8; raises `ValueError` where the data is damaged."""
    try:
        defined, middle, used = zlib.decompress(data).partition(b"\0")
    except zlib.error as error:
        raise ValueError("the names are damaged") from error
    if not middle:
        raise ValueError("the names are damaged")
    return (defined.split(b"\n") if defined else []), (used.split(b"\n") if used else [])
