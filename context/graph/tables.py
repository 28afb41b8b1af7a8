"""The index in memory: a few flat arrays, read in milliseconds, looked up by bisection.

Names and paths are text joined by line breaks; whatever hangs on them is an array of file numbers with an array of
ends: the files of name `n` are `files[ends[n - 1] : ends[n]]`. Numbers are of this machine's byte order (`store` keeps
no file of the other).
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import overload

_EMPTY = b""
_SLICE = 50_000
"""Numbers that are checked at once: other threads wait meanwhile."""


class Tables:
    """What `parts` says. Raises `ValueError` where the parts do not fit together. Nothing in it changes."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self.paths = _lines(parts.get("paths", _EMPTY))
        self.ids = {path: number for number, path in enumerate(self.paths)}
        self.facts = memoryview(parts.get("facts", _EMPTY)).cast("q")
        self.others = frozenset(_lines(parts.get("others", _EMPTY)))
        self._names = _Names(parts.get("names", _EMPTY), parts.get("name_ends", _EMPTY))
        count = len(self.paths)
        self._defining = Postings(parts, "def", len(self._names), count)
        self._using = Postings(parts, "use", len(self._names), count)
        self._uses = int(parts.get("uses", b"0"))
        self.complete = "complete" in parts
        self._imports = Postings(parts, "imp", count, count)
        self._importers = Postings(parts, "rev", count, count)
        self._history = Postings(parts, "his", count, count)
        self._weights = memoryview(parts.get("his_weights", _EMPTY)).cast("f")
        self.skipped: dict[str, int] = json.loads(parts.get("skipped", b"{}"))
        self.generation = int(parts.get("generation", b"0"))
        if len(self.facts) != count or len(self._weights) != self._history.total or not isinstance(self.skipped, dict):
            raise ValueError("the parts of the index do not fit together")

    def defining(self, name: str) -> Sequence[int]:
        """The files that define a name."""
        return self._defining[self._names.find(name)]

    def using(self, name: str) -> Sequence[int]:
        """The files that refer to a name."""
        return self._using[self._names.find(name)]

    def imports(self, file: int) -> Sequence[int]:
        """The files that the imports of a file lead to."""
        return self._imports[file]

    def importers(self, file: int) -> Sequence[int]:
        """The files whose imports lead to a file."""
        return self._importers[file]

    def changed_with(self, file: int) -> list[tuple[int, float]]:
        """The files that were committed together with a file, best first."""
        start, end = self._history.span(file)
        return list(zip(self._history.files[start:end], self._weights[start:end], strict=True))

    def edges(self) -> int:
        """How many edges there are: imports, uses of names that are defined here, and co-changes."""
        return self._imports.total + self._uses + self._history.total


class Postings:
    """File numbers by key, the keys being 0, 1, 2 …; of another key, none."""

    def __init__(self, parts: Mapping[str, bytes], name: str, keys: int, files: int) -> None:
        self.files = memoryview(parts.get(f"{name}_files", _EMPTY)).cast("I")
        self._ends = memoryview(parts.get(f"{name}_ends", _EMPTY)).cast("I")
        self.total = len(self.files)
        if len(self._ends) not in (0, keys) or (len(self._ends) and self._ends[-1] != self.total):
            raise ValueError("the parts of the index do not fit together")
        for start in range(0, self.total, _SLICE):
            if max(self.files[start : start + _SLICE]) >= files:
                raise ValueError("the index names a file that is not in it")

    def span(self, key: int) -> tuple[int, int]:
        """Where the files of a key stand."""
        if not 0 <= key < len(self._ends):
            return 0, 0
        return (self._ends[key - 1] if key else 0), self._ends[key]

    def __getitem__(self, key: int) -> Sequence[int]:
        start, end = self.span(key)
        return self.files[start:end]


class _Names(Sequence[bytes]):
    """Sorted names, found by bisection without an object for each."""

    def __init__(self, text: bytes, ends: bytes) -> None:
        self._text = text
        self._ends = memoryview(ends).cast("I")
        if len(self._ends) and self._ends[-1] != len(text):
            raise ValueError("the names of the index are cut short")

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        return self._text[self._ends[place - 1] if place else 0 : self._ends[place]]

    def find(self, name: str) -> int:
        """The number of a name, -1 where no file has it."""
        key = name.encode("utf-8", "replace")
        place = bisect_left(self, key)
        return place if place < len(self) and self[place] == key else -1


def lay_out_names(files: Iterable[tuple[list[bytes], list[bytes]]]) -> dict[str, bytes]:
    """The parts for the names that each file, in order, defines and uses.

    A name stays out that nobody defines and only one file uses: nothing can be found through it.
    """
    defining: dict[bytes, array[int]] = {}
    using: dict[bytes, array[int]] = {}
    for number, (defined, used) in enumerate(files):
        for name in defined:
            _add(defining, name, number)
        for name in used:
            _add(using, name, number)
    nobody = array("I")
    order = sorted({*defining, *(name for name, files in using.items() if len(files) > 1)})
    return {
        "names": b"".join(order),
        "name_ends": _running(map(len, order)),
        "uses": str(sum(len(using.get(name, nobody)) for name in defining)).encode(),
        **_postings("def", [defining.get(name, nobody) for name in order]),
        **_postings("use", [using.get(name, nobody) for name in order]),
    }


def lay_out_imports(targets: Sequence[Iterable[int]]) -> dict[str, bytes]:
    """The parts for where the imports of each file lead, and back."""
    forth = [array("I", sorted(set(one))) for one in targets]
    back: list[array[int]] = [array("I") for _ in forth]
    for number, one in enumerate(forth):
        for target in one:
            back[target].append(number)
    return {**_postings("imp", forth), **_postings("rev", back)}


def lay_out_history(together: Sequence[Sequence[tuple[int, float]]]) -> dict[str, bytes]:
    """The parts for the files that were committed together with each file."""
    parts = _postings("his", [array("I", [file for file, _ in one]) for one in together])
    return {**parts, "his_weights": array("f", [weight for one in together for _, weight in one]).tobytes()}


def _add(table: dict[bytes, array[int]], name: bytes, number: int) -> None:
    known = table.get(name)
    if known is None:
        table[name] = array("I", (number,))
    else:
        known.append(number)


def _postings(name: str, lists: Sequence[array[int]]) -> dict[str, bytes]:
    return {f"{name}_files": b"".join([one.tobytes() for one in lists]), f"{name}_ends": _running(map(len, lists))}


def _running(lengths: Iterable[int]) -> bytes:
    total, ends = 0, array("I")
    for length in lengths:
        total += length
        ends.append(total)
    return ends.tobytes()


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8").split("\n") if data else []
