"""What a file says as bytes and back. Damaged bytes are an error, never a crash and never code that runs.

Format: zlib (whose checksum tells damage) over JSON, `[language, package, broken, exports, definitions, imports,
references, locals]`, each of the last four in columns, one for each field; text in columns of references and locals is
a place in a table of strings, because there are hundreds of them and few different strings.
"""

from __future__ import annotations

import json
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import Any, Final, TypeVar

from ..facts import Definition, FileFacts, Import, Local, Reference

LARGEST = 32_000_000
"""Bytes of JSON beyond which nothing is decoded."""

_LEVEL = 1
_Fact = TypeVar("_Fact", Definition, Import, Reference, Local)
_TUPLES: Final = ("bases", "mentions")
_AS_STRINGS: Final = frozenset({"str", "Use"})


class DamagedFacts(ValueError):
    """The bytes are not what `encode` makes."""


def encode(facts: FileFacts) -> bytes:
    """The facts of one file."""
    document = [
        facts.language,
        facts.package,
        facts.broken,
        facts.exports,
        _columns(facts.definitions, Definition),
        _columns(facts.imports, Import),
        *_with_table(facts.references, Reference),
        *_with_table(facts.locals, Local),
    ]
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode("ascii"), _LEVEL)


def decode(data: bytes) -> FileFacts:
    """The facts again; raises `DamagedFacts`."""
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(data, LARGEST)
        if not unpacking.eof:
            raise DamagedFacts("too long, or cut short")
        language, package, broken, exports, definitions, imports, used, references, held, bound = json.loads(text)
        for place in map(_names(Definition).index, _TUPLES):
            definitions[place] = list(map(tuple, definitions[place]))
        return FileFacts(
            language=language,
            definitions=_made(Definition, definitions),
            imports=_made(Import, imports),
            references=_made(Reference, _told(Reference, used, references)),
            locals=_made(Local, _told(Local, held, bound)),
            exports=None if exports is None else tuple(exports),
            package=package,
            broken=broken,
        )
    except (zlib.error, ValueError, TypeError, IndexError, RecursionError) as error:
        raise DamagedFacts("the facts of a file are damaged") from error


class _Strings(dict[str, int]):
    """Each string's place in the table; a new one is put at its end."""

    def __missing__(self, text: str) -> int:
        place = self[text] = len(self)
        return place


def _names(kind: type[_Fact]) -> list[str]:
    return [one.name for one in fields(kind)]


def _columns(facts: Sequence[_Fact], kind: type[_Fact]) -> list[list[Any]]:
    return [[getattr(one, name) for one in facts] for name in _names(kind)]


def _texts(kind: type[_Fact]) -> list[int]:
    """Which columns hold text."""
    return [place for place, one in enumerate(fields(kind)) if one.type in _AS_STRINGS]


def _with_table(facts: Sequence[_Fact], kind: type[_Fact]) -> tuple[list[str], list[list[Any]]]:
    strings = _Strings()
    columns = _columns(facts, kind)
    for place in _texts(kind):
        columns[place] = [strings[text] for text in columns[place]]
    return list(strings), columns


def _told(kind: type[_Fact], strings: Sequence[str], columns: list[list[Any]]) -> list[list[Any]]:
    for place in _texts(kind):
        columns[place] = list(map(strings.__getitem__, columns[place]))
    return columns


def _made(kind: type[_Fact], columns: list[list[Any]]) -> tuple[_Fact, ...]:
    """The facts of these columns, their slots filled column by column: half the time of calling the class."""
    count = len(columns[0])
    setters: list[Callable[[_Fact, Any], None]] = [kind.__dict__[name].__set__ for name in _names(kind)]
    if len(setters) != len(columns) or any(len(column) != count for column in columns):
        raise DamagedFacts("columns are missing, or of different lengths")
    made = tuple([object.__new__(kind) for _ in range(count)])
    for setter, column in zip(setters, columns, strict=True):
        _exhaust(map(setter, made, column))
    return made


def _exhaust(work: Iterable[None]) -> None:
    deque(work, maxlen=0)
