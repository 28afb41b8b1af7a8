"""Training examples on disk: one compressed file of arrays for each package, two bytes a token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .holes import KINDS, Kind

_NAMES: tuple[Kind, ...] = tuple(kind for kind, _ in KINDS)


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids of a prompt and, from `middle` on, of what belongs behind it with its end.

    `inside_word` says that the hole begins inside a word.
    """

    ids: Sequence[int]
    middle: int
    kind: Kind
    inside_word: bool


def write(path: Path, examples: Sequence[Example]) -> None:
    """Write a shard whole or not at all."""
    fresh = path.with_suffix(".new.npz")
    np.savez_compressed(
        fresh,
        ids=np.concatenate([np.asarray(example.ids, dtype=np.uint16) for example in examples]),
        lengths=np.array([len(example.ids) for example in examples], dtype=np.int32),
        middles=np.array([example.middle for example in examples], dtype=np.int32),
        kinds=np.array([_NAMES.index(example.kind) for example in examples], dtype=np.uint8),
        inside=np.array([example.inside_word for example in examples], dtype=np.bool_),
    )
    fresh.replace(path)


def read(folder: Path) -> Iterator[Example]:
    """Every example of every shard below a folder; raises FileNotFoundError where there is none."""
    paths = sorted(path for path in folder.glob("*.npz") if not path.name.endswith(".new.npz"))
    if not paths:
        raise FileNotFoundError(f"{folder}: no shards; make them with `python -m twolane.starter.examples`")
    for path in paths:
        with np.load(path) as held:
            ids, lengths, middles = held["ids"], held["lengths"], held["middles"]
            kinds, inside = held["kinds"], held["inside"]
        at = 0
        for length, middle, kind, within in zip(lengths, middles, kinds, inside, strict=True):
            yield Example(ids[at : at + length], int(middle), _NAMES[kind], bool(within))
            at += int(length)
