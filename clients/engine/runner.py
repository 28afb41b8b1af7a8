"""One loaded model at work: whose turn it is, on which sequence, re-reading only what changed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from ..errors import ModelCrashed, ModelError
from ..model import Finish
from .job import Job
from .llama import DecodeFailed
from .parking import Key, Parking
from .prompt import PromptBuilder
from .sequence import Cache, Sequence

_log = logging.getLogger(__name__)

_SMALLEST_PIECE = 64
"""Smaller batches read a prompt many times slower on a processor: 1,024 tokens in 850 ms instead of 140."""

_PIECE_SECONDS = 0.03
"""A prompt is read in pieces of about this long, so that a cancel waits no longer."""


class Spelling(Protocol):
    """The vocabulary as the runner needs it."""

    def piece(self, token: int) -> bytes:
        """Spell a token."""
        ...

    def ends(self, token: int) -> bool:
        """Whether a token ends the answer."""
        ...


class Computer(Cache, Protocol):
    """The cache, and what computes on it, as the runner needs it."""

    context_tokens: int
    cuts: bool

    @property
    def room(self) -> int:
        """Tokens that still fit into the batch."""
        ...

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        """Put tokens into the batch; return the indices of the last `outputs` of them, whose output is wanted."""
        ...

    def decode(self) -> None:
        """Evaluate the batch."""
        ...

    def likeliest(self, index: int) -> int:
        """Choose a token."""
        ...

    def use_threads(self, threads: int) -> None:
        """Compute with this many threads from now on."""
        ...


class _Part(NamedTuple):
    """A sequence's share of a batch.

    `outputs` holds the batch index behind each token from which the next one is chosen: none while a prompt is
    read on, one at its end, one for each token of an answer. All tokens of an answer but the first are guesses.
    """

    sequence: Sequence
    tokens: list[int]
    outputs: range


class Runner:
    """Drives one model. Not thread-safe: the engine's worker thread owns it."""

    def __init__(
        self,
        builder: PromptBuilder,
        spelling: Spelling,
        cache: Computer,
        *,
        slots: int,
        threads: Callable[[], int],
        parking: Parking,
    ) -> None:
        """`slots` is the number of sequences in `cache`; `threads` says how many threads pay just now."""
        self._builder = builder
        self._spelling = spelling
        self._cache = cache
        self._threads = threads
        self.parking = parking
        self._waiting: list[Job] = []
        self._tokens_per_second = 0.0
        self.slots = [Sequence(number, cache) for number in range(slots)]
        self.used = time.monotonic()

    @property
    def busy(self) -> bool:
        """Whether a step would do something."""
        return bool(self._waiting) or any(slot.job for slot in self.slots)

    @property
    def waiting(self) -> int:
        """Jobs that have no sequence yet."""
        return len(self._waiting)

    def submit(self, job: Job) -> None:
        """Queue a job; the newest goes first."""
        self.used = time.monotonic()
        self._waiting.insert(0, job)

    def step(self) -> None:
        """Do one batch: admit what waits, read a piece of the prompts, choose one token for each answer."""
        self._drop_cancelled()
        self._admit()
        parts = self._fill()
        if not parts:
            return
        started = time.monotonic()
        try:
            self._cache.decode()
        except DecodeFailed as failure:
            self._give_up(failure)
            return
        read = sum(len(part.tokens) for part in parts)
        if read >= _SMALLEST_PIECE:
            self._tokens_per_second = read / max(1e-6, time.monotonic() - started)
        for part in parts:
            part.sequence.was_read(part.tokens)
        for part in parts:
            if part.outputs:
                self._choose(part)

    def close(self, error: ModelError) -> None:
        """Fail everything that is under way or waits."""
        for job in [*self._waiting, *(slot.job for slot in self.slots if slot.job)]:
            job.fail(error)
        self._waiting.clear()
        for slot in self.slots:
            slot.release()

    def _drop_cancelled(self) -> None:
        for job in [job for job in self._waiting if job.cancelled]:
            self._waiting.remove(job)
            job.finish("cancelled")
        for slot in self.slots:
            if slot.job and slot.job.cancelled:
                job = slot.job
                slot.release()
                job.finish("cancelled")

    def _admit(self) -> None:
        for job in list(self._waiting):
            slot = self._slot_for(job)
            if slot is None:
                return
            self._waiting.remove(job)
            self._cache.use_threads(self._threads())
            room = self._cache.context_tokens - job.request.max_tokens
            try:
                prompt = self._builder.build(job.request, room)
            except ModelError as error:
                job.fail(error)
                continue
            if slot.key != job.key:
                self._hand_over(slot, job.key)
            job.admit(prompt, slot.begin(prompt))
            slot.job, slot.key, slot.used = job, job.key, time.monotonic()

    def _hand_over(self, slot: Sequence, key: Key) -> None:
        """Give a sequence to another file: what it held is parked, what that file had parked comes back."""
        old = slot.key
        parked = slot.park()
        if old and parked:
            self.parking.put(old, parked)
        if back := self.parking.take(key):
            slot.unpark(back)

    def _slot_for(self, job: Job) -> Sequence | None:
        """Choose the file's own sequence, else an unused one, else the one unused for longest."""
        free = [slot for slot in self.slots if slot.job is None]
        own = [slot for slot in free if slot.key == job.key]
        if own:
            return max(own, key=lambda slot: slot.used)
        return min(free, key=lambda slot: (slot.key is not None, slot.used), default=None)

    def _fill(self) -> list[_Part]:
        """Fill the batch: one token of every answer first, then prompts as far as there is room and time."""
        parts = [
            self._put(sequence, self._with_guesses(sequence.job))
            for sequence in self.slots
            if sequence.job and not sequence.reading
        ]
        piece = max(_SMALLEST_PIECE, int(self._tokens_per_second * _PIECE_SECONDS))
        for sequence in self.slots:
            job = sequence.job
            if job and sequence.reading and self._cache.room:
                tokens = sequence.unread(min(piece, self._cache.room))
                job.evaluated += len(tokens)
                done = job.reused + job.evaluated == len(job.prompt)
                parts.append(self._put(sequence, tokens, outputs=1 if done else 0))
                piece = max(_SMALLEST_PIECE, piece - len(tokens))
        return parts

    def _with_guesses(self, job: Job) -> list[int]:
        """The last token of an answer, and guesses at the next ones where the model can take them back."""
        left = min(job.request.max_tokens - len(job.generated) - 1, self._cache.room - len(self.slots))
        return job.generated[-1:] + (job.drafts.propose(left) if self._cache.cuts else [])

    def _put(self, sequence: Sequence, tokens: list[int], *, outputs: int | None = None) -> _Part:
        wanted = len(tokens) if outputs is None else outputs
        return _Part(sequence, tokens, self._cache.add(sequence.slot, len(sequence.tokens), tokens, outputs=wanted))

    def _choose(self, part: _Part) -> None:
        """Take the model's tokens up to the first that was guessed wrong, and forget the guesses after it."""
        sequence, job = part.sequence, part.sequence.job
        if job is None:
            return
        guesses = part.tokens[1:] if len(part.outputs) > 1 else []
        finish: Finish | None = None
        right = 0
        for index, guess in zip(part.outputs, [*guesses, None], strict=True):
            token = self._cache.likeliest(index)
            finish = job.take(token, self._spelling.piece(token), ends=self._spelling.ends(token))
            if finish or token != guess:
                break
            right += 1
        if guesses:
            job.judge(len(guesses), right)
            sequence.keep(len(sequence.tokens) - (len(guesses) - right))
        if finish:
            sequence.release()
            sequence.used = self.used = time.monotonic()
            job.finish(finish)

    def _give_up(self, failure: DecodeFailed) -> None:
        _log.error("a batch failed: %s", failure)
        for slot in self.slots:
            job = slot.job
            slot.clear()
            if job:
                job.fail(ModelCrashed(f"The model could not go on ({failure}); the next request starts afresh."))
