"""One loaded model at work, a batch at a time: the most urgent jobs alone, re-reading only what changed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import Any, Literal, NamedTuple, Protocol

from ..errors import ModelCrashed, ModelError
from ..model import Finish
from .admission import Admission
from .copying import Copying, Pieces
from .drafts import MOST_OUTPUTS
from .healing import Healing, Tokens
from .job import Job
from .llama import DecodeFailed, NoRoom
from .parking import Parking
from .prompt import PromptBuilder
from .search import Scores
from .searching import Searching
from .sequence import Cache, Sequence
from .tally import Tally

_log = logging.getLogger(__name__)

_SMALLEST_PIECE, _SMALLEST_STOPPABLE_PIECE = 64, 16
"""Smaller batches read a prompt many times slower on a processor: 1,024 tokens in 850 ms instead of 140."""

_PIECE_SECONDS = 0.03
"""A prompt is read in pieces of about this long, so that what is more urgent waits no longer, and loses no more."""

Guess = Literal["looking up", "copying", "drafting"]
"""How a guess at the next tokens was made: by what followed the same tokens, by what is copied, by a draft model."""

_REUSE = {
    (True, True): "what a prompt begins with stays, and the text behind the cursor is moved along",
    (True, False): "what a prompt begins with stays; nothing is moved",
    (False, False): "up to a mark, behind the other files or at the start of the cursor's line; this model's memory "
    "cannot be cut elsewhere, and where there is no room for marks whole prompts are read again",
}


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
    stops: bool

    @property
    def room(self) -> int:
        """Tokens that still fit into the batch."""
        ...

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        """Put tokens into the batch; return the indices of the last `outputs` of them, whose output is wanted."""
        ...

    def decode(self) -> bool:
        """Evaluate the batch; False where it was broken off. Raise `NoRoom` or `DecodeFailed`."""
        ...

    def stop(self) -> None:
        """Break off what is computed, now and until `go`; from any thread."""
        ...

    def go(self) -> None:
        """Let it compute again."""
        ...

    def likeliest(self, index: int) -> int:
        """Choose a token."""
        ...

    def logits(self, index: int) -> Scores:
        """The scores of all tokens after a batch entry."""
        ...

    def choose(self, index: int, among: Tokens | None, behind: int) -> int:
        """Choose from `among`, or from all: the token `behind` so many likelier ones."""
        ...

    def use_threads(self, threads: int) -> None:
        """Compute with this many threads from now on."""
        ...


class Guesser(Protocol):
    """Who guesses where the text around the cursor has nothing to offer; `draft_model.Drafter` is the real one."""

    def propose(self, slot: int, tokens: list[int], most: int) -> list[int]:
        """Guess at most `most` tokens after `tokens`, which a sequence is to hold."""
        ...

    def stepped(self, seconds: float, *, checked: int = 0, right: int = 0, drafted: bool = False) -> None:
        """Hear how long a step took that checked guesses for a single answer, and whether they came from here."""
        ...


class _Part(NamedTuple):
    """A sequence's share of a batch.

    `outputs` holds the batch index behind each token from which the next one is chosen: none while a prompt is
    read on, one at its end, one for each token of an answer. All tokens of an answer but the first are guesses, made
    `by` one of the ways.
    """

    sequence: Sequence
    job: Job
    tokens: list[int]
    outputs: range
    by: Guess = "looking up"


class Runner:
    """Drives one model. The engine's worker thread owns it; `reconsider` alone may be called by others."""

    def __init__(
        self,
        builder: PromptBuilder,
        spelling: Spelling,
        cache: Computer,
        *,
        slots: int,
        threads: Callable[[], int],
        parking: Parking,
        healing: Healing | None = None,
        searching: Searching | None = None,
        pieces: Pieces | None = None,
    ) -> None:
        """`slots` is the number of sequences in `cache`; `threads` says how many threads pay just now.

        `healing` knows the tokens that agree with what the builder takes back; `searching` finds the likeliest lines,
        where there is room to. With `pieces` text is copied, which only helps small models.
        """
        self.tally = Tally()
        self.used = time.monotonic()
        self.drafter: Guesser | None = None
        self._spelling = spelling
        self._cache = cache
        self._threads = threads
        self._healing = healing
        self._searching = searching
        self._pieces = pieces
        self._jobs = Admission(builder, cache, cache.context_tokens, slots, parking, self.tally)
        self._tokens_per_second = 0.0
        self._guard = threading.Lock()
        self._computing: list[tuple[Job, bool]] = []

    @property
    def slots(self) -> list[Sequence]:
        """The sequences of the cache."""
        return self._jobs.slots

    @property
    def parking(self) -> Parking:
        """What files without a sequence have kept."""
        return self._jobs.parking

    @property
    def busy(self) -> bool:
        """Whether a step would do something."""
        return self.rank is not None

    @property
    def rank(self) -> int | None:
        """The rank of the most urgent job; None where there is none."""
        return self._jobs.rank

    @property
    def waiting(self) -> int:
        """Jobs that have no sequence."""
        return self._jobs.waiting

    def submit(self, job: Job) -> None:
        """Queue a job; of one kind the newest goes first."""
        self.used = time.monotonic()
        self._jobs.add(job)

    def reconsider(self, arriving: Collection[Job]) -> None:
        """Break off the batch that is computed if nobody waits for it any more: callable from any thread.

        That is so where each of its jobs is cancelled, or of a lower rank than one of those `arriving`; of a piece of
        a prompt not for its own file, see `Job.is_pointless`.
        """
        with self._guard:
            if self._computing and self._pointless(arriving):
                self._cache.stop()

    def step(self, arriving: Callable[[], Collection[Job]] = tuple) -> None:
        """Do one batch of the most urgent jobs: a piece of their prompts, one token or more of their answers.

        All others hold still. `arriving` tells the jobs that are not submitted yet.
        """
        self.sweep()
        if self._jobs.admit():
            self._cache.use_threads(self._threads())
        self._end_those_that_only_read()
        self._go_on_searching(arriving)
        parts = self._fill(self.rank)
        if not parts:
            return
        held = [(part.sequence, part.job) for part in parts]
        started = time.monotonic()
        try:
            complete = self._compute([(part.job, part.sequence.reading) for part in parts], arriving)
        except NoRoom:
            if not self._jobs.make_room(parts[0].job.rank):
                self._give_up(held, "there is no room left for this file")
            return
        except DecodeFailed as failure:
            self._give_up(held, str(failure))
            return
        seconds = time.monotonic() - started
        self._account(parts, seconds, complete)
        for part in parts:
            if complete:
                part.sequence.was_read(part.tokens)
        for part in parts:
            if complete and part.outputs:
                right = self._choose(part)
                if self.drafter and len(parts) == 1 and len(part.outputs) == len(part.tokens):
                    checked = len(part.tokens) - 1
                    self.drafter.stepped(seconds, checked=checked, right=right, drafted=part.by == "drafting")
        self._end_those_that_only_read()

    def sweep(self) -> None:
        """End what was cancelled."""
        cancelled = [job for job in self._jobs if job.cancelled]
        if cancelled:
            self._jobs.remove(cancelled)
            for job in cancelled:
                self._finish(job, "cancelled")

    def hold(self) -> None:
        """Hold still while another model has the turn; what was cancelled ends all the same."""
        self.sweep()
        for sequence in self.slots:
            if sequence.job:
                sequence.job.rest()

    def close(self, error: ModelError) -> None:
        """Fail everything that is under way or waits."""
        jobs = list(self._jobs)
        self._jobs.remove(jobs)
        for job in jobs:
            job.fail(error)

    def status(self) -> dict[str, Any]:
        """Describe it for `engine status`."""
        now = time.monotonic()
        return {
            "queue": self.waiting,
            "parked_files": len(self.parking),
            "moves_suffix": self._cache.moves,
            "reuse": _REUSE[self._cache.cuts, self._cache.moves],
            "stops_at_once": self._cache.stops,
            "searches_lines": self._searching is not None,
            "copies": self._pieces is not None,
            **self.tally.status(),
            "slots": [
                {
                    "file": slot.key[1].partition("\0")[0] if slot.key else None,
                    "workspace": slot.key[0] if slot.key else None,
                    "tokens": len(slot.tokens),
                    "busy": slot.job is not None,
                    "idle_s": round(now - slot.used, 1) if slot.key else None,
                }
                for slot in self.slots
            ],
        }

    def _fill(self, rank: int | None) -> list[_Part]:
        """Fill the batch: one token of every answer first, then prompts as far as there is room and time."""
        parts = []
        for sequence in self.slots:
            if (job := sequence.job) and job.rank != rank:
                job.rest()
            elif job:
                job.go_on()
                if not (sequence.reading or self._searches(sequence, job)):
                    parts.append(self._put_answer(sequence, job))
        smallest = _SMALLEST_STOPPABLE_PIECE if self._cache.stops else _SMALLEST_PIECE
        piece = max(smallest, int(self._tokens_per_second * _PIECE_SECONDS))
        for sequence in self.slots:
            if (job := sequence.job) and job.rank == rank and sequence.reading and min(piece, self._cache.room) > 0:
                tokens = sequence.unread(min(piece, self._cache.room))
                parts.append(self._put(sequence, job, tokens, outputs=1 if sequence.ends_with(tokens) else 0))
                piece -= len(tokens)
        return parts

    def _put_answer(self, sequence: Sequence, job: Job) -> _Part:
        """Add the last token of an answer, and guesses at the next ones where the model can take them back."""
        left = job.left - 1
        left = min(left, self._cache.room - len(self.slots), MOST_OUTPUTS - 1)
        by, guesses = self._guess(sequence, job, left) if self._cache.cuts else ("looking up", [])
        return self._put(sequence, job, job.generated[-1:] + guesses)._replace(by=by)

    def _guess(self, sequence: Sequence, job: Job, most: int) -> tuple[Guess, list[int]]:
        """What may come next, and how that is known."""
        if self._pieces and job.copying and (guesses := self._pieces.spell(job.copying.follows(), most)):
            return "copying", guesses
        if guesses := job.drafts.propose(most):
            return "looking up", guesses
        if self.drafter and self._alone(job):
            guesses = self.drafter.propose(sequence.slot, job.prompt + job.generated, most)
        return ("drafting" if guesses else "looking up"), guesses

    def _alone(self, job: Job) -> bool:
        """Whether no other answer of its rank is under way, so that its guesses hold nobody up."""
        return all(other is job or other.rank != job.rank for other in self._jobs)

    def _put(self, sequence: Sequence, job: Job, tokens: list[int], *, outputs: int | None = None) -> _Part:
        wanted = len(tokens) if outputs is None else outputs
        return _Part(
            sequence, job, tokens, self._cache.add(sequence.slot, len(sequence.tokens), tokens, outputs=wanted)
        )

    def _compute(self, jobs: list[tuple[Job, bool]], arriving: Callable[[], Collection[Job]]) -> bool:
        """Evaluate the batch, for each job of its prompt or not; False where it was broken off."""
        with self._guard:
            self._computing = jobs
            self._cache.go()
            if self._pointless(arriving()):
                self._cache.stop()
        try:
            return self._cache.decode()
        finally:
            with self._guard:
                self._computing = []

    def _pointless(self, arriving: Collection[Job]) -> bool:
        return all(job.is_pointless(arriving, reading=reading) for job, reading in self._computing)

    def _account(self, parts: list[_Part], seconds: float, complete: bool) -> None:
        """Share the time out by tokens, and learn how fast prompts are read."""
        tokens = sum(len(part.tokens) for part in parts)
        if complete and tokens >= _SMALLEST_STOPPABLE_PIECE:
            self._tokens_per_second = tokens / max(1e-6, seconds)
        self.tally.broken_off += not complete
        for part in parts:
            self.tally.computed(part.job, seconds * 1000 * len(part.tokens) / tokens)
            reading, before = part.sequence.reading, len(part.sequence.tokens)
            kept = len(part.tokens) if complete else part.sequence.was_broken_off(part.tokens, len(part.outputs))
            if reading:
                part.job.evaluated += max(0, min(before + kept, len(part.job.prompt)) - before)
            self.tally.evaluated_tokens += kept

    def _choose(self, part: _Part) -> int:
        """Take the model's tokens up to the first that was guessed wrong, and forget the guesses after it.

        Return how many guesses were right.
        """
        sequence, job = part.sequence, part.job
        if self._begins_to_search(part):
            return 0
        if self._pieces and job.request.copies and not (job.generated or job.request.alternative):
            job.copying = Copying(job.request, job.taken)
        guesses = part.tokens[1:] if len(part.outputs) > 1 else []
        finish: Finish | None = None
        right = 0
        for index, guess in zip(part.outputs, [*guesses, None], strict=True):
            token = self._pick(job, index)
            finish = job.take(token, self._spelling.piece(token), ends=self._spelling.ends(token))
            if finish or token != guess:
                break
            right += 1
        if guesses:
            job.judge(len(guesses), right, looked_up=part.by == "looking up")
            sequence.keep(len(sequence.tokens) - (len(guesses) - right))
        if finish:
            self._end(sequence, job, finish)
        return right

    def _searches(self, sequence: Sequence, job: Job) -> bool:
        return self._searching is not None and self._searching.at_work == (sequence, job)

    def _begins_to_search(self, part: _Part) -> bool:
        """Search for the line of a job whose prompt has just been read; one of a lower rank begins anew for it."""
        searching, job = self._searching, part.job
        if searching is None or not searching.wanted(job):
            return False
        if (held := searching.at_work) is not None:
            if held[1].rank <= job.rank:
                return False
            self._search_no_more(searching)
        searching.begin(part.sequence, job, self._cache.logits(part.outputs[-1]))
        return True

    def _go_on_searching(self, arriving: Callable[[], Collection[Job]]) -> None:
        """Evaluate the next tokens of the search that is under way; at its end the line is the answer so far."""
        searching = self._searching
        if searching is None:
            return
        if (held := searching.at_work) is None:
            searching.leave()
            return
        sequence, job = held
        if job.rank != self.rank:
            return
        job.go_on()
        if searching.fill():
            started = time.monotonic()
            try:
                complete = self._compute([(job, False)], arriving)
            except NoRoom:
                if self._jobs.make_room(job.rank):
                    self._search_no_more(searching)
                else:
                    self._tell_found(searching, sequence, job)
                return
            except DecodeFailed as failure:
                self._give_up([(sequence, job)], str(failure))
                return
            self.tally.computed(job, (time.monotonic() - started) * 1000)
            self.tally.broken_off += not complete
            if complete:
                searching.computed()
            else:
                self._search_no_more(searching)
            return
        self._tell_found(searching, sequence, job)

    def _tell_found(self, searching: Searching, sequence: Sequence, job: Job) -> None:
        """The search is over: what it found is the answer so far."""
        for token in searching.leave():
            finish = job.take(token, self._spelling.piece(token), ends=self._spelling.ends(token))
            if finish and finish != "time":
                self._end(sequence, job, finish)
                return
        if job.late:
            self._end(sequence, job, "time")
        else:
            sequence.begin(job.prompt, job.generated)

    def _search_no_more(self, searching: Searching) -> None:
        """Take the search from a job, which reads its prompt's last token again when it goes on."""
        if (held := searching.at_work) is not None:
            sequence, job = held
            self._cache.forget(sequence.slot, len(sequence.tokens))
            sequence.begin(job.prompt)
        searching.leave()

    def _pick(self, job: Job, index: int) -> int:
        """The token behind the batch entry `index`: the likeliest that agrees with what the answer is to begin with.

        Of an alternative the first one is less likely than those of the answers before it.
        """
        behind = job.request.alternative if not job.generated else 0
        if job.taken and self._healing is not None:
            return self._copied(job, self._cache.choose(index, self._healing.agreeing(job.taken), behind))
        return self._cache.choose(index, None, behind) if behind else self._copied(job, self._cache.likeliest(index))

    def _copied(self, job: Job, token: int) -> int:
        """What followed the same text before in place of `token`, where something did."""
        if job.copying is None or self._pieces is None:
            return token
        spelling, ends = self._spelling.piece(token), self._spelling.ends(token)
        first = self._pieces.first(job.copying.instead(spelling, ends=ends, taken=job.taken))
        if first is None or first == token:
            return token
        job.copied += 1
        return first

    def _end_those_that_only_read(self) -> None:
        for sequence in self.slots:
            job = sequence.job
            if job and job.request.max_tokens == 0 and not sequence.reading:
                self._end(sequence, job, "length")

    def _end(self, sequence: Sequence, job: Job, finish: Finish) -> None:
        sequence.release()
        sequence.used = self.used = time.monotonic()
        self._finish(job, finish)

    def _finish(self, job: Job, finish: Finish) -> None:
        self.tally.ended(job, finish)
        job.finish(finish)

    def _give_up(self, held: list[tuple[Sequence, Job]], reason: str) -> None:
        _log.error("a batch failed: %s", reason)
        for sequence, job in held:
            sequence.clear()
            self.tally.ended(job, "cancelled")
            job.fail(ModelCrashed(f"The model could not go on ({reason}); the next request starts afresh."))
