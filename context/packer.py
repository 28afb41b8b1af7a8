"""Which candidates go into a budget, in an order that does not change with the cursor."""

from __future__ import annotations

from .candidates import Analysis, Candidate
from .snippet import Snippet


def pack(analysis: Analysis, scores: list[float], budget: int) -> tuple[tuple[Snippet, ...], int]:
    """Choose the best candidates that fit into `budget` tokens; return them by path and line, and their cost.

    A candidate that does not fit is skipped, smaller ones after it may still go in. A member brings the line
    of its class along.
    """
    candidates = analysis.candidates
    order = sorted(
        range(len(candidates)),
        key=lambda index: (-scores[index], candidates[index].path, candidates[index].start_line),
    )
    chosen: dict[int, None] = {}
    taken: set[tuple[str, int]] = set()
    paths: set[str] = set()
    total = 0
    for index in order:
        if candidates[index].tokens > budget - total or _place(candidates[index]) in taken:
            continue
        group = _with_parents(candidates, index, taken)
        cost = sum(candidates[item].tokens for item in group)
        cost += sum(analysis.headers[path] for path in {candidates[item].path for item in group} - paths)
        if total + cost > budget:
            continue
        total += cost
        for item in group:
            chosen[item] = None
            taken.add(_place(candidates[item]))
            paths.add(candidates[item].path)
    snippets = [_snippet(candidates[index], scores[index]) for index in chosen]
    snippets.sort(key=lambda snippet: (snippet.path, snippet.start_line))
    return tuple(snippets), total


def _place(candidate: Candidate) -> tuple[str, int]:
    return candidate.path, candidate.start_line


def _with_parents(candidates: tuple[Candidate, ...], index: int, taken: set[tuple[str, int]]) -> list[int]:
    group = [index]
    places = {_place(candidates[index])}
    parent = candidates[index].parent
    while parent is not None:
        if (place := _place(candidates[parent])) not in taken and place not in places:
            group.append(parent)
            places.add(place)
        parent = candidates[parent].parent
    return group


def _snippet(candidate: Candidate, score: float) -> Snippet:
    return Snippet(
        path=candidate.path,
        start_line=candidate.start_line,
        end_line=candidate.end_line,
        symbol=candidate.symbol,
        why=candidate.why,
        score=round(score, 4),
        tokens=candidate.tokens,
        text=candidate.text,
    )
