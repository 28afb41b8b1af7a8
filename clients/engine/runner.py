"""One loaded model at work: whose turn it is, on which sequence, re-reading only what changed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..errors import ModelCrashed, ModelError
from .job import Job
from .llama import DecodeFailed
from .prompt import PromptBuilder

_log = logging.getLogger(__name__)

_SMALLEST_PIECE = 32
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


class Cache(Protocol):
    """The sequences as the runner needs them; `llama.Sequences` is the real one."""

    context_tokens: int

    @property
    def room(self) -> int:
        """Tokens that still fit into the batch."""
        ...

    def add(self, slot: int, position: int, tokens: list[int], *, last_output: bool) -> int:
        """Put tokens into the batch."""
        ...

    def decode(self) -> None:
        """Evaluate the batch."""
        ...

    def likeliest(self, index: int) -> int:
        """Choose a token."""
        ...

    def forget(self, slot: int, position: int) -> bool:
        """Drop the end of a sequence."""
        ...

    def use_threads(self, threads: int) -> None:
        """Compute with this many threads from now on."""
        ...


@dataclass(slots=True)
class Slot:
    """One sequence: whose file it holds and which tokens, and the job that uses it now."""

    number: int
    key: tuple[str, str] | None = None
    tokens: list[int] = field(default_factory=list)
    used: float = 0.0
    job: Job | None = None


class Runner:
    """Drives one model. Not thread-safe: the engine's worker thread owns it."""

    def __init__(
        self, builder: PromptBuilder, spelling: Spelling, cache: Cache, *, slots: int, threads: Callable[[], int]
    ) -> None:
        """`slots` is the number of sequences in `cache`; `threads` says how many threads pay just now."""
        self._builder = builder
        self._spelling = spelling
        self._cache = cache
        self._threads = threads
        self._waiting: list[Job] = []
        self._tokens_per_second = 0.0
        self.slots = [Slot(number) for number in range(slots)]
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
        outputs = self._fill()
        if not outputs and all(slot.job is None for slot in self.slots):
            return
        started = time.monotonic()
        try:
            self._cache.decode()
        except DecodeFailed as failure:
            self._give_up(failure)
            return
        read = sum(count for _, count in outputs.values())
        if read > _SMALLEST_PIECE:
            self._tokens_per_second = read / max(1e-6, time.monotonic() - started)
        for number, (index, _) in outputs.items():
            if index is not None:
                self._choose(self.slots[number], index)

    def close(self, error: ModelError) -> None:
        """Fail everything that is under way or waits."""
        for job in [*self._waiting, *(slot.job for slot in self.slots if slot.job)]:
            job.fail(error)
        self._waiting.clear()
        for slot in self.slots:
            slot.job = None

    def _drop_cancelled(self) -> None:
        for job in [job for job in self._waiting if job.cancelled]:
            self._waiting.remove(job)
            job.finish("cancelled")
        for slot in self.slots:
            if slot.job and slot.job.cancelled:
                job, slot.job = slot.job, None
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
            same = min(_common(slot.tokens, prompt), len(prompt) - 1)
            if same < len(slot.tokens) and not self._cache.forget(slot.number, same):
                self._cache.forget(slot.number, 0)
                same = 0
            del slot.tokens[same:]
            job.admit(prompt, same)
            slot.job, slot.key, slot.used = job, job.key, time.monotonic()

    def _slot_for(self, job: Job) -> Slot | None:
        """Choose the file's own sequence, else an unused one, else the one unused for longest."""
        free = [slot for slot in self.slots if slot.job is None]
        own = [slot for slot in free if slot.key == job.key]
        if own:
            return max(own, key=lambda slot: slot.used)
        return min(free, key=lambda slot: (slot.key is not None, slot.used), default=None)

    def _fill(self) -> dict[int, tuple[int | None, int]]:
        """Fill the batch; for each slot number: the index of its output, and the tokens put in."""
        put: dict[int, tuple[int | None, int]] = {}
        for slot in self.slots:
            job = slot.job
            if job and not job.prefilling and self._cache.room:
                index = self._cache.add(slot.number, len(slot.tokens), job.generated[-1:], last_output=True)
                slot.tokens.append(job.generated[-1])
                put[slot.number] = (index, 1)
        piece = max(_SMALLEST_PIECE, int(self._tokens_per_second * _PIECE_SECONDS) or self._cache.room)
        for slot in self.slots:
            job = slot.job
            if job and job.prefilling and slot.number not in put:
                start = job.reused + job.evaluated
                tokens = job.prompt[start : start + min(piece, self._cache.room)]
                if not tokens:
                    continue
                last = start + len(tokens) == len(job.prompt)
                index = self._cache.add(slot.number, start, tokens, last_output=last)
                job.evaluated += len(tokens)
                slot.tokens += tokens
                piece = max(_SMALLEST_PIECE, piece - len(tokens))
                put[slot.number] = (index if last else None, len(tokens))
        return put

    def _choose(self, slot: Slot, index: int) -> None:
        job = slot.job
        if job is None or job.cancelled:
            return
        token = self._cache.likeliest(index)
        finish = job.take(token, self._spelling.piece(token), ends=self._spelling.ends(token))
        if finish:
            slot.job, slot.used = None, time.monotonic()
            self.used = slot.used
            job.finish(finish)

    def _give_up(self, failure: DecodeFailed) -> None:
        _log.error("a batch failed: %s", failure)
        for slot in self.slots:
            job, slot.job = slot.job, None
            self._cache.forget(slot.number, 0)
            slot.tokens.clear()
            if job:
                job.fail(ModelCrashed(f"The model could not go on ({failure}); the next request starts afresh."))


def _common(a: list[int], b: list[int]) -> int:
    """Length of the common beginning."""
    length = min(len(a), len(b))
    if a[:length] == b[:length]:
        return length
    low, high = 0, length
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low
