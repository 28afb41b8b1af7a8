"""What all answers come to: figures of each side, task by task, and how sure their differences are. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from .asking import Answer
from .holes import KINDS, Hole, Kind
from .intervals import Estimate, difference, mean
from .scoring import Score, score


@dataclass(frozen=True, slots=True)
class Row:
    """One hole with the answers of all sides that were asked; one with `trouble` counts as not given."""

    hole: Hole
    answers: Mapping[str, Answer]
    scores: Mapping[str, Score]


def row(hole: Hole, answers: Mapping[str, Answer]) -> Row:
    """Score what was answered."""
    return Row(hole, answers, {side: score(hole, one.text) for side, one in answers.items() if not one.trouble})


@dataclass(frozen=True, slots=True)
class Figures:
    """One side's answers to some holes: shares from 0 to 1, `parses` of those that were shown, times in ms.

    `models` has each that answered, with its lane; `cost_usd` counts what came to nothing, too.
    """

    models: tuple[tuple[str, str], ...]
    answered: int
    exact: Estimate
    similarity: Estimate
    parses: float
    silent: float
    ms_p50: float
    ms_p95: float
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What one side has more than another, at the holes that both answered."""

    side: str
    than: str
    places: int
    exact: Estimate
    similarity: Estimate


def figures(rows: Sequence[Row], side: str) -> Figures | None:
    """What one side's answers come to; None where it gave none."""
    asked = [one.answers[side] for one in rows if side in one.answers]
    scores = [one.scores[side] for one in rows if side in one.scores]
    if not scores:
        return None
    given = [one for one in asked if not one.trouble]
    shown = [one for one in scores if one.shown]
    times = sorted(one.ms for one in given)
    models = dict.fromkeys((str(one.lane), str(one.model)) for one in given if one.model)
    return Figures(
        tuple(models),
        len(scores),
        mean([float(one.exact) for one in scores]),
        mean([one.similarity for one in scores]),
        _share(shown, lambda one: one.parses),
        _share(scores, lambda one: not one.shown),
        _quantile(times, 50),
        _quantile(times, 95),
        sum(one.cost_usd for one in asked),
    )


def by_task(rows: Sequence[Row]) -> Iterator[tuple[Kind, list[Row]]]:
    """The rows of each kind of hole that there is."""
    for kind in KINDS:
        if of_kind := [one for one in rows if one.hole.kind == kind]:
            yield kind, of_kind


def more(rows: Sequence[Row], side: str, than: str) -> Difference | None:
    """What `side` has more; None where there is no hole that both answered."""
    both = [(one.scores[side], one.scores[than]) for one in rows if side in one.scores and than in one.scores]
    if not both:
        return None
    return Difference(
        side,
        than,
        len(both),
        difference([float(one.exact) for one, _ in both], [float(other.exact) for _, other in both]),
        difference([one.similarity for one, _ in both], [other.similarity for _, other in both]),
    )


def _share(scores: Sequence[Score], which: Callable[[Score], bool]) -> float:
    return sum(map(which, scores)) / len(scores) if scores else 0.0


def _quantile(times: Sequence[float], percent: int) -> float:
    if len(times) < 2:
        return times[0] if times else 0.0
    return quantiles(times, n=100, method="inclusive")[percent - 1]
