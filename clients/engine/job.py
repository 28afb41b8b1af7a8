"""One request on its way through the engine."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Collection
from typing import Protocol

from ..errors import ModelError
from ..model import Finish, InfillRequest, Priority, Usage
from .copying import Copying
from .drafts import Drafts
from .prompt import Prompt

RANKS: dict[Priority, int] = {"live": 0, "speculative": 1, "warm": 2, "background": 3}
"""The lower the number, the sooner."""


BREATH_SECONDS = 0.02
"""An editor that cancels at a key asks again within this time, if at all."""


class Sink(Protocol):
    """Where a job's answer goes; called on the engine's worker thread, must not block."""

    def text(self, text: str, so_far: Callable[[], Usage]) -> None:
        """Take a piece of the answer; `so_far` tells what it took up to here."""
        ...

    def done(self, usage: Usage) -> None:
        """The answer is complete."""
        ...

    def failed(self, error: ModelError) -> None:
        """There will be no answer."""
        ...


class Job:
    """The state of one generation: what is evaluated, what was said, when it must end.

    `cancelled` may be set by any thread. `model_ms` is this job's share of the time that the model computed, `searched`
    the tokens that were tried in search of its line, `copied` those that it said in place of the model's. `copying` is
    what it copies from, None where it does not.
    """

    def __init__(self, request: InfillRequest, sink: Sink, clock: Callable[[], float] = time.monotonic) -> None:
        self.request = request
        self.rank = RANKS[request.priority]
        self._cancelled_at: float | None = None
        self.model_ms = 0.0
        self.prompt: list[int] = []
        self.reused = 0
        self.evaluated = 0
        self.generated: list[int] = []
        self.drafts = Drafts([])
        self.copying: Copying | None = None
        self.taken = b""
        self._taken_tokens = 0
        self._room = 0
        self._sink = sink
        self._clock = clock
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._held = ""
        self._submitted = clock()
        self._admitted = self._first = self._rests = 0.0
        self._guessed = self._right = 0
        self.searched = self.copied = 0

    @property
    def key(self) -> tuple[str, str]:
        """The file whose sequence this job wants; an alternative wants one beside it."""
        request, number = self.request, self.request.alternative
        return request.workspace or request.document, f"{request.path}\0{number}" if number else request.path

    @property
    def left(self) -> int:
        """How many tokens it may still write; those that were taken back from the prompt come on top."""
        return min(self.request.max_tokens + self._taken_tokens, self._room) - len(self.generated)

    @property
    def late(self) -> bool:
        """Whether its time is over."""
        return bool(self._first) and (self._clock() - self._first) * 1000 >= self.request.time_limit_ms

    def stops(self, other: Job) -> bool:
        """Whether this newer job of the same client makes `other` pointless.

        For one file, a newer job stops those of lower rank; what a person waits for now, and what is made warm now, is
        also wanted instead of what was before. Several guesses at one file's future live side by side.
        """
        if other.key != self.key:
            return False
        return other.rank > self.rank or (other.rank == self.rank and self.request.priority in ("live", "warm"))

    @property
    def cancelled(self) -> bool:
        """Whether nobody wants the answer any more."""
        return self._cancelled_at is not None

    @cancelled.setter
    def cancelled(self, cancelled: bool) -> None:
        self._cancelled_at = self._clock() if cancelled else None

    def is_pointless(self, arriving: Collection[Job], *, reading: bool) -> bool:
        """Whether nobody waits for what is computed for it: it is cancelled, or something more urgent is `arriving`.

        While its prompt is read (`reading`), a piece at a time, that is so for another file's sake only, or where
        nothing comes for its own within a breath: its own file needs most of the prompt at the next key, and where
        typing is faster than reading nothing would ever be read.
        """
        others = [other for other in arriving if other.key != self.key] if reading else arriving
        if any(other.rank < self.rank for other in others):
            return True
        if self._cancelled_at is None:
            return False
        alone = len(others) == len(arriving)
        return bool(others) or not reading or (alone and self._clock() - self._cancelled_at >= BREATH_SECONDS)

    def admit(self, prompt: Prompt, reused: int, room: int) -> None:
        """Start: `reused` tokens of `prompt` are in the sequence already, and `room` tokens fit in behind it.

        `taken` is what the answer begins with.
        """
        self._admitted = self._clock()
        self._room = room
        self.prompt, self.taken, self._taken_tokens = prompt.tokens, prompt.taken, prompt.taken_tokens
        self.reused = reused
        self.drafts = Drafts(self.prompt)

    def rest(self) -> None:
        """Hold still for others; the time limit does not run meanwhile."""
        self._rests = self._rests or self._clock()

    def go_on(self) -> None:
        """Compute again."""
        if self._rests:
            if self._first:
                self._first += self._clock() - self._rests
            self._rests = 0.0

    def searches(self) -> None:
        """The prompt is read, and its line is searched for: its time runs."""
        self._first = self._first or self._clock()

    def take(self, token: int, spelling: bytes, *, ends: bool) -> Finish | None:
        """Accept a generated token; return why the job ends with it, or None to go on."""
        self._first = self._first or self._clock()
        if ends:
            return "end"
        self.generated.append(token)
        self.drafts.said(token)
        if self.copying is not None:
            self.copying.said(spelling)
        if self.taken:
            self.taken, spelling = self.taken[len(spelling) :], spelling[len(self.taken) :]
        if self._say(self._decoder.decode(spelling)):
            return "stop"
        if self.left <= 0:
            return "length"
        return "time" if self.late else None

    def judge(self, guessed: int, right: int, *, looked_up: bool = True) -> None:
        """Note how many of the guesses at this answer's tokens were right, `looked_up` in the text or not."""
        self._guessed += guessed
        self._right += right
        if looked_up:
            self.drafts.judged(guessed, right)

    def _say(self, text: str) -> bool:
        """Pass text on, up to a stop; hold back what may become one. True where a stop stands."""
        self._held += text
        stops = self.request.stop
        found = [at for stop in stops if (at := self._held.find(stop)) >= 0]
        if found:
            self._held = self._held[: min(found)]
            self._flush()
            return True
        keep = max((_overlap(self._held, stop) for stop in stops), default=0)
        ready, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        if ready:
            self._sink.text(ready, self._so_far)
        return False

    def _flush(self) -> None:
        if self._held:
            self._sink.text(self._held, self._so_far)
            self._held = ""

    def finish(self, finish: Finish) -> None:
        """End the answer and say what it took."""
        if finish != "cancelled":
            self._flush()
        self._sink.done(self._usage(finish))

    def _so_far(self) -> Usage:
        return self._usage("cancelled")

    def _usage(self, finish: Finish) -> Usage:
        now = self._clock()
        admitted = self._admitted or now
        first = self._first or now
        return Usage(
            prompt_tokens=len(self.prompt),
            reused_tokens=self.reused,
            evaluated_tokens=self.evaluated,
            generated_tokens=len(self.generated),
            queue_ms=(admitted - self._submitted) * 1000,
            prefill_ms=(first - admitted) * 1000,
            decode_ms=(now - first) * 1000,
            finish=finish,
            guessed_tokens=self._guessed,
            accepted_tokens=self._right,
            model_ms=self.model_ms,
            searched_tokens=self.searched,
            copied_tokens=self.copied,
        )

    def fail(self, error: ModelError) -> None:
        """End without an answer."""
        self._sink.failed(error)


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that begins `stop`."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
