"""Which job works on which sequence: what is most urgent first, and of one kind the newest; a file keeps its own."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

from ..errors import ModelError
from .job import Job
from .parking import Key, Parked, Parking
from .prompt import Prompt, PromptBuilder
from .reuse import common
from .sequence import Cache, Sequence
from .tally import Tally

_LEAST_ANSWER = 64
"""Room kept for an answer even where none is asked for: a prompt that is only read is cut like the one that follows."""

_WORTH_SHARING = 64
"""Tokens below which another file's beginning is not taken over: the copy costs about as much as reading them."""


class Admission:
    """The waiting jobs, and the sequences they wait for.

    A job takes its own file's sequence, else an unused one, else an alternative's, else the one unused for longest.
    What has a higher rank takes a sequence from what has a lower one; that job waits again and goes on where it stood.
    """

    def __init__(
        self, builder: PromptBuilder, cache: Cache, context_tokens: int, slots: int, parking: Parking, tally: Tally
    ) -> None:
        self.slots = [Sequence(number, cache, parking.marks) for number in range(slots)]
        self.parking = parking
        self._builder = builder
        self._context_tokens = context_tokens
        self._tally = tally
        self._waiting: list[tuple[int, int, Job]] = []
        self._numbers = itertools.count()

    def add(self, job: Job) -> None:
        """Queue a job."""
        self._waiting.append((job.rank, -next(self._numbers), job))
        self._waiting.sort(key=lambda entry: entry[:2])

    def __iter__(self) -> Iterator[Job]:
        """Every job, at work or waiting."""
        yield from (slot.job for slot in self.slots if slot.job)
        yield from (job for _, _, job in self._waiting)

    @property
    def waiting(self) -> int:
        """Jobs that have no sequence."""
        return len(self._waiting)

    @property
    def rank(self) -> int | None:
        """The highest rank (the lowest number) that any job has; None where there is no job."""
        return min((job.rank for job in self), default=None)

    def remove(self, unwanted: list[Job]) -> None:
        """Let go of jobs, wherever they are; what their sequences hold stays."""
        self._waiting = [entry for entry in self._waiting if entry[2] not in unwanted]
        for slot in self.slots:
            if slot.job in unwanted:
                slot.release()

    def admit(self) -> bool:
        """Give sequences to the waiting jobs of the highest rank there is; False where none got one."""
        if not self._waiting:
            return False
        rank = self.rank
        before = len(self._waiting)
        for entry in list(self._waiting):
            job = entry[2]
            if job.rank != rank:
                break
            slot = self._slot_for(job)
            if slot is None:
                continue
            self._waiting.remove(entry)
            if slot.job:
                displaced = slot.job
                displaced.rest()
                slot.release()
                self.add(displaced)
            self._begin(slot, job)
        return len(self._waiting) < before

    def make_room(self, rank: int) -> bool:
        """Park the file unused for longest, else one whose job has a lower rank than `rank`; False where none is."""
        held = [slot for slot in self.slots if slot.tokens and (slot.job is None or slot.job.rank > rank)]
        if not held:
            return False
        slot = min(held, key=lambda slot: (slot.job is not None, slot.used))
        if slot.job:
            slot.job.rest()
            self.add(slot.job)
            slot.release()
        self._park(slot)
        slot.clear()
        return True

    def _begin(self, slot: Sequence, job: Job) -> None:
        answers = job.request.max_tokens > 0
        room = self._context_tokens
        kept_free = min(max(job.request.max_tokens, _LEAST_ANSWER), room // 2)
        try:
            built = Prompt(job.prompt) if job.prompt else self._builder.build(job.request, room - kept_free)
        except ModelError as error:
            job.fail(error)
            return
        prompt = built.tokens
        if slot.key != job.key:
            self._hand_over(slot, job.key, prompt)
        again = bool(job.prompt)
        reused = slot.begin(prompt, job.generated, answers=answers, lasting=built.lasting)
        if not again:
            job.admit(built, reused, room - len(prompt))
        slot.job, slot.key, slot.used = job, job.key, time.monotonic()

    def _slot_for(self, job: Job) -> Sequence | None:
        own = [slot for slot in self.slots if slot.key == job.key]
        idle = [slot for slot in own if slot.job is None]
        if idle:
            return max(idle, key=lambda slot: slot.used)
        for slot in own:
            if slot.job and slot.job.rank > job.rank:
                return slot
        if own and job.rank:
            return None
        free = [slot for slot in self.slots if slot.job is None]
        if free:
            return min(free, key=lambda slot: (slot.key is not None, not _is_alternative(slot.key), slot.used))
        lower = [slot for slot in self.slots if slot.job and slot.job.rank > job.rank]
        return max(lower, key=lambda slot: (slot.job.rank if slot.job else 0, -slot.used), default=None)

    def _hand_over(self, slot: Sequence, key: Key, prompt: list[int]) -> None:
        """Give a sequence to another file: what that file had parked comes back, else what others begin with alike."""
        back = self.parking.take(key)
        self._park(slot)
        if back:
            slot.clear()
            slot.unpark(back)
        else:
            self._share(slot, prompt)

    def _park(self, slot: Sequence) -> None:
        """Keep a copy of what a sequence holds, unless its file has another sequence, or it is only an alternative."""
        key = slot.key
        alone = not any(other.key == key for other in self.slots if other is not slot)
        if key and alone and not _is_alternative(key) and (parked := slot.save(self.parking.budget)):
            self.parking.put(key, parked)

    def _share(self, slot: Sequence, prompt: list[int]) -> None:
        """Begin with what another file's prompt has in common with this one, if it is worth the copy, else empty."""
        start = prompt[:_WORTH_SHARING]
        others = (other for other in self.slots if other is not slot)
        alike: list[Sequence | Parked] = [
            source for source in (slot, *others, *self.parking) if source.tokens[:_WORTH_SHARING] == start
        ]
        if len(start) < _WORTH_SHARING or not alike:
            slot.clear()
            return
        length, source = max(((common(source.tokens, prompt), source) for source in alike), key=lambda found: found[0])
        if source is slot:
            taken = slot.begin_alike(length)
        else:
            slot.clear()
            taken = slot.borrow(source, length) if isinstance(source, Sequence) else slot.copy(source, length)
        self._tally.shared_tokens += taken


def _is_alternative(key: Key | None) -> bool:
    """Whether a sequence is not a file's own but an alternative's, which nobody comes back to; see `Job.key`."""
    return key is not None and "\0" in key[1]
