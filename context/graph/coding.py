"""What a file says as bytes and back. Damaged bytes are an error, never a crash and never code that runs.

Format: a CRC-32 over all that follows, the lengths of the first two of three pieces, the pieces, each packed by zlib.
The first is JSON, `[language, package, broken, exports, imports, [definitions, references, locals counted]]`, the
second the definitions as JSON. Facts stand in columns, one for each field. The third holds references and locals, of
which there are hundreds: a JSON head `[[texts, types], [texts, types]]` behind its length, then every column as numbers
of this machine's (`store` keeps no file of another) in the type that the head names; text is a place in the table of
texts, because few are different. The second and the third piece are unpacked when somebody looks at what is in them.
"""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import chain
from types import MappingProxyType
from typing import Any, Final, TypeVar

from ..columns import Columns, Fields, column, names_of_fields
from ..facts import Definition, FileFacts, Import, Local, Reference
from .compression import compress

LARGEST = 32_000_000
"""Bytes of JSON beyond which nothing is decoded."""

_HEAD: Final = struct.Struct(">III")
_LENGTH: Final = struct.Struct(">I")
_Fact = TypeVar("_Fact", Definition, Import, Reference, Local)
_TUPLES: Final = ("bases", "mentions")
_AS_STRINGS: Final = frozenset({"str", "Use"})


_TEXTS: Final[Mapping[type[Any], tuple[int, ...]]] = MappingProxyType(
    {
        kind: tuple(place for place, one in enumerate(fields(kind)) if one.type in _AS_STRINGS)
        for kind in (Reference, Local)
    }
)
"""Which columns hold text."""


class DamagedFacts(ValueError):
    """The bytes are not what `encode` makes."""


def encode(facts: FileFacts) -> bytes:
    """The facts of one file."""
    counts = [len(some) for some in (facts.definitions, facts.references, facts.locals)]
    first = [facts.language, facts.package, facts.broken, facts.exports, _columns(facts.imports, Import), counts]
    second = _columns(facts.definitions, Definition)
    third = _numbers(facts.references, Reference), _numbers(facts.locals, Local)
    head = _as_json([one[:2] for one in third])
    texts = _as_json(first), _as_json(second), b"".join((_LENGTH.pack(len(head)), head, third[0][2], third[1][2]))
    pieces = list(map(compress, texts))
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

        used = _Uses(pieces[2], references, locals_)
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

    def __init__(self, piece: bytes, references: int, locals_: int) -> None:
        self._piece = piece
        self._counts = references, locals_
        self._halves: dict[int, Fields] = {}

    def references(self) -> Fields:
        """The columns of `Reference`."""
        return self._half(0)

    def locals(self) -> Fields:
        """The columns of `Local`."""
        return self._half(1)

    def _half(self, number: int) -> Fields:
        if not self._halves:
            data = _unpacked(self._piece)
            (length,) = _LENGTH.unpack_from(data)
            at = _LENGTH.size + length
            head = json.loads(data[_LENGTH.size : at])
            for half, kind in enumerate((Reference, Local)):
                columns: list[Sequence[Any]] = []
                for code in head[half][1]:
                    numbers = array(code)
                    end = at + numbers.itemsize * self._counts[half]
                    numbers.frombytes(data[at:end])
                    columns.append(numbers)
                    at = end
                self._halves[half] = _told(kind, head[half][0], columns)
        return self._halves.pop(number)


def _as_json(document: Sequence[Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _from_json(piece: bytes) -> Any:
    return json.loads(_unpacked(piece))


def _unpacked(piece: bytes) -> bytes:
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(piece, LARGEST)
    except zlib.error as error:
        raise DamagedFacts("the facts of a file are damaged") from error
    if not unpacking.eof:
        raise DamagedFacts("the facts of a file are too long, or cut short")
    return text


def _columns(facts: Sequence[_Fact], kind: type[_Fact]) -> list[Sequence[Any]]:
    return [column(facts, name) for name in names_of_fields(kind)]


def _numbers(facts: Sequence[_Fact], kind: type[_Fact]) -> tuple[list[str], str, bytes]:
    """The table of texts, the type of each column's numbers, the numbers."""
    columns, texts = _columns(facts, kind), _TEXTS[kind]
    strings = list(dict.fromkeys(chain.from_iterable([columns[place] for place in texts])))
    places = {text: place for place, text in enumerate(strings)}
    for place in texts:
        columns[place] = list(map(places.__getitem__, columns[place]))
    numbers = list(map(_array, columns))
    return strings, "".join([one.typecode for one in numbers]), b"".join([one.tobytes() for one in numbers])


def _array(column: Sequence[int]) -> array[int]:
    try:
        return array("h", column)
    except OverflowError:
        return array("i", column)


def _told(kind: type[Any], strings: Sequence[str], columns: Sequence[Sequence[int]]) -> Fields:
    """The columns as tuples and arrays, which the garbage collector looks at once or never."""
    texts = _TEXTS[kind]
    return [tuple(map(strings.__getitem__, one)) if place in texts else one for place, one in enumerate(columns)]
