"""The candidates of one document, with everything about them that does not depend on the cursor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..candidates import Candidate

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LEAST_LETTERS = 3


def split(name: str) -> set[str]:
    """The words of a name in lower case, without the shortest and without a plural's s."""
    words = {word.lower() for word in _WORDS.findall(name) if len(word) >= _LEAST_LETTERS}
    return {word[:-1] if len(word) > _LEAST_LETTERS and word.endswith("s") else word for word in words}


@dataclass(frozen=True, slots=True)
class Table:
    """Weights between keys and candidates: entry i says that the key numbered `key[i]` counts for `candidate[i]`."""

    keys: Mapping[str, int]
    key: Ints
    candidate: Ints
    weight: Floats

    def spread(self, values: Mapping[str, float], size: int) -> Floats:
        """For each of `size` candidates the sum of its keys' values, each times its weight."""
        vector = np.zeros(len(self.keys) + 1, np.float32)
        for name, value in values.items():
            if (number := self.keys.get(name)) is not None:
                vector[number] = value
        return np.bincount(self.candidate, self.weight * vector[self.key], size).astype(np.float32)


def table(entries: Mapping[tuple[str, int], float]) -> Table:
    """Make a table of (key, candidate) → weight."""
    keys: dict[str, int] = {}
    for key, _ in entries:
        keys.setdefault(key, len(keys))
    return Table(
        keys,
        np.array([keys[key] for key, _ in entries], np.int32),
        np.array([candidate for _, candidate in entries], np.int32),
        np.array(list(entries.values()), np.float32),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """Something whose type is known: from line `first` to `last` (0-based) it holds the owner numbered `owner`."""

    first: int
    last: int
    line: int
    owner: int
    text: str


@dataclass(frozen=True, slots=True)
class Pool:
    """What a refresh leaves behind for one file: never changed afterwards.

    Row i of everything belongs to `candidates[i]`. `static` holds the columns that do not depend on the cursor,
    `share` how surely its name means it, `name` the number in `names` under which it is used here, `via` that of its
    owner (-1 without), `owner` the number of the type it belongs to (-1 without). `use_name` stands on line
    `use_line` (0-based). `reason` says why there are no candidates, where there are none.
    """

    version: int
    language: str = ""
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()
    static: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    share: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    name: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    via: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    owner: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    names: Mapping[str, int] = field(default_factory=dict)
    use_name: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    use_line: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    held: tuple[Held, ...] = ()
    words: Table = field(default_factory=lambda: table({}))
    owner_words: Table = field(default_factory=lambda: table({}))
    companions: Table = field(default_factory=lambda: table({}))
    headers: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def with_candidates(self, candidates: tuple[Candidate, ...]) -> Pool:
        """The same pool with equal candidates that are the same objects as before."""
        return replace(self, candidates=candidates)
