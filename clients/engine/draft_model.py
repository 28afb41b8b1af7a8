"""Guesses from a small model of the same vocabulary, where what is written has not been written before.

The large model checks every guess, so that the answer is the one it would have given alone (Leviathan et al. 2023,
speculative decoding, greedy). Guessing costs time; an account of it decides whether the next guess is made.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ..errors import ModelRefused
from .gguf_check import read_tokens
from .llama import DecodeFailed, NoRoom
from .reuse import common

_log = logging.getLogger(__name__)

CONTEXT_TOKENS = 1024
"""The draft model's window at most: it sees the end of a prompt only, which costs it little to read."""

_SHARE_SEEN = 4
"""The part of its window that it sees before the answer at least; the start of what it sees moves in such steps."""

_MOST_PADDING = 1024
"""Models of one family pad their vocabularies differently; so many tokens may be left over in the larger one."""

_ALLOWED = 0.03
"""The share of the large model's time that wrong guesses may cost in the long run."""

_FIRST_STEPS, _MOST_STEPS = 8.0, 64.0
_FIRST_GUESSES, _FEWEST_GUESSES, _MOST_GUESSES = 3, 1, 8
_FIRST_PIECE = 16
_WEIGHT = 0.3


class Computer(Protocol):
    """What the draft model computes on; `llama.Sequences` is the real one."""

    context_tokens: int

    @property
    def room(self) -> int:
        """Tokens that still fit into the batch."""
        ...

    def add(self, slot: int, position: int, tokens: list[int], *, outputs: int) -> range:
        """Put tokens into the batch; return the indices of the last `outputs` of them."""
        ...

    def decode(self) -> bool:
        """Evaluate the batch."""
        ...

    def likeliest(self, index: int) -> int:
        """Choose a token."""
        ...

    def forget(self, slot: int, position: int) -> bool:
        """Drop what a sequence holds from `position` on."""
        ...


class Account:
    """Whether guessing pays: seconds won by right guesses against seconds spent, with a small allowance."""

    def __init__(self) -> None:
        self._plain = 0.0
        self._seconds = 0.0

    def can_pay(self, seconds: float) -> bool:
        """Whether so many seconds, spread over as many steps as they take, are there to be spent."""
        return seconds <= self._seconds

    @property
    def budget(self) -> float:
        """Seconds that may be spent before the next step: never more than such a step takes without guesses."""
        return max(0.0, min(self._seconds, self._plain))

    def spent(self, seconds: float) -> None:
        """Note seconds of guessing."""
        self._seconds -= seconds

    def stepped(self, seconds: float, *, checked: int = 0, right: int = 0, drafted: bool = False) -> None:
        """Note a step of the large model for one answer: how many guesses it checked, and whether they were ours."""
        if drafted:
            self._seconds += (right + 1) * self._plain - seconds
        elif checked or self._plain:
            self._seconds += _ALLOWED * seconds
        else:
            self._seconds += _FIRST_STEPS * seconds
        if not checked:
            self._plain = _smoothed(self._plain, seconds)
        self._seconds = min(self._seconds, _MOST_STEPS * self._plain)


class Drafter:
    """Proposes tokens for the answers of a large model, one sequence for each of that model's own."""

    def __init__(self, cache: Computer, vocabulary: int, clock: Callable[[], float] = time.perf_counter) -> None:
        """`vocabulary` is the number of tokens that both models know."""
        self._account = Account()
        self._cache = cache
        self._window = cache.context_tokens
        self._seen = max(1, self._window // _SHARE_SEEN)
        self._vocabulary = vocabulary
        self._clock = clock
        self._held: dict[int, tuple[int, list[int]]] = {}
        self._read_seconds = self._guess_seconds = 0.0
        self._most = _FIRST_GUESSES
        self.guessed_tokens = self.accepted_tokens = 0

    def propose(self, slot: int, tokens: list[int], most: int) -> list[int]:
        """Guess at most `most` tokens after `tokens`; empty where that would not pay just now.

        Only what is new since the last call for this `slot` is read, over several calls where it is much.
        """
        start = max(0, (len(tokens) - self._seen) // self._seen * self._seen)
        seen = tokens[start:]
        since, held = self._held.get(slot, (start, []))
        same = min(common(held, seen), len(seen) - 1) if since == start else 0
        most = min(most, self._most, self._window - len(seen))
        budget = self._account.budget
        unread = seen[same:]
        if most <= 0 or not budget or max(unread) >= self._vocabulary:
            return []
        if not self._account.can_pay(len(unread) * self._read_seconds + self._guess_seconds):
            return []
        self._cache.forget(slot, same)
        self._held[slot] = start, seen[:same]
        try:
            piece = int(budget / self._read_seconds) if self._read_seconds else _FIRST_PIECE
            if len(unread) > max(1, piece):
                self._read(slot, unread[: max(1, piece)], output=False)
                return []
            affordable = int((budget - len(unread) * self._read_seconds) / (self._guess_seconds or budget))
            return self._guess(slot, unread, max(1, min(most, affordable)))
        except (DecodeFailed, NoRoom) as failure:
            _log.warning("the draft model could not go on: %s", failure or "no room")
            self.forget(slot)
            return []

    def stepped(self, seconds: float, *, checked: int = 0, right: int = 0, drafted: bool = False) -> None:
        """Hear of each step of the large model for a single answer: `right` of the `checked` guesses were.

        `drafted` says that the guesses came from here.
        """
        self._account.stepped(seconds, checked=checked, right=right, drafted=drafted)
        if drafted:
            self.guessed_tokens += checked
            self.accepted_tokens += right
            self._most = min(_MOST_GUESSES, self._most + 1) if right == checked else max(_FEWEST_GUESSES, right)

    def forget(self, slot: int) -> None:
        """Drop what is held for a sequence."""
        if self._held.pop(slot, None):
            self._cache.forget(slot, 0)

    def _guess(self, slot: int, unread: list[int], most: int) -> list[int]:
        guesses: list[int] = []
        index = self._read(slot, unread, output=True)
        while True:
            token = self._cache.likeliest(index)
            if token >= self._vocabulary:
                return guesses
            guesses.append(token)
            if len(guesses) == most:
                return guesses
            index = self._read(slot, [token], output=True)

    def _read(self, slot: int, tokens: list[int], *, output: bool) -> int:
        """Evaluate tokens after those that are held; return the index of the last one's output, if one is wanted."""
        began = self._clock()
        held, index, count = self._held[slot][1], 0, len(tokens)
        while tokens:
            piece, tokens = tokens[: self._cache.room], tokens[self._cache.room :]
            outputs = self._cache.add(slot, len(held), piece, outputs=1 if output and not tokens else 0)
            self._cache.decode()
            held += piece
            index = outputs.start
        seconds = self._clock() - began
        self._account.spent(seconds)
        if count == 1:
            self._guess_seconds = _smoothed(self._guess_seconds, seconds)
        else:
            self._read_seconds = _smoothed(self._read_seconds, seconds / count)
        return index


def _smoothed(old: float, new: float) -> float:
    return old + _WEIGHT * (new - old) if old else new


def shared_vocabulary(model: Path, draft: Path) -> int:
    """How many tokens both models know under the same numbers; raise `ModelRefused` where they do not agree."""
    large, small = read_tokens(model), read_tokens(draft)
    shared = min(len(large), len(small))
    if not shared or abs(len(large) - len(small)) > _MOST_PADDING:
        raise _other_words(draft, f"{len(small)} tokens instead of {len(large)}")
    if large[:shared] != small[:shared]:
        number = next(at for at in range(shared) if large[at] != small[at])
        raise _other_words(draft, f"token {number} is another")
    return shared


def _other_words(draft: Path, reason: str) -> ModelRefused:
    return ModelRefused(
        f"The draft model {draft} has another vocabulary than the model ({reason}): "
        "choose a small model of the same family in near.draft_model, or leave it empty."
    )
