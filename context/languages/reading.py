"""Text or tree → what the file says, for every language that has a folder here."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter, itemgetter
from typing import Any

from ..columns import Columns, column, names_of_fields
from ..facts import Definition, FileFacts, Local, Reference
from ..parsing import MAX_SECONDS, Parsed, Refused, TreeParser
from .loading import language_of, loaded
from .source import Source, TooLong
from .structure import StructureReader
from .uses import references

__all__ = ["language_of", "read", "read_text", "read_within"]

_NAMES = names_of_fields(Definition)
_FIELDS = attrgetter(*_NAMES)
_MENTIONS = _NAMES.index("mentions")
_LINE = itemgetter(names_of_fields(Local).index("line"))

_SLOWER = 4.0
"""So many times as long as its parsing the reading of a file may take; a usual one takes three times as long."""


def read_text(language: str, text: str, seconds: float = MAX_SECONDS, *, alone: bool = False) -> FileFacts | Refused:
    """Parse a text and read it, or say why not; `alone` as `TreeParser.parse` has it."""
    parsed = TreeParser(language).parse(text, seconds=seconds, alone=alone)
    return parsed if isinstance(parsed, Refused) else read_within(language, parsed, seconds * _SLOWER, alone=alone)


def read_within(language: str, parsed: Parsed, seconds: float, *, alone: bool = False) -> FileFacts | Refused:
    """As `read`, in at most so many seconds of this thread on a processor; or why not."""
    try:
        return read(language, parsed, alone=alone, seconds=seconds)
    except TooLong:
        return Refused("takes too long to read")


def read(
    language: str,
    parsed: Parsed,
    within: tuple[int, int] | None = None,
    used: tuple[int, int] | None = None,
    *,
    alone: bool = False,
    seconds: float = math.inf,
) -> FileFacts:
    """What the file of a tree says; half-written code yields what can be recognised.

    `language` is the identifier that it was parsed as. On the thread that parsed it. With `within` and `used` (bytes)
    only what those touch is read: definitions, locals and imports of the one, uses of the other. `alone` as
    `TreeParser.parse` has it. Raises `TooLong` after so many `seconds` of this thread on a processor.
    """
    one = loaded(language, alone=alone)
    if one is None:
        return FileFacts(language)
    source = Source(parsed.source, seconds)
    root = parsed.root
    draft = StructureReader(one.rules, one.structure, root, source, within).read()
    uses = references(one.rules, one.references, root, source, draft, used)
    return FileFacts(
        language=language,
        definitions=_with_types(draft.definitions, uses),
        imports=tuple(sorted(draft.imports, key=lambda item: item.start_line)),
        references=uses,
        locals=Columns.of(Local, sorted(draft.locals, key=_LINE)),
        exports=tuple(dict.fromkeys(draft.exports)) if draft.exports is not None else None,
        package=draft.package,
        broken=root.has_error,
    )


def _with_types(definitions: list[Definition], used: Columns[Reference]) -> Columns[Definition]:
    """The definitions, their mentions led by the names that stand in type positions of their signatures."""
    columns: list[Sequence[Any]] = list(zip(*map(_FIELDS, definitions), strict=True)) or [()] * len(_NAMES)
    typed = [place for place, use in enumerate(column(used, "use")) if use == "type"]
    all_lines, all_names = column(used, "line"), column(used, "name")
    lines = [all_lines[place] for place in typed]
    mentions = list(columns[_MENTIONS])
    for number, item in enumerate(definitions if typed else ()):
        low, high = bisect_left(lines, item.start_line), bisect_right(lines, item.end_line)
        if low < high:
            names = dict.fromkeys([all_names[place] for place in typed[low:high]])
            names.update(dict.fromkeys(item.mentions))
            names.pop(item.name, None)
            mentions[number] = tuple(names)
    columns[_MENTIONS] = mentions
    return Columns(Definition, columns)
