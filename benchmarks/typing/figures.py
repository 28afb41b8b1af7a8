"""The table of a session: what a person waited, what it cost, what of it was in vain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean

from ..report import Figure, figure, quantile
from .intervals import ratio
from .score import Key, Score, Totals

OURS, THEIRS = "twolane", "llama.vim"
_FEWEST_PIECES = 5
"""Fewer than so many say nothing about how sure a ratio is."""

_ORIGINS = {
    "model": "asked for at this key",
    "adopted": "asked for earlier, still being written",
    "typed-through": "typed through an earlier answer",
    "speculated": "written before anybody asked",
    "rule": "decided without a model",
}


def together(scores: Sequence[Score]) -> Score:
    """Put the sessions of one side together."""
    whole = Score()
    for score in scores:
        whole.keys += score.keys
        whole.works += score.works
        whole.around_ms += score.around_ms
        whole.packing_ms += score.packing_ms
        whole.near_tokens += score.near_tokens
        whole.asked_ms += score.asked_ms
        whole.goal_ms = max(whole.goal_ms, score.goal_ms)
        whole.settling_ms += score.settling_ms
        whole.round_trips_ms += score.round_trips_ms
        whole.naps_late_ms += score.naps_late_ms
        whole.player_late_ms += score.player_late_ms
        whole.lost_traces += score.lost_traces
        whole.totals = Totals(
            whole.totals.evaluated + score.totals.evaluated,
            whole.totals.generated + score.totals.generated,
            whole.totals.model_ms + score.totals.model_ms,
            whole.totals.unseen_ms + score.totals.unseen_ms,
        )
    return whole


def table(ours: Score, theirs: Score, *, waited: bool = False) -> list[Figure]:
    """All rows; our side has at least one key, and the other none where it did not play.

    Where the editor `waited` before it asked, its wait is in every figure: known answers are then not judged.
    """
    mine = _side(OURS, ours, judged=True, waited=waited)
    if not theirs.keys:
        return mine
    return [
        *_ratios(ours, theirs),
        *mine,
        *_side(THEIRS, theirs, judged=False, waited=waited),
    ]


def notes(ours: Score, theirs: Score) -> list[str]:
    """What a reader of the table needs to know beside it."""
    late = [*ours.player_late_ms, *theirs.player_late_ms]
    told = []
    if theirs.keys:
        a, b = _by_piece(ours, theirs)
        told.append(
            f"{OURS} / {THEIRS}, key to answer: p50 {ratio(a, b, 0.5)}, p90 {ratio(a, b, 0.9)}, "
            f"p95 {ratio(a, b, 0.95)}; 95 % bootstrap intervals over {len(a)} pieces"
        )
    told.append(f"the player's own keys came {quantile(late, 0.95):.1f} ms late at p95: this machine's noise")
    missed = [sum(key.missed for key in score.keys) for score in (ours, theirs)]
    if any(missed):
        told.append(
            f"{missed[0]} and {missed[1]} keys were never answered: what they waited counts, though it was not all"
        )
    if ours.lost_traces:
        told.append(f"{ours.lost_traces} times the server remembered too few of its requests: origins are missing")
    return told


def _ratios(ours: Score, theirs: Score) -> list[Figure]:
    a, b = _by_piece(ours, theirs)
    rows = []
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        found = ratio(a, b, share)
        what = f"{OURS} / {THEIRS}, key to answer: {name}"
        sure = (found.low, found.high) if len(a) >= _FEWEST_PIECES else (0.0, math.inf)
        rows.append(figure(what, "×", [found.value], goal=0.5, interval=sure))
    return rows


def _by_piece(ours: Score, theirs: Score) -> tuple[list[list[float]], list[list[float]]]:
    numbers = sorted({key.piece for key in (*ours.keys, *theirs.keys)})

    def waits(score: Score) -> list[list[float]]:
        found: dict[int, list[float]] = {number: [] for number in numbers}
        for key in score.keys:
            found[key.piece].append(key.wait_ms)
        return list(found.values())

    return waits(ours), waits(theirs)


def _side(name: str, score: Score, *, judged: bool, waited: bool) -> list[Figure]:
    keys, totals = score.keys, score.totals
    asked = [work for work in score.works if not work.ahead and not work.warm]
    pace = score.goal_ms or None
    rows = [figure(f"{name}: key to answer", "ms", [key.wait_ms for key in keys], goal_p90=pace)]
    if score.asked_ms:
        rows.append(figure("  request to answer, or withdrawn late", "ms", score.asked_ms, goal_p90=pace))
    for origin, words in _ORIGINS.items():
        if waits := [key.wait_ms for key in keys if key.origin == origin and not key.late]:
            known = judged and not waited and origin == "typed-through"
            goal, goal_p95 = (3.0, 10.0) if known else (None, None)
            rows.append(figure(f"  {words}", "ms", waits, goal, goal_p95=goal_p95))
    rows += [
        _single("  keys without an answer before the next one", "%", _share(keys, [key for key in keys if key.late])),
        _single("  keys never answered", "%", _share(keys, [key for key in keys if key.missed])),
        _single("  keys with text shown", "%", _share(keys, [key for key in keys if key.text])),
        _single("  tokens read a key, mean", "tok", totals.evaluated / len(keys), goal=8.0 if judged else None),
        _single("  of it while somebody waited", "tok", sum(work.evaluated for work in asked) / len(keys)),
        _single("  tokens written a key, mean", "tok", totals.generated / len(keys)),
    ]
    if asked:
        first = {work.piece: work for work in reversed(asked)}
        later = [work.evaluated for work in asked if work is not first[work.piece]]
        reused = 100 * (1 - sum(work.evaluated for work in asked) / max(1, sum(work.prompt for work in asked)))
        rows += [
            figure("  prompt of a request", "tok", [work.prompt for work in asked]),
            figure("  read of it", "tok", [work.evaluated for work in asked]),
            _single("  read of it, mean, but for a piece's first", "tok", sum(later) / max(1, len(later))),
            figure("  prompt reused", "%", [reused], goal=95.0 if judged else None, at_least=True),
        ]
    if score.near_tokens:
        rows.append(_single("  read of it, mean, near the last key", "tok", mean(score.near_tokens), goal=8.0))
    rows += [
        _single("  model time a key, mean", "ms", totals.model_ms / len(keys)),
        _single("  of it for answers nobody saw", "%", 100 * totals.unseen_ms / max(totals.model_ms, 0.001)),
    ]
    if score.around_ms:
        rows += [
            figure("  our time around the model's", "ms", score.around_ms, goal=5.0, goal_p95=15.0),
            figure("    of it choosing lines of other files", "ms", score.packing_ms),
            figure("    of it filters and checks", "ms", score.settling_ms, goal_p95=5.0),
        ]
    if score.round_trips_ms:
        rows.append(figure("  round trip beside the session", "ms", score.round_trips_ms, goal_most=20.0))
    if score.naps_late_ms:
        rows.append(figure("  a process that only sleeps, woken late", "ms", score.naps_late_ms))
    return rows


def _single(name: str, unit: str, value: float, goal: float | None = None) -> Figure:
    return figure(name, unit, [value], goal)


def _share(keys: Sequence[Key], some: Sequence[Key]) -> float:
    return 100 * len(some) / len(keys)
