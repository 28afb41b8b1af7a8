"""Which candidates go into a budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

import numpy as np

from .ranking.pool import Floats, Pool
from .ranking.weights import COST_POWER, LEAST_SHARE
from .snippet import Snippet

Price = Callable[[str], int]
"""What lines of a text cost the model that reads them. Asked in the order in which they matter; never waits."""

_REACH = 4
"""What would come up only after so many budgets is left alone."""

_FEWER = 2
"""No model needs less than one token for so many of ours: what is longer than that need not be counted."""


_CONTROL = 1
"""A model's form of that line has a control token more."""


def header(pool: Pool, path: str, price: Price | None = None) -> int:
    """What the line that names a file costs."""
    return pool.headers.get(path, 0) if price is None else price(f"# {path}") + _CONTROL


def choose(
    pool: Pool, scores: Floats, budget: int, shown: Collection[Snippet] = (), price: Price | None = None
) -> tuple[list[int], int]:
    """The best candidates that fit into `budget` tokens beside what is shown, by their numbers, and their cost.

    A candidate that does not fit is skipped, smaller ones after it may still go in. A member brings the line of its
    class along, a file the line that names it: what comes after them is cheaper. Without a `price` all costs what
    `tokens.count` says; with one, too, that says in which order they go in, so that what a model counts moves nothing
    that fits anyway; and a file that is shown already is named again.
    """
    candidates, size = pool.candidates, len(pool.candidates)
    if not candidates or budget <= 0:
        return [], 0
    tokens = np.fromiter((one.tokens for one in candidates), np.float32, size)
    above = np.fromiter((i if one.parent is None else one.parent for i, one in enumerate(candidates)), np.intp, size)
    numbers: dict[str, int] = {}
    file = np.fromiter((numbers.setdefault(one.path, len(numbers)) for one in candidates), np.intp, size)
    named = np.array([pool.headers[path] for path in numbers], np.float32)
    there = np.zeros(size, bool)
    for snippet in shown:
        if (at := pool.places.get((snippet.path, snippet.start_line))) is not None:
            there[at] = True
        if price is None and snippet.path in numbers:
            named[numbers[snippet.path]] = 0
    brings = np.where((above == np.arange(size)) | there[above], 0, tokens[above])
    order = scores - COST_POWER * np.log(np.maximum(tokens + brings + named[file], 1))
    may = (scores >= scores.max() + math.log(LEAST_SHARE)) & ~there
    some = np.argsort(np.where(may, -order, np.inf), kind="stable")[: int(may.sum())]
    some = some[: int(np.searchsorted(np.cumsum(tokens[some]), _REACH * budget)) + 1]
    chosen: list[int] = []
    left = budget
    live = np.ones(len(some), bool)
    tokens, above, file, scores, brings = tokens[some], above[some], file[some], scores[some], brings[some]
    while True:
        added = np.maximum(tokens + brings + named[file], 1)
        fits = live & (added <= left * (1 if price is None else _FEWER))
        if not fits.any():
            return chosen, budget - left
        at = int(np.where(fits, scores - COST_POWER * np.log(added), -np.inf).argmax())
        live[at] = False
        group = [int(some[at]), int(above[at])] if brings[at] else [int(some[at])]
        cost = int(tokens[at] + brings[at] + named[file[at]])
        if price is not None:
            cost = sum(price(candidates[index].text) for index in group)
            cost += header(pool, candidates[group[0]].path, price) if named[file[at]] else 0
        if cost > left:
            continue
        left -= cost
        chosen += group
        named[file[at]] = 0
        for index in group:
            brings[above == index] = 0
            live[some == index] = False


def snippets(pool: Pool, scores: Floats, chosen: Collection[int], price: Price | None = None) -> list[Snippet]:
    """The chosen candidates by path and line."""
    best = float(scores.max(initial=0.0))
    made = []
    for index in chosen:
        candidate = pool.candidates[index]
        made.append(
            Snippet(
                path=candidate.path,
                start_line=candidate.start_line,
                end_line=candidate.end_line,
                symbol=candidate.symbol,
                why=candidate.why,
                score=round(float(np.exp(max(scores[index] - best, -20.0))), 4),
                tokens=candidate.tokens if price is None else price(candidate.text),
                text=candidate.text,
            )
        )
    return sorted(made, key=lambda snippet: (snippet.path, snippet.start_line))
