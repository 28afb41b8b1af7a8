"""From gathered definitions to the columns of a pool."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..candidates import Candidate
from ..conventions import is_test
from ..document import Snapshot
from ..facts import TYPES, Definition
from ..view import Found
from .features import Column
from .pool import Held, Pool, Table, table
from .profile import Profile
from .similar import Similar, Usage

_POPULAR = 1 / math.log(1_000)
_PLAIN = frozenset({"go", "cpp", "c", "ruby"})
"""Languages whose members can be told by themselves, without the line of their class."""

_NUMBERS = [
    Column.COUSAGE,
    Column.POPULAR,
    Column.TOGETHER,
    Column.PAIR,
    Column.NEAR_PATH,
    Column.SIMILAR_FILE,
    Column.IN_TEST,
    Column.PRIVATE,
    Column.MEMBER,
    Column.FIELD,
    Column.TYPE,
    Column.VALUE,
    Column.LENGTH,
    Column.LONG_NAME,
]
"""The columns that every candidate has a number for, as `_made` fills them."""


@dataclass(slots=True)
class Row:
    """A gathered definition: `share` says how surely `name` means it, `via` through which name its owner is seen."""

    path: str
    definition: Definition
    name: str
    why: str
    marks: dict[Column, float]
    share: float
    via: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What else was found out: files in all, what similar files use, what is held, what stands together."""

    total: int
    usage: Usage
    changed_with: Mapping[str, float]
    held: Sequence[tuple[Held, Found]]
    companions: Mapping[str, Mapping[str, float]]


class Filling:
    """Fills the columns for one document."""

    def __init__(
        self,
        snapshot: Snapshot,
        own: Profile,
        similar: Similar,
        counted: Callable[[str], int],
        words: Callable[[str], frozenset[str]],
    ) -> None:
        self._snapshot, self._path, self._own, self._similar = snapshot, snapshot.path, own, similar
        self._counted, self._words = counted, words
        self._folder = self._path.rpartition("/")[0]

    def pool(self, rows: Sequence[Row], around: Around) -> Pool:
        """Make the pool of `rows`."""
        total, usage, changed_with = around.total, around.usage.names, around.changed_with
        resembling = dict(around.usage.files)
        counted, words = self._counted, self._words
        if not rows:
            return Pool(self._snapshot.version, self._snapshot.language, "nothing of this workspace is within reach")
        files: dict[str, tuple[float, ...]] = {}
        own_test = is_test(self._path)
        best = max(resembling.values(), default=1.0)
        names: dict[str, int] = {}
        candidates: list[Candidate] = []
        marked = np.zeros((len(rows), int(Column.SEEN)), np.float32)
        numbers: list[tuple[float, ...]] = []
        places = {
            (row.path, row.definition.symbol): number for number, row in enumerate(rows) if row.definition.kind in TYPES
        }
        owners: dict[tuple[str, str], int] = {}
        owner_of = np.full(len(rows), -1, np.int32)
        via_of = np.full(len(rows), -1, np.int32)
        plain = self._own.facts.language in _PLAIN
        for number, row in enumerate(rows):
            definition, path = row.definition, row.path
            of_file = files.get(path)
            if of_file is None:
                of_file = files[path] = self._of_file(path, own_test, resembling.get(path, 0.0) / best, changed_with)
            for column, value in row.marks.items():
                marked[number, column] = value
            text, kind, name, owner = definition.text, definition.kind, definition.name, definition.owner
            cost = counted(text)
            cousage = usage.get(name, 0.0) * row.share
            numbers.append(
                (
                    cousage,
                    row.share * math.log(1 + len(self._similar.using(name))) * _POPULAR,
                    *of_file,
                    not definition.exported or name.startswith("_"),
                    bool(owner),
                    kind == "field",
                    kind in TYPES,
                    kind in ("constant", "variable"),
                    math.log(1 + cost) / 4,
                    min(len(name), 24) / 24,
                )
            )
            parent = None
            if owner:
                key = (path, owner)
                owner_of[number] = owners.setdefault(key, len(owners))
                if not plain:
                    parent = places.get(key)
                if row.via:
                    via_of[number] = names.setdefault(row.via, len(names))
            symbol = f"{owner}.{name}" if owner else name
            candidates.append(
                Candidate(
                    path,
                    definition.start_line,
                    definition.end_line,
                    text,
                    cost,
                    symbol,
                    row.name,
                    row.why,
                    parent,
                    definition.last_line,
                )
            )
            names.setdefault(row.name, len(names))
        static = marked
        static[:, _NUMBERS] = np.array(numbers, np.float32)
        static[:, Column.COUSAGE_ROOT] = np.sqrt(static[:, Column.COUSAGE])
        static[:, Column.CONSTANT] = 1.0
        uses = sorted(
            (line - 1, names[name]) for name, lines in self._own.uses.items() if name in names for line in lines
        )
        rarity = math.log(total)
        return Pool(
            version=self._snapshot.version,
            language=self._snapshot.language,
            candidates=tuple(candidates),
            static=static,
            share=np.array([row.share for row in rows], np.float32),
            name=np.array([names[row.name] for row in rows], np.int32),
            via=via_of,
            owner=owner_of,
            names=names,
            use_name=np.array([name for _, name in uses], np.int32),
            use_line=np.array([line for line, _ in uses], np.int32),
            held=tuple(
                Held(item.first, item.last, item.line, owners[key], item.text)
                for item, found in around.held
                if (key := (found.path, found.definition.symbol)) in owners
            ),
            words=_words([row.definition.name for row in rows], words),
            owner_words=_words([row.definition.owner for row in rows], words),
            companions=self._companions(rows, around.companions, rarity, total),
            headers={path: counted(f"# {path}") for path in files},
            places={one.place: number for number, one in enumerate(candidates)},
        )

    def _companions(
        self, rows: Sequence[Row], companions: Mapping[str, Mapping[str, float]], rarity: float, total: int
    ) -> Table:
        by_name: dict[str, list[int]] = {}
        for number, row in enumerate(rows):
            by_name.setdefault(row.definition.name, []).append(number)
        entries: dict[tuple[str, int], float] = {}
        for name, others in companions.items():
            rare = self._similar.rarity(name, total) / rarity
            for other in others.keys() & by_name.keys():
                weight = others[other] * rare
                for number in by_name[other]:
                    entries[name, number] = weight
        return table(entries)

    def _of_file(
        self, path: str, own_test: bool, resembles: float, changed_with: Mapping[str, float]
    ) -> tuple[float, ...]:
        folder = path.rpartition("/")[0]
        mine, theirs = self._folder.split("/"), folder.split("/")
        common = 0
        for one, other in zip(mine, theirs, strict=False):
            if one != other:
                break
            common += 1
        steps = len(mine) + len(theirs) - 2 * common
        return (
            changed_with.get(path, 0.0),
            float(_stem(path) == _stem(self._path)),
            1 / (1 + steps),
            resembles,
            float(is_test(path) and not own_test),
        )


def _stem(path: str) -> str:
    """A file's name without what makes it a test."""
    name = path.rpartition("/")[2].partition(".")[0].lower()
    for mark in ("test_", "_test", "tests", "test", "spec"):
        name = name.removeprefix(mark).removesuffix(mark)
    return name


def _words(names: Sequence[str], words_of: Callable[[str], frozenset[str]]) -> Table:
    """How much each word of a name says about it: rare words more; all words of a name together 1."""
    parts = [words_of(name) for name in names]
    counts: dict[str, int] = {}
    for words in parts:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    entries: dict[tuple[str, int], float] = {}
    for number, words in enumerate(parts):
        weights = {word: math.log(1 + len(names) / counts[word]) for word in sorted(words)}
        whole = sum(weights.values()) or 1.0
        for word, weight in weights.items():
            entries[word, number] = weight / whole
    return table(entries)
