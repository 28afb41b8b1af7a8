"""Hits, and how sure their share is: bootstrap over files."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..report import quantile
from .arms.arm import Piece, fit
from .definitions import Defined
from .points import Point

BUDGETS = (256, 512, 1024, 2048, 4096)
_DRAWS = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method did at a point: by budget, whether a needed definition is shown whole and whether its name is.

    `rank` is the place of the needed definition among the pieces, from 1, 0 where it is not shown at all;
    `tokens` what is shown, by budget.
    """

    point: Point
    recalled: Mapping[int, bool]
    named: Mapping[int, bool]
    rank: int
    tokens: Mapping[int, int]
    ms: float


@dataclass(frozen=True, slots=True)
class Share:
    """A share in percent with its 95 % interval, of `count` points."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        """As it stands in a table."""
        return f"{self.value:.0f} ({self.low:.0f}–{self.high:.0f})" if self.count else "–"


def judge(point: Point, by_budget: Mapping[int, Sequence[Piece]], ms: float) -> Outcome:
    """Say for each budget whether what was chosen holds what is needed."""
    recalled, named, tokens = {}, {}, {}
    rank = 0
    for budget, pieces in by_budget.items():
        shown, tokens[budget] = fit(pieces, budget)
        recalled[budget] = any(_whole(gold, shown) for gold in point.golds)
        named[budget] = any(point.name in piece.text for piece in shown)
        if not rank:
            rank = next((at for at, one in enumerate(shown, 1) if any(_whole(gold, [one]) for gold in point.golds)), 0)
    return Outcome(point, recalled, named, rank, tokens, ms)


def _whole(gold: Defined, shown: Sequence[Piece]) -> bool:
    lines = {line for piece in shown if piece.path == gold.path for line in range(piece.start, piece.end + 1)}
    return all(line in lines for line in range(gold.start, gold.end + 1))


def share(values: Sequence[tuple[str, bool]]) -> Share:
    """The share of true values; `values` are (file, value), and files are what is drawn."""
    if not values:
        return Share(0.0, 0.0, 0.0, 0)
    groups: dict[str, list[bool]] = defaultdict(list)
    for file, value in values:
        groups[file].append(value)
    clusters = list(groups.values())
    chance = random.Random(0)
    drawn = []
    for _ in range(_DRAWS):
        picked = chance.choices(clusters, k=len(clusters))
        drawn.append(sum(map(sum, picked)) / sum(map(len, picked)))
    whole = sum(value for _, value in values) / len(values)
    return Share(100 * whole, 100 * quantile(drawn, 0.025), 100 * quantile(drawn, 0.975), len(values))


def recall(outcomes: Sequence[Outcome], budget: int) -> Share:
    """Definition recall at a budget."""
    return share([(one.point.path, one.recalled[budget]) for one in outcomes])


def visibility(outcomes: Sequence[Outcome], budget: int) -> Share:
    """Name visibility at a budget."""
    return share([(one.point.path, one.named[budget]) for one in outcomes])
