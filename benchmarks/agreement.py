"""How far answers agree with those of a fresh context: where only rounding differs, and where a block was moved along.

Everything is as the engine loads the starter for anybody, in this process: 16 bits a number, flash attention where it
is the default, as many files at once as are chosen. It is asked suffix first, as it was trained, and prefix first, as
most families want it, where the text behind the cursor can be moved. The reference has nothing in its cache and guesses
nothing. The texts are those of this Python's library, the places are drawn with a seed.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple
from unittest.mock import patch

import numpy as np

from twolane.clients.engine import loading
from twolane.clients.engine.job import Job
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Sequences
from twolane.clients.engine.loaded import Loaded
from twolane.clients.engine.spec import FlashAttention, ModelSpec
from twolane.clients.errors import ModelError
from twolane.clients.model import Extra, Finish, InfillRequest, Usage

from .report import machine, quantile

STARTER = Path(__file__).resolve().parent.parent / "starter" / "twolane-starter.gguf"

Order = Literal["suffix first", "prefix first"]
ORDERS: tuple[Order, ...] = ("suffix first", "prefix first")
Scores = np.ndarray[tuple[int], np.dtype[np.float32]]

CHANGES = (1, 8, 32, 93)
"""Tokens that change before a block that moves. With those that are read again, and one at the seam where the
tokenizer sees other neighbours, the last is as much as the engine lets change (96)."""

HOLE = 1000
_ROOMY = 4096


class Watched(Sequences):
    """Remembers the scores from which a token was chosen last; takes batches of at most `most` tokens."""

    last: Scores
    most = _ROOMY

    @property
    def room(self) -> int:
        """Tokens that still fit into the batch."""
        return super().room - max(0, self._room - self.most)

    def likeliest(self, index: int) -> int:
        """Choose the likeliest token."""
        self.last = self.logits(index).copy()
        return super().likeliest(index)

    def choose(self, index: int, among: np.ndarray[tuple[int], np.dtype[np.int64]] | None, behind: int) -> int:
        """Choose from `among`, or from all."""
        self.last = self.logits(index).copy() if among is None else self.logits(index)[among]
        return super().choose(index, among, behind)


@dataclass
class Answer:
    """The tokens of an answer, the one that ended it among them, and the scores that each was chosen from."""

    tokens: list[int] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)
    usage: Usage | None = None

    @property
    def took(self) -> Usage:
        """What it took."""
        if self.usage is None:
            raise RuntimeError("an answer that never ended")
        return self.usage

    def text(self, text: str, so_far: Callable[[], Usage]) -> None:
        """Its text is not looked at, its tokens are."""

    def done(self, usage: Usage) -> None:
        """It is complete."""
        self.usage = usage

    def failed(self, error: ModelError) -> None:
        """There will be none."""
        raise error


class _Traced(Job):
    """Notes in its answer what each token was chosen from."""

    def __init__(self, request: InfillRequest, answer: Answer, watched: Watched) -> None:
        super().__init__(request, answer)
        self._answer, self._watched = answer, watched

    def take(self, token: int, spelling: bytes, *, ends: bool) -> Finish | None:
        self._answer.tokens.append(token)
        self._answer.scores.append(self._watched.last)
        return super().take(token, spelling, ends=ends)


class Side:
    """One engine's runner over the starter, in this process."""

    def __init__(self, loaded: Loaded, watched: Watched) -> None:
        self.runner, self.model, self.watched = loaded.runner, loaded.model, watched
        self._keys: set[tuple[str, str]] = set()

    def answers(self, *requests: InfillRequest) -> list[Answer]:
        """Answer them all at once."""
        answers = [Answer() for _ in requests]
        for request, answer in zip(requests, answers, strict=True):
            job = _Traced(request, answer, self.watched)
            self._keys.add(job.key)
            self.runner.submit(job)
        while self.runner.busy:
            self.runner.step()
        return answers

    def answer(self, request: InfillRequest) -> Answer:
        """Answer one alone."""
        return self.answers(request)[0]

    def afresh(self, request: InfillRequest) -> Answer:
        """Answer with nothing in the cache."""
        self.clear()
        return self.answer(request)

    def clear(self) -> None:
        """Forget all files."""
        for sequence in self.runner.slots:
            sequence.clear()
        for key in self._keys:
            self.runner.parking.take(key)


@contextmanager
def sides(order: Order, threads: int = 1, attention: FlashAttention = "auto") -> Iterator[tuple[Side, Side]]:
    """Load the starter twice: one that keeps and guesses as it is by default, and the reference."""
    with TemporaryDirectory(prefix="twolane-agreement-") as folder, patch.object(loading, "Sequences", Watched):
        path = STARTER
        if order == "prefix first":
            path = Path(folder, "starter-prefix-first.gguf")
            path.write_bytes(STARTER.read_bytes().replace(b"twolane.layout", b"twolane.unused", 1))
        loader = loading.Loader(Library(), Path(folder))
        spec = ModelSpec(str(path), threads=threads, gpu_layers=0, flash_attention=attention)
        loaded = [loader(spec, lambda _: None) for _ in range(2)]
        kept, fresh = (Side(each, each.sequences) for each in loaded if isinstance(each.sequences, Watched))
        fresh.watched.cuts = False
        try:
            yield kept, fresh
        finally:
            for each in loaded:
                each.close()
            loader.leave(forget=True)


@dataclass(frozen=True, slots=True)
class Place:
    """A hole in a text."""

    path: str
    before: str
    hole: str
    after: str

    def request(self, typed: int = 0, most: int = 48) -> InfillRequest:
        """Ask for at most so many tokens where so many characters of the hole are typed."""
        prefix = self.before + self.hole[:typed]
        return InfillRequest(prefix, self.after, self.path, "w", "library", max_tokens=most, time_limit_ms=600_000)


def places(count: int, seed: int, *, before: int = 2000, hole: int = 40, after: int = 1200) -> list[Place]:
    """Draw places of this Python's library with so many characters around them."""
    chosen, texts = random.Random(seed), []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = path.read_text("utf-8", "replace")
        if text.isascii() and len(text) > 2 * (before + hole + after):
            texts.append((path.name, text))
    found = []
    for _ in range(count):
        name, text = chosen.choice(texts)
        at = chosen.randrange(before, len(text) - hole - after)
        found.append(Place(name, text[at - before : at], text[at : at + hole], text[at + hole : at + hole + after]))
    return found


Asked = Iterator[tuple[InfillRequest, Answer]]
Way = Callable[[Side, Sequence[Place]], Asked]


def in_pieces(kept: Side, drawn: Sequence[Place]) -> Asked:
    """Nothing is kept or guessed: the prompt is read in pieces of 16 tokens."""
    for place in drawn:
        kept.watched.most, kept.watched.cuts = 16, False
        yield place.request(), kept.afresh(place.request())
        kept.watched.most, kept.watched.cuts = _ROOMY, True


def guessed(kept: Side, drawn: Sequence[Place]) -> Asked:
    """Nothing is kept, but what follows is guessed from the text around the cursor."""
    for place in drawn:
        answer = kept.afresh(place.request())
        if answer.took.guessed_tokens:
            yield place.request(), answer


def typed(kept: Side, drawn: Sequence[Place]) -> Asked:
    """A key at a time; prefix first at the end of a file, where nothing is moved."""
    for place in drawn[::4]:
        here = replace(place, after="") if kept.watched.moves else place
        kept.answer(here.request(0, most=1))
        for keys in range(1, 5):
            answer = kept.answer(here.request(keys))
            if answer.took.reused_tokens > answer.took.prompt_tokens // 2:
                yield here.request(keys), answer


def beside(kept: Side, drawn: Sequence[Place]) -> Asked:
    """Four files at once, guesses and all."""
    for at in range(0, len(drawn), 4):
        named = [replace(place, path=f"{number}-{place.path}") for number, place in enumerate(drawn[at : at + 4])]
        requests = [place.request() for place in named]
        kept.clear()
        yield from zip(requests, kept.answers(*requests), strict=True)


def borrowed(kept: Side, drawn: Sequence[Place]) -> Asked:
    """What another file's prompt begins with is taken over: lines of a third one."""
    for place in drawn:
        extras = (Extra("shown.py", place.before[:600]),)
        first = replace(place.request(most=1), prefix="x = 1\n", path="first.py", extras=extras)
        second = replace(place.request(), path="second.py", extras=extras)
        kept.clear()
        kept.answer(first)
        shared = kept.runner.tally.shared_tokens
        answer = kept.answer(second)
        if kept.runner.tally.shared_tokens > shared:
            yield second, answer


def parked(kept: Side, drawn: Sequence[Place]) -> Asked:
    """Two keys later a file is asked for again that had to leave its sequence to others."""
    for place in drawn:
        here = replace(place, after="") if kept.watched.moves else place
        kept.clear()
        kept.answer(here.request(0, most=1))
        for number, _ in enumerate(kept.runner.slots):
            kept.answer(replace(here.request(0, most=1), prefix="x = 1\n", suffix="", path=f"other-{number}.py"))
        answer = kept.answer(here.request(2))
        if answer.took.reused_tokens > answer.took.prompt_tokens // 2:
            yield here.request(2), answer


EXACT: tuple[Way, ...] = (in_pieces, guessed, typed, beside, borrowed, parked)
"""What changes nothing but the size of batches, and so how sums are rounded."""


How = Literal["written at once", "written one by one", "deleted at once"]
HOWS: tuple[How, ...] = ("written at once", "written one by one", "deleted at once")


@dataclass(frozen=True, slots=True)
class Move:
    """So many tokens change before the text behind the cursor, which is moved along."""

    tokens: int
    how: How

    def __call__(self, kept: Side, drawn: Sequence[Place]) -> Asked:
        """Make the change at each place, then ask; places where the text behind was read again are left out."""
        for place in drawn:
            spelt = [len(kept.model.piece(token)) for token in kept.model.tokenize(place.hole)]
            ends = [sum(spelt[:count]) for count in range(max(self.tokens, CHANGES[-1]) + 4)]
            after = (place.hole[ends[-1] :] + place.after)[: len(place.after)]
            requests = [replace(place, after=after).request(end) for end in ends[: self.tokens + 1]]
            requests = [replace(request, heals=False) for request in requests]
            if self.how == "deleted at once":
                requests.reverse()
            before, asked = requests[:-1] if self.how == "written one by one" else requests[:1], requests[-1]
            kept.clear()
            for request in before:
                kept.answer(replace(request, max_tokens=1))
            answer = kept.answer(asked)
            if answer.took.evaluated_tokens < self.tokens + 12:
                yield asked, answer


MOVES = tuple(Move(tokens, how) for how in HOWS for tokens in CHANGES if tokens > 1 or how != "written one by one")


@dataclass
class Agreement:
    """What came of comparing answers: total variations token by token up to where two part, and how they part."""

    distances: list[list[float]] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    tokens: int = 0
    other_first: int = 0

    def add(self, asked: Asked, fresh: Side) -> None:
        """Compare what was answered with what is answered afresh."""
        for request, answer in asked:
            self.note(answer, fresh.afresh(request))

    def note(self, answer: Answer, reference: Answer) -> None:
        """Compare two answers to one question."""
        self.tokens += len(reference.tokens)
        self.other_first += answer.tokens[0] != reference.tokens[0]
        same = next(
            (at for at, pair in enumerate(zip(answer.tokens, reference.tokens, strict=False)) if pair[0] != pair[1]),
            None,
        )
        until = len(reference.tokens) if same is None else same + 1
        scores = zip(answer.scores[:until], reference.scores[:until], strict=False)
        self.distances.append([float(np.abs(_odds(one) - _odds(other)).sum()) / 2 for one, other in scores])
        if same is not None:
            self.gaps.append(_gap(reference.scores[same]))
        elif len(answer.tokens) != len(reference.tokens):
            raise RuntimeError("one answer goes on where the other was cut off")

    @property
    def answers(self) -> int:
        """How many were compared."""
        return len(self.distances)

    @property
    def everywhere(self) -> list[float]:
        """The total variation at every token that was compared."""
        return list(chain.from_iterable(self.distances))

    @property
    def next_tokens(self) -> list[float]:
        """The total variation of the next token alone."""
        return [each[0] for each in self.distances]


def _odds(scores: Scores) -> Scores:
    weights = np.exp(scores - scores.max())
    shares: Scores = weights / weights.sum()
    return shares


def _gap(scores: Scores) -> float:
    """How far the best is ahead of the next, in the logarithm of their odds."""
    second, first = np.partition(scores, -2)[-2:]
    return float(first - second)


class Row(NamedTuple):
    """How often something else was said; of the rest see `Agreement`."""

    what: str
    answers: int
    tokens: int
    other_next_token: int
    other_answer: int
    widest_gap: float
    mean: float
    p95: float
    most: float


def _row(what: str, told: Agreement, distances: Sequence[float]) -> Row:
    distances = distances or [0.0]
    mean, p95, most = statistics.fmean(distances), quantile(distances, 0.95), max(distances)
    widest = max(told.gaps, default=0.0)
    return Row(what, told.answers, told.tokens, told.other_first, len(told.gaps), widest, mean, p95, most)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=60, help="how many places for each row (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="draws the places (default 1)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the model (default 1)")
    parser.add_argument("--flash-attention", choices=("auto", "on", "off"), default="auto", help="as in the settings")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    given = parser.parse_args()
    where = machine()
    rows: list[Row] = []
    for order in ORDERS:
        with sides(order, given.threads, given.flash_attention) as (kept, fresh):
            for way in EXACT:
                told = Agreement()
                told.add(way(kept, places(given.places, given.seed)), fresh)
                rows.append(_row(f"{order}, {way.__name__.replace('_', ' ')}", told, told.everywhere))
            for move in MOVES if kept.watched.moves else ():
                told = Agreement()
                told.add(move(kept, places(given.places, given.seed, hole=HOLE)), fresh)
                rows.append(_row(f"moved, {move.tokens} {move.how}", told, told.next_tokens))
    if given.json:
        told_rows = [row._asdict() for row in rows]
        print(json.dumps({"benchmark": "agreement", "machine": where, "rows": told_rows}))
        return
    print(f"agreement: {where['cores']} cores, {where['processor']}, Python {where['python']}, load {where['load']}")
    print(f"  {'':30}            another  another next   tokens apart    total variation from a fresh start")
    print(f"  {'':30}  answers   answer         token    at a parting       mean       p95      most")
    for row in rows:
        print(
            f"  {row.what:30}  {row.answers:7}  {row.other_answer:7}  {row.other_next_token:12}  {row.widest_gap:14.3f}"
            f"  {row.mean:9.4f} {row.p95:9.4f} {row.most:9.4f}"
        )


if __name__ == "__main__":
    main()
