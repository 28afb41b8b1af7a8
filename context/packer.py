"""Which candidates go into a budget."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from .ranking.pool import Floats, Pool
from .ranking.weights import COST_POWER, LEAST_SHARE
from .snippet import Snippet

_CONSIDERED = 1_500


def choose(pool: Pool, scores: Floats, budget: int, shown: Collection[Snippet] = ()) -> tuple[list[int], int]:
    """The best candidates that fit into `budget` tokens beside what is shown, by their numbers, and their cost.

    A candidate that does not fit is skipped, smaller ones after it may still go in. A member brings the line of its
    class along, a file the line that names it.
    """
    candidates = pool.candidates
    if not candidates or budget <= 0:
        return [], 0
    costs = np.fromiter((max(c.tokens, 1) for c in candidates), np.float32, len(candidates))
    order = np.argsort(-(scores - COST_POWER * np.log(costs)), kind="stable")[:_CONSIDERED]
    least = float(scores.max()) + float(np.log(LEAST_SHARE))
    chosen: list[int] = []
    taken = {(snippet.path, snippet.start_line) for snippet in shown}
    paths = {snippet.path for snippet in shown}
    total = 0
    for index in map(int, order):
        candidate = candidates[index]
        if candidate.tokens > budget - total or candidate.place in taken or scores[index] < least:
            continue
        group = [index]
        parent = candidate.parent
        if parent is not None and parent != index and candidates[parent].place not in taken:
            group.append(parent)
        cost = sum(candidates[item].tokens for item in group)
        if candidate.path not in paths:
            cost += pool.headers[candidate.path]
        if total + cost > budget:
            continue
        total += cost
        chosen += group
        taken.update(candidates[item].place for item in group)
        paths.add(candidate.path)
    return chosen, total


def snippets(pool: Pool, scores: Floats, chosen: Collection[int]) -> list[Snippet]:
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
                tokens=candidate.tokens,
                text=candidate.text,
            )
        )
    return sorted(made, key=lambda snippet: (snippet.path, snippet.start_line))
