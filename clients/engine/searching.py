"""Where lines are searched for: in sequences of the cache that belong to no file, in which a prompt's end can fork."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from .fitting import WIDTH
from .healing import Healing
from .job import Job
from .search import Endings, Scores, Search, Step
from .sequence import Sequence

_LINE_TOKENS = 64
"""A longer line is not searched to its end."""


class Forking(Protocol):
    """The cache as a search needs it; `llama.Sequences` is the real one."""

    branches: range

    def forget(self, slot: int, position: int) -> bool:
        """Drop what a sequence holds from `position` on."""
        ...

    def share(self, source: int, target: int, length: int) -> bool:
        """Let the empty sequence `target` begin with the first `length` tokens of `source`; False where it cannot."""
        ...

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        """Put tokens into the batch; return the indices of the last `outputs` of them."""
        ...

    def logits(self, index: int) -> Scores:
        """The scores of all tokens after a batch entry."""
        ...


class _Under(NamedTuple):
    """A search under way, for a job whose prompt its `sequence` holds."""

    job: Job
    sequence: Sequence
    length: int
    search: Search


class Searching:
    """Searches for one job at a time; the runner's own thread only."""

    def __init__(
        self, cache: Forking, endings: Endings, piece: Callable[[int], bytes], healing: Healing | None = None
    ) -> None:
        self._cache = cache
        self._endings = endings
        self._piece = piece
        self._healing = healing
        self._under: _Under | None = None
        self._next: Step | None = None
        self._places: list[int] = []

    @property
    def at_work(self) -> tuple[Sequence, Job] | None:
        """Whom it searches for: a job that still has its sequence, with its prompt in it."""
        under = self._under
        held = under is not None and under.sequence.job is under.job and not under.sequence.reading
        return (under.sequence, under.job) if under and held else None

    def wanted(self, job: Job) -> bool:
        """Whether a job whose prompt is read is to be searched for."""
        request = job.request
        return request.hypotheses > 1 and not (job.generated or request.alternative)

    def begin(self, sequence: Sequence, job: Job, scores: Scores) -> None:
        """Search behind the prompt that `sequence` holds, whose last token has these `scores` behind it."""
        job.searches()
        search = Search(
            min(job.request.hypotheses, WIDTH),
            self._endings,
            self._piece,
            min(_LINE_TOKENS, job.left) - 1,
            job.taken,
            self._healing.agreeing if self._healing else None,
        )
        self._under = _Under(job, sequence, len(sequence.tokens), search)
        self._next = search.feed([scores])

    def fill(self) -> bool:
        """Put what is to be evaluated next into the batch; False where the search is over, or its time."""
        under, step, cache = self._under, self._next, self._cache
        if under is None or step is None or under.job.late:
            return False
        branches, end = (under.sequence.slot, *cache.branches), under.length + step.at
        for source, target in step.copies:
            cache.forget(branches[target], 0)
            cache.share(branches[source], branches[target], end)
        self._places = [cache.add(branches[branch], end, [token], outputs=1)[0] for branch, token in step.tokens]
        under.job.searched += len(step.tokens)
        return True

    def computed(self) -> None:
        """The batch is evaluated."""
        if self._under is not None and self._next is not None:
            self._under.sequence.was_read([token for branch, token in self._next.tokens if branch == 0])
            self._next = self._under.search.feed([self._cache.logits(place) for place in self._places])

    def leave(self) -> list[int]:
        """End the search, if there is one, give its sequences back and return the tokens of the best line so far."""
        under, self._under, self._next = self._under, None, None
        if under is None:
            return []
        for branch in self._cache.branches:
            self._cache.forget(branch, 0)
        return under.search.best()
