"""Training batches: examples packed into rows, kept apart by document numbers, weighted by what is learnt from."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import layout
from .loops import looped
from .shards import Example, read

Array = npt.NDArray[Any]

_REGIONS = {layout.SUFFIX: 0.3, layout.PREFIX: 1.0, layout.MIDDLE: 4.0}
"""The weight of a token by the control token that stands before its stretch; what other files say has none."""
_END = 4.0
_EVEN = {layout.MIDDLE: 2.0}
"""The same where all tokens are learnt from: the rest count one."""

_LOOK_AGAIN = 64
_POOL = 256
"""Examples that are at hand when a row is filled."""


@dataclass(frozen=True, slots=True)
class Batch:
    """`ids` (int32, rows × (length + 1)); `weights` (float32) and `documents` (int32), rows × length.

    `weights` belong to the predicted tokens, below zero where one is learnt against; `documents` number the examples of
    a row by their tokens read.
    """

    ids: Array
    weights: Array
    documents: Array


def weights_of(example: Example, vocabulary: int, *, even: bool = False) -> Array:
    """What each token of an example counts when it is predicted; the first is never. `even`: all are learnt from."""
    ids = np.asarray(example.ids)
    first = vocabulary - len(layout.CONTROL)
    marks = [(int(at), int(ids[at]) - first) for at in np.flatnonzero(ids >= first)]
    regions = _EVEN if even else _REGIONS
    weights = np.full(len(ids), float(even), dtype=np.float32)
    for at, control in marks:
        if control in regions:
            weights[at + 1 :] = regions[control]
        elif even:
            weights[at + 1 :] = 1
    for at, _ in marks:
        weights[at] = 0
    weights[-1] = regions[layout.MIDDLE] if even else _END
    return weights


class Packer:
    """Fills rows of `length` predicted tokens with examples; `seed` decides everything.

    A share of them, `loops`, is shown breaking off in a loop; `even` as `weights_of` has it.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        vocabulary: int,
        length: int,
        seed: int,
        loops: float = 0.0,
        *,
        even: bool = False,
    ) -> None:
        self._examples = [example for example in examples if len(example.ids) <= length + 1]
        self._vocabulary, self._length = vocabulary, length
        self._loops, self._even = loops, even
        self._rng = random.Random(seed)

    def batches(self, rows: int) -> Iterator[Batch]:
        """Every example once, in an order of its own at each call; what fills no whole batch is left out."""
        order = list(range(len(self._examples)))
        self._rng.shuffle(order)
        coming = (self._shown(self._examples[at]) for at in order)
        waiting = list(islice(coming, _POOL))
        made: list[tuple[Array, Array, Array]] = []
        while waiting:
            made.append(self._row(waiting, coming))
            if len(made) == rows:
                ids, weights, documents = (np.stack(part) for part in zip(*made, strict=True))
                yield Batch(ids, weights[:, 1:], documents[:, :-1])
                made = []

    def _shown(self, example: Example) -> tuple[Array, Array]:
        ids, weights = np.asarray(example.ids), weights_of(example, self._vocabulary, even=self._even)
        if self._rng.random() < self._loops:
            other = looped(ids, weights, example.middle, self._rng)
            if len(other[0]) <= self._length + 1:
                return other
        return ids, weights

    def _row(
        self, waiting: list[tuple[Array, Array]], coming: Iterator[tuple[Array, Array]]
    ) -> tuple[Array, Array, Array]:
        """One row: the first that waits, then those that fit, in the order of their waiting."""
        size = self._length + 1
        ids = np.full(size, self._vocabulary - len(layout.CONTROL) + layout.PAD, dtype=np.int32)
        weights = np.zeros(size, dtype=np.float32)
        documents = np.zeros(size, dtype=np.int32)
        at, number, place = 0, 0, 0
        while place < len(waiting):
            shown, learnt = waiting[place]
            if at + len(shown) > size:
                place += 1
                continue
            del waiting[place]
            waiting += islice(coming, 1)
            number += 1
            end = at + len(shown)
            ids[at:end] = shown
            weights[at:end] = learnt
            documents[at:end] = number
            at = end
        return ids, weights, documents


def epochs(
    folder: Path, vocabulary: int, rows: int, length: int, seed: int, loops: float = 0.0, *, even: bool = False
) -> Iterator[Batch]:
    """Batches without end; a round ends early where shards were added meanwhile, so that they soon take part."""
    while True:
        known = len(list(folder.iterdir()))
        packer = Packer(list(read(folder)), vocabulary, length, seed, loops, even=even)
        number = 0
        for number, batch in enumerate(packer.batches(rows), 1):
            yield batch
            if number % _LOOK_AGAIN == 0 and len(list(folder.iterdir())) != known:
                break
        if not number:
            raise ValueError(f"{folder}: not enough examples for one batch of {rows} × {length} tokens")
        seed += 1


def sample(folder: Path, per_group: int, seed: int) -> list[Example]:
    """Some examples of each kind of hole, those inside words apart: to measure the loss on."""
    groups: dict[tuple[str, bool], list[Example]] = defaultdict(list)
    for example in read(folder):
        groups[example.kind, example.inside_word].append(example)
    rng = random.Random(seed)
    chosen: list[Example] = []
    for key in sorted(groups):
        rng.shuffle(groups[key])
        chosen += groups[key][:per_group]
    return chosen
