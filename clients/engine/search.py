"""The likeliest line, where the likeliest token at each step need not lead to it: beam search over one line.

A small model spreads its doubts over a word's first tokens, so that what it says step by step is often less likely as a
whole than another line that it knows of. Several hypotheses are written side by side; however one ends its line, with
the model's own end or any kind of line break, counts as one and the same end. JetBrains' completion of whole lines
searches likewise (Semenkin et al. 2024, "Full Line Code Completion").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .healing import Tokens

Scores = np.ndarray[tuple[int], np.dtype[np.float32]]

_MOST_BEHIND = 2.5
"""A line that is so much less likely than the best one (logarithm) is given up."""

_LOOKED_AT = 2
"""So many times as many next tokens as hypotheses are looked at behind each of them."""


class Endings:
    """Which tokens of a vocabulary end a line: what `ends` an answer and what begins with a line break do nothing else.

    `breaking` are those that say something first, as a bracket that is closed before the line break.
    """

    def __init__(self, size: int, piece: Callable[[int], bytes], ends: Callable[[int], bool]) -> None:
        bare: list[int] = []
        breaking: list[int] = []
        never: list[int] = []
        for token in range(size):
            if ends(token):
                bare.append(token)
                continue
            spelt = piece(token)
            before, broken, _ = spelt.partition(b"\n")
            if broken:
                (breaking if before.strip() else bare).append(token)
            elif not spelt:
                never.append(token)
        self.bare: Tokens = np.array(bare, dtype=np.int64)
        self.breaking = frozenset(breaking)
        self.never: Tokens = np.array(never, dtype=np.int64)


class Line(NamedTuple):
    """A finished line: its tokens, with the one that ends it, and how likely it is (logarithm)."""

    tokens: list[int]
    score: float

    @property
    def rank(self) -> float:
        """The higher the better: a short line is not better only for being short."""
        return self.score / math.sqrt(max(1, len(self.tokens)))


@dataclass(slots=True)
class _Hypothesis:
    """The beginning of a line; `branch` holds it in the cache but for its last token, `left` is still to be spelt."""

    tokens: list[int]
    score: float
    left: bytes
    branch: int


class Step(NamedTuple):
    """What to evaluate next: first the branches to copy, (source, target), then a token behind each branch.

    The first step finds the prompt in branch 0, which is never a target; the others count from 1 up to the width. `at`
    is how many tokens stand behind the prompt in each of them.
    """

    copies: list[tuple[int, int]]
    tokens: list[tuple[int, int]]
    at: int


class Search:
    """One line in the making. Feed it the scores behind the prompt, then those behind each token of its `Step`."""

    def __init__(
        self,
        width: int,
        endings: Endings,
        piece: Callable[[int], bytes],
        most: int,
        taken: bytes = b"",
        agreeing: Callable[[bytes], Tokens] | None = None,
    ) -> None:
        """At most `width` hypotheses of at most `most` tokens; each begins with `taken`, among tokens `agreeing`."""
        self._width = width
        self._endings = endings
        self._piece = piece
        self._most = most
        self._agreeing = agreeing
        self._alive = [_Hypothesis([], 0.0, taken if agreeing else b"", 0)]
        self._finished: list[Line] = []
        self.steps = 0

    def feed(self, rows: Sequence[Scores]) -> Step | None:
        """Take the scores behind each hypothesis, in the order of the last step; None where the search is over."""
        found: list[tuple[float, _Hypothesis, int]] = []
        for hypothesis, scores in zip(self._alive, rows, strict=True):
            found += self._continued(hypothesis, _logarithms(scores))
        found.sort(key=lambda one: one[0], reverse=True)
        chosen = self._choose(found)
        best = max((line.score for line in self._finished), default=-math.inf)
        if not chosen or best >= chosen[0].score:
            self._alive = [] if self._finished else self._alive
            return None
        chosen = [one for one in chosen if not one.score < max(best, chosen[0].score - _MOST_BEHIND)]
        copies = self._place(chosen)
        at, self._alive = self.steps, chosen
        self.steps += 1
        if self.steps > self._most:
            return None
        return Step(copies, [(hypothesis.branch, hypothesis.tokens[-1]) for hypothesis in chosen], at)

    def best(self) -> list[int]:
        """The best line so far; its last token ends it, unless the search was left before it was over."""
        lines = [*self._finished, *(Line(hypothesis.tokens, hypothesis.score) for hypothesis in self._alive)]
        return max(lines, key=lambda line: line.rank).tokens

    def _continued(self, hypothesis: _Hypothesis, scores: Scores) -> list[tuple[float, _Hypothesis, int]]:
        """The likeliest next tokens; an end of the line is noted here."""
        if hypothesis.left and self._agreeing is not None:
            allowed = self._agreeing(hypothesis.left)
            likely = allowed[np.argsort(-scores[allowed])[: _LOOKED_AT * self._width]]
        else:
            bare = self._endings.bare
            if len(bare):
                of_ends = scores[bare]
                end = int(bare[of_ends.argmax()])
                score = hypothesis.score + float(np.logaddexp.reduce(of_ends))
                self._finished.append(Line([*hypothesis.tokens, end], score))
            scores[bare] = scores[self._endings.never] = -np.inf
            count = min(_LOOKED_AT * self._width, len(scores) - 1)
            likely = np.argpartition(-scores, count)[:count]
        return [(hypothesis.score + float(scores[token]), hypothesis, int(token)) for token in likely]

    def _choose(self, found: list[tuple[float, _Hypothesis, int]]) -> list[_Hypothesis]:
        """The best that go on; better ones that end the line with their last token are finished."""
        chosen: list[_Hypothesis] = []
        for score, parent, token in found:
            tokens = [*parent.tokens, token]
            if not parent.left and token in self._endings.breaking:
                self._finished.append(Line(tokens, score))
                continue
            left = parent.left[len(self._piece(token)) :] if parent.left else b""
            chosen.append(_Hypothesis(tokens, score, left, parent.branch))
            if len(chosen) == self._width:
                break
        return chosen

    def _place(self, chosen: list[_Hypothesis]) -> list[tuple[int, int]]:
        """Give each a branch: the first of several takes its parent's, the others one that nobody needs any more."""
        free = [branch for branch in range(self._width, 0, -1) if all(one.branch != branch for one in chosen)]
        held: set[int] = set()
        copies: list[tuple[int, int]] = []
        for hypothesis in chosen:
            if hypothesis.branch in held:
                target = free.pop()
                copies.append((hypothesis.branch, target))
                hypothesis.branch = target
            else:
                held.add(hypothesis.branch)
        return copies


def _logarithms(scores: Scores) -> Scores:
    """Scores as logarithms of probabilities."""
    below: Scores = scores - scores.max()
    below -= np.log(np.exp(below).sum())
    return below
