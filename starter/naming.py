"""Holes that name what only other files of a package define: where the symbol graph's lines can be learnt from."""

from __future__ import annotations

import builtins
import keyword
import re
from collections import Counter
from collections.abc import Iterable

from .corpus import Source
from .holes import Hole, word_start
from .workspaces import without_imports

_NAME = re.compile(r"[^\W\d]\w{2,}")
_HEADER = re.compile(r"^[ \t]*(?:(?:async )?def|class)\b.*", re.MULTILINE)
_ASSIGNED = re.compile(r"^[ \t]*(?:self\.)?([^\W\d]\w{2,})[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)
_OF_THE_LANGUAGE = frozenset((*keyword.kwlist, *dir(builtins), "self", "cls"))


class Names:
    """Which names each file of a package uses, and which of them other files define."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._used: dict[str, Counter[str]] = {}
        self._defined: dict[str, frozenset[str]] = {}
        for source in sources:
            self._used[source.path] = _names(source.text)
            self._defined[source.path] = _definitions(source.text)
        self._definers = Counter(name for names in self._defined.values() for name in names)

    def missing(self, source: Source, hole: Hole) -> frozenset[str]:
        """The names of the hole that its own file has nowhere else, imports aside, and some other file defines."""
        hidden = _names(source.text[word_start(source.text, hole.start) : hole.end])
        return frozenset(name for name, count in hidden.items() if self._is_missing(source, name, count))

    def lines(self, source: Source) -> list[int]:
        """The lines (0-based) that have a name which no other line of the file has, and some other file defines."""
        return [
            number
            for number, line in enumerate(source.text.split("\n"))
            if any(self._is_missing(source, name, count) for name, count in _names(line).items())
        ]

    def _is_missing(self, source: Source, name: str, count: int) -> bool:
        elsewhere = self._definers[name] > (name in self._defined[source.path])
        return elsewhere and self._used[source.path][name] <= count


def _names(text: str) -> Counter[str]:
    return Counter(_NAME.findall(without_imports(text)))


def _definitions(text: str) -> frozenset[str]:
    headers = " ".join(_HEADER.findall(text))
    return frozenset((*_NAME.findall(headers), *_ASSIGNED.findall(text))) - _OF_THE_LANGUAGE


def told(names: frozenset[str], texts: Iterable[str]) -> frozenset[str]:
    """Those of the names that some of the texts have."""
    return names & frozenset(name for text in texts for name in _NAME.findall(text))
