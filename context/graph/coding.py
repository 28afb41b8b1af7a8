"""What a file says as bytes and back. Damaged bytes are an error, never a crash and never code that runs.

Format: a CRC-32 over all that follows, the lengths of the first two of three pieces, the pieces; each is zlib over
JSON. The first is `[language, package, broken, exports, imports, [definitions, references, locals counted]]`, the
second the definitions, the third `[texts, references, texts, locals]`. Facts stand in columns, one for each field; text
in columns of references and locals is a place in a table of strings, because there are hundreds of them and few
different ones. The second and the third piece are unpacked when somebody looks at what is in them.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final, TypeVar

from ..columns import Columns, Fields, column, names_of_fields
from ..facts import Definition, FileFacts, Import, Local, Reference

LARGEST = 32_000_000
"""Bytes of JSON beyond which nothing is decoded."""

_LEVEL = 1
_HEAD: Final = struct.Struct(">III")
_Fact = TypeVar("_Fact", Definition, Import, Reference, Local)
_TUPLES: Final = ("bases", "mentions")
_AS_STRINGS: Final = frozenset({"str", "Use"})


class DamagedFacts(ValueError):
    """The bytes are not what `encode` makes."""


def encode(facts: FileFacts) -> bytes:
    """The facts of one file."""
    counts = [len(some) for some in (facts.definitions, facts.references, facts.locals)]
    first = [facts.language, facts.package, facts.broken, facts.exports, _columns(facts.imports, Import), counts]
    second = _columns(facts.definitions, Definition)
    third = [*_with_table(facts.references, Reference), *_with_table(facts.locals, Local)]
    pieces = [zlib.compress(_as_json(one), _LEVEL) for one in (first, second, third)]
    lengths = len(pieces[0]), len(pieces[1])
    check = zlib.crc32(b"".join((_HEAD.pack(0, *lengths), *pieces)))
    return b"".join((_HEAD.pack(check, *lengths), *pieces))


def decode(data: bytes) -> FileFacts:
    """The facts again; raises `DamagedFacts`."""
    try:
        check, one, two = _HEAD.unpack_from(data)
        if zlib.crc32(memoryview(data)[_HEAD.size :], zlib.crc32(_HEAD.pack(0, one, two))) != check:
            raise DamagedFacts("the facts of a file are damaged")
        one, two = _HEAD.size + one, _HEAD.size + one + two
        pieces = data[_HEAD.size : one], data[one:two], data[two:]
        language, package, broken, exports, imports, counts = _from_json(pieces[0])
        definitions, references, locals_ = counts

        def defined() -> Fields:
            columns: list[list[Any]] = _from_json(pieces[1])
            for place in map(names_of_fields(Definition).index, _TUPLES):
                columns[place] = list(map(tuple, columns[place]))
            return columns

        used = _Uses(pieces[2])
        return FileFacts(
            language=language,
            definitions=Columns.later(Definition, definitions, defined),
            imports=tuple(Columns(Import, imports)),
            references=Columns.later(Reference, references, used.references),
            locals=Columns.later(Local, locals_, used.locals),
            exports=None if exports is None else tuple(exports),
            package=package,
            broken=broken,
        )
    except (struct.error, ValueError, TypeError, IndexError, RecursionError) as error:
        raise DamagedFacts("the facts of a file are damaged") from error


class _Uses:
    """The third piece, unpacked for whichever half is asked for first and let go of with the other."""

    def __init__(self, piece: bytes) -> None:
        self._piece = piece
        self._halves: dict[int, tuple[list[str], list[list[Any]]]] = {}

    def references(self) -> Fields:
        """The columns of `Reference`."""
        return _told(Reference, *self._half(0))

    def locals(self) -> Fields:
        """The columns of `Local`."""
        return _told(Local, *self._half(1))

    def _half(self, number: int) -> tuple[list[str], list[list[Any]]]:
        if number not in self._halves:
            used, references, held, bound = _from_json(self._piece)
            self._halves = {0: (used, references), 1: (held, bound)}
        return self._halves.pop(number)


def _as_json(document: Sequence[Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _from_json(piece: bytes) -> Any:
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(piece, LARGEST)
    except zlib.error as error:
        raise DamagedFacts("the facts of a file are damaged") from error
    if not unpacking.eof:
        raise DamagedFacts("the facts of a file are too long, or cut short")
    return json.loads(text)


class _Strings(dict[str, int]):
    """Each string's place in the table; a new one is put at its end."""

    def __missing__(self, text: str) -> int:
        place = self[text] = len(self)
        return place


def _columns(facts: Sequence[_Fact], kind: type[_Fact]) -> list[Sequence[Any]]:
    return [column(facts, name) for name in names_of_fields(kind)]


def _texts(kind: type[Any]) -> tuple[int, ...]:
    """Which columns hold text."""
    return tuple(place for place, one in enumerate(fields(kind)) if one.type in _AS_STRINGS)


def _with_table(facts: Sequence[_Fact], kind: type[_Fact]) -> tuple[list[str], list[Sequence[Any]]]:
    strings = _Strings()
    columns = _columns(facts, kind)
    for place in _texts(kind):
        columns[place] = list(map(strings.__getitem__, columns[place]))
    return list(strings), columns


def _told(kind: type[Any], strings: Sequence[str], columns: list[list[Any]]) -> Fields:
    for place in _texts(kind):
        columns[place] = list(map(strings.__getitem__, columns[place]))
    return columns
