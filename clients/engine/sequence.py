"""One file's tokens in the cache: what is held, what of the next prompt is still to be read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from .job import Job
from .marks import Marks
from .parking import Parked
from .reuse import Reuse, Stale, common, plan

_MAY_GO_STALE = 96
"""Tokens that may change before a moved block until it is read again. Measured on the starter (174 places): at this
limit the next-token distribution is 0.025 from that of a fresh start in total variation, 0.10 at most, and 171 next
tokens are the same; after one changed token it is 0.017, of which rounding alone makes 0.007."""

_WORTH_PARKING = 64


class Cache(Protocol):
    """The cache as sequences need it; `llama.Sequences` is the real one. Positions count from 0.

    `moves` says whether states may be moved along, `most_moves` how often before they are to be read again.
    """

    moves: bool
    most_moves: int

    def forget(self, slot: int, position: int) -> bool:
        """Drop what a sequence holds from `position` on; False where the model cannot drop a part."""
        ...

    def length(self, slot: int) -> int:
        """How many tokens a sequence holds."""
        ...

    def lift(self, slot: int, start: int, end: int, shift: int) -> None:
        """Set the states of `start`..`end` aside, their positions moved by `shift`."""
        ...

    def lower(self, slot: int) -> None:
        """Put what was lifted back into its sequence."""
        ...

    def drop(self, slot: int) -> None:
        """Throw away what was lifted, if anything."""
        ...

    def share(self, source: int, target: int, length: int) -> bool:
        """Let the empty sequence `target` begin with the first `length` tokens of `source`; False where it cannot."""
        ...

    def save(self, slot: int, most: int, *, uncut: bool = False) -> bytearray:
        """Copy the states of a sequence out; empty where they take more than `most` bytes, or cannot be had now.

        `uncut` leaves out those that can be cut anywhere.
        """
        ...

    def restore(self, slot: int, states: bytearray, *, uncut: bool = False) -> bool:
        """Put saved states into an empty sequence; False where that fails.

        With `uncut` into the sequence that they came from, which must be cut to that length then.
        """
        ...


class Sequence:
    """Sequence `slot` of a cache. While a prompt is read, `tokens` is its read part.

    Of what is to be read the first `_asked` tokens are what was asked, the others what was answered so far.
    """

    def __init__(self, slot: int, cache: Cache, marks: Marks | None = None) -> None:
        """`marks` are to where it may be set back, where the cache cannot be cut."""
        self.slot = slot
        self.key: tuple[str, str] | None = None
        self.job: Job | None = None
        self.used = 0.0
        self.tokens: list[int] = []
        self._cache = cache
        self._marks = marks
        self._to_mark: frozenset[int] = frozenset()
        self._prompt: list[int] = []
        self._asked = 0
        self._goal = 0
        self._stale = Stale()
        self._shared = 0
        self._reuse = Reuse(0)

    @property
    def reading(self) -> bool:
        """Whether a part of the prompt is still to be read."""
        return len(self.tokens) < self._goal

    def begin(
        self,
        asked: list[int],
        written: Collection[int] = (),
        *,
        answers: bool = True,
        lasting: Collection[int] = (),
    ) -> int:
        """Take up what is asked, and what is `written` of its answer; return how many of these need not be read.

        The last token is read for its output. Where nothing `answers` it is left out, and a sequence that holds the
        others already stays as it is. `lasting` are lengths to which the next prompt is likely to be the same.
        """
        prompt = [*asked, *written]
        self._goal = len(prompt) if answers else len(prompt) - 1
        if not answers and self.tokens[: self._goal] == prompt[:-1]:
            return self._goal
        reuse = self._plan(asked, prompt)
        stale = self._stale_after(reuse, asked)
        if reuse.moved_from < self._shared or stale.tokens > _MAY_GO_STALE or stale.turned > self._cache.most_moves:
            reuse = Reuse(reuse.same)
        if reuse.moved:
            end = reuse.moved_from + reuse.moved
            shift = len(asked) - 1 - end
            self._cache.lift(self.slot, reuse.moved_from, end, shift)
        if (kept := self._cut(reuse.same)) < reuse.same:
            self._cache.drop(self.slot)
            reuse = Reuse(kept)
        self._stale = self._stale_after(reuse, asked)
        self._shared = min(self._shared, reuse.same)
        self._reuse = reuse
        self._prompt, self._asked = prompt, len(asked)
        self._to_mark = frozenset(lasting)
        del self.tokens[reuse.same :]
        self._lower_if_due()
        return reuse.same + reuse.moved

    def _cut(self, length: int) -> int:
        """Let the cache forget all but the first `length` tokens, or less where it has no mark there; return how many.

        What is set aside stays.
        """
        if length >= len(self.tokens) or self._cache.forget(self.slot, length):
            return length
        if self._marks and (mark := self._marks.find(self.tokens, length)):
            length, states = mark
            if self._cache.restore(self.slot, states, uncut=True) and self._cache.forget(self.slot, length):
                return length
        self._cache.forget(self.slot, 0)
        return 0

    def _plan(self, asked: list[int], prompt: list[int]) -> Reuse:
        """What of the sequence can stay; a block moves up to the end of what is asked, what is written comes behind."""
        if len(prompt) > len(asked) and (same := common(self.tokens, prompt)) >= len(asked):
            return Reuse(min(same, len(prompt) - 1))
        may_change = _MAY_GO_STALE if self._cache.moves else 0
        return plan(self.tokens, self._prompt[: self._asked], asked, may_change=may_change)

    def _stale_after(self, reuse: Reuse, asked: list[int]) -> Stale:
        return self._stale.after(reuse, len(asked) - 1 - reuse.moved)

    def _lower_if_due(self) -> None:
        """Put the moved block back once everything before it is read."""
        start = self._asked - 1 - self._reuse.moved
        if self._reuse.moved and len(self.tokens) == start:
            self._cache.lower(self.slot)
            self.tokens += self._prompt[start : self._asked - 1]
            self._reuse = Reuse(0)

    def unread(self, most: int) -> list[int]:
        """Return the next tokens to read, at most so many; their first position is `len(tokens)`."""
        start = len(self.tokens)
        end = self._asked - 1 - self._reuse.moved if self._reuse.moved else self._goal
        mark = min((length for length in self._to_mark if length > start), default=end)
        return self._prompt[start : min(end, start + most, mark)]

    def ends_with(self, tokens: list[int]) -> bool:
        """Whether these next tokens end the prompt, so that an output is wanted after them."""
        return len(self.tokens) + len(tokens) == len(self._prompt)

    def was_read(self, tokens: list[int]) -> None:
        """Note that these tokens are in the cache now."""
        self.tokens += tokens
        if self._reuse.moved:
            self._lower_if_due()
        if self._marks and len(self.tokens) in self._to_mark and not self._marks.has(self.tokens):
            self._marks.put(self.tokens, self._cache.save(self.slot, self._marks.budget, uncut=True))

    def was_broken_off(self, tokens: list[int], outputs: int) -> int:
        """Keep what the cache got of these tokens, those left out whose output is lost; return how many that is."""
        length = len(self.tokens)
        kept = min(self._cache.length(self.slot) - length, len(tokens) - outputs)
        self._cache.forget(self.slot, length + kept)
        self.was_read(tokens[:kept])
        return kept

    def keep(self, length: int) -> None:
        """Forget all but the first `length` tokens; only where the cache can drop a part."""
        if length < len(self.tokens):
            self._cache.forget(self.slot, length)
            del self.tokens[length:]

    def release(self) -> None:
        """The job is over: what is set aside and not back yet is lost, the rest stays."""
        self.job = None
        if self._reuse.moved:
            self._cache.drop(self.slot)
            self._reuse = Reuse(0)
        if len(self.tokens) < len(self._prompt) - 1:
            self._prompt = self._prompt[: len(self.tokens)]
            self._asked = min(self._asked, len(self._prompt))
        self._goal = 0
        self._to_mark = frozenset()

    def begin_alike(self, length: int) -> int:
        """Keep the first `length` tokens for another file, or less where it cannot be cut there; return how many."""
        if not (length := self._cut(length)):
            self.clear()
            return 0
        self._begin_with(self.tokens[:length], self._stale)
        self._shared = min(self._shared, length)
        return length

    def borrow(self, source: Sequence, length: int) -> int:
        """Begin, being empty, with the first `length` tokens of another sequence, or none; return how many."""
        if not self._cache.share(source.slot, self.slot, length):
            self.clear()
            return 0
        self._begin_with(source.tokens[:length], source._stale)
        self._shared, source._shared = length, max(source._shared, length)
        return length

    def copy(self, parked: Parked, length: int) -> int:
        """Begin, being empty, with the first `length` tokens of what was parked, or less; return how many."""
        if self._cache.restore(self.slot, parked.states):
            self.tokens = list(parked.tokens)
            length = self._cut(length)
        else:
            length = 0
        if not length:
            self.clear()
            return 0
        self._begin_with(parked.tokens[:length], parked.stale)
        return length

    def _begin_with(self, tokens: list[int], stale: Stale) -> None:
        self.tokens = tokens
        self._prompt, self._asked = list(tokens), len(tokens)
        self._stale = stale.within(len(tokens))

    def save(self, most: int) -> Parked | None:
        """Copy out what is held; None where that is too little, more than `most` bytes, or cannot be had just now."""
        if len(self.tokens) < _WORTH_PARKING:
            return None
        states = self._cache.save(self.slot, most)
        return Parked(list(self.tokens), self._prompt[: self._asked], self._stale, states) if states else None

    def unpark(self, parked: Parked) -> None:
        """Take up, being empty, what was parked; where it cannot be restored the sequence stays so."""
        if self._cache.restore(self.slot, parked.states):
            self.tokens, self._prompt, self._stale = list(parked.tokens), parked.prompt, parked.stale
            self._asked = len(parked.prompt)
        else:
            self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._cache.drop(self.slot)
        self._cache.forget(self.slot, 0)
        self.tokens.clear()
        self._prompt = []
        self._to_mark = frozenset()
        self._stale = Stale()
        self._goal = self._shared = self._asked = 0
        self._reuse = Reuse(0)
        self.key = self.job = None
