"""Endless training batches, made in a process of their own while the model trains."""

from __future__ import annotations

import multiprocessing
import os
import queue
import random
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from . import layout
from .corpus import Source, load
from .holes import Lines
from .tokenizer import Vocabulary

Array = npt.NDArray[Any]
Batch = tuple[Array, Array]
"""Token ids (int32, rows × (length + 1)) and loss weights (float32, rows × length)."""

MIDDLE_WEIGHT = 2.0
END_WEIGHT = 1.5
"""The end after the missing text; weighted like the text, a small model in doubt about a word ends too early."""
_SMALLEST = 96
_QUEUED = 8


class Maker:
    """Draws rows of packed examples; `seed` decides everything."""

    def __init__(self, sources: list[Source], vocabulary: Vocabulary, seed: int) -> None:
        self._sources = sources
        self._vocabulary = vocabulary
        self._rng = random.Random(seed)
        # Long files give more, but not in proportion: the corpus has few of them and they repeat themselves.
        self._weights = np.cumsum([min(len(source.text), 40_000) ** 0.8 for source in sources]).tolist()
        self._lines: dict[int, Lines] = {}

    def batch(self, rows: int, length: int) -> Batch:
        """`rows` rows of `length` predicted tokens each."""
        made = [self._row(length + 1) for _ in range(rows)]
        ids = np.stack([ids for ids, _ in made])
        return ids, np.stack([weights[1:] for _, weights in made])

    def _row(self, size: int) -> Batch:
        ids = np.full(size, self._vocabulary.control(layout.PAD), dtype=np.int32)
        weights = np.zeros(size, dtype=np.float32)
        at = 0
        while size - at >= _SMALLEST:
            one = self._example(size - at)
            if one is None:
                continue
            tokens, middle = one
            ids[at : at + len(tokens)] = tokens
            weights[at : at + len(tokens)] = 1.0
            weights[at + middle : at + len(tokens)] = MIDDLE_WEIGHT
            weights[at + len(tokens) - 1] = END_WEIGHT
            at += len(tokens)
        return ids, weights

    def _example(self, room: int) -> tuple[list[int], int] | None:
        index = self._rng.choices(range(len(self._sources)), cum_weights=self._weights)[0]
        source = self._sources[index]
        lines = self._lines.get(index)
        if lines is None:
            lines = self._lines[index] = Lines(source.text)
        drawn = layout.example(source, lines, self._rng, int(room * self._rng.choice((0.8, 0.95, 1.0))))
        if drawn is None:
            return None
        tokens = self._vocabulary.encode_segments(drawn.prompt)
        middle = [*self._vocabulary.encode(drawn.middle), self._vocabulary.control(layout.END)]
        return (tokens + middle, len(tokens)) if len(tokens) + len(middle) <= room else None


class Stream:
    """Batches from a background process; leaving the `with` block ends it."""

    def __init__(self, corpus: Path, vocabulary: Path, seed: int, rows: int, length: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._queue: multiprocessing.queues.Queue[Batch] = context.Queue(_QUEUED)
        arguments = (self._queue, corpus, vocabulary, seed, rows, length)
        self._process: SpawnProcess = context.Process(target=_produce, args=arguments, daemon=True)

    def __enter__(self) -> Stream:
        self._process.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._process.terminate()
        self._process.join()

    def next(self) -> Batch:
        """The next batch; raises RuntimeError if the process that makes them is gone."""
        while True:
            try:
                return self._queue.get(timeout=5)
            except queue.Empty:
                if not self._process.is_alive():
                    raise RuntimeError("the process that makes training batches ended; see its output") from None


def _produce(out: Any, corpus: Path, vocabulary: Path, seed: int, rows: int, length: int) -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    maker = Maker(load(corpus), Vocabulary.load(vocabulary), seed)
    while True:
        out.put(maker.batch(rows, length))
