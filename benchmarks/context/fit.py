"""`python -m benchmarks.context.fit`: fit what each column is worth, and say what that reaches on releases left out.

A candidate's likelihood is a softmax over a document's candidates of a weighted sum of its columns, with one set of
weights for names that stand in the file and one for those that do not. Every track of every release counts the same,
M half. Each release is judged with weights that were fitted without it; what is printed last is fitted on all.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twolane.context.packer import choose
from twolane.context.ranking.cursor import look
from twolane.context.ranking.features import COLUMNS, Column
from twolane.context.ranking.pool import Pool
from twolane.context.ranking.scoring import columns

from ..corpora.fetch import by_name, fetch
from . import jedi_gold, repository
from .arms.ours import Ours
from .points import TRACKS, Track, find

TUNED = "httpx,rxjs,gin,clap,commons-lang,rich"
BUDGET = 1024
_MOST_NEGATIVES = 500
_STEPS = 250
_DECAY = 2e-4
_TRACK_WEIGHT: dict[Track, float] = {"A": 1.0, "B": 1.0, "C": 1.0, "M": 0.5}
_SEEN_BONUS = 1.0
_FLOORS = {Column.FIELD: -1.2, Column.CONSTRUCTOR: -0.5}
"""No rule here makes a field or a constructor gold, so how unlikely they are is not to be learned from it."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """The columns of a point's candidates, and which of them are needed; without a pool none was a candidate."""

    track: Track
    pool: Pool | None
    columns: Floats
    gold: NDArray[np.intp]


def examples(name: str, limit: int, seed: int) -> list[Example]:
    """The points of a release as examples."""
    repo = repository.read(name, fetch(by_name(name)))
    ours = Ours()
    ours.prepare(repo)
    made = []
    for point in jedi_gold.agreed(repo, find(repo, limit, seed)):
        snapshot, offset = ours.snapshot(point)
        pool = ours.pool(snapshot)
        places = [(gold.path, gold.start) for gold in point.golds]
        gold = np.array([pool.places[place] for place in places if place in pool.places], np.intp)
        if len(gold):
            made.append(Example(point.track, pool, columns(pool, look(snapshot.text, offset)), gold))
        else:
            made.append(Example(point.track, None, np.zeros((0, COLUMNS), np.float32), gold))
    return made


def fit(sets: Sequence[Sequence[Example]]) -> Floats:
    """Weights for new names, then for seen ones."""
    parts: list[Floats] = []
    golds: list[NDArray[np.bool_]] = []
    weights: list[float] = []
    for rows in sets:
        counts = Counter(row.track for row in rows)
        for row in rows:
            if row.pool is None:
                continue
            kept = np.random.default_rng(len(parts)).random(len(row.columns)) < _MOST_NEGATIVES / len(row.columns)
            kept[row.gold] = True
            numbers = np.flatnonzero(kept)
            parts.append(_doubled(row.columns[numbers]))
            golds.append(np.isin(numbers, row.gold))
            weights.append(_TRACK_WEIGHT[row.track] / counts[row.track])
    data, gold = np.concatenate(parts), np.concatenate(golds)
    which = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    starts = np.searchsorted(which, np.arange(len(parts)))
    share = np.array(weights, np.float32) / sum(weights)
    found = np.zeros(2 * COLUMNS, np.float32)
    first, second = np.zeros(2 * COLUMNS), np.zeros(2 * COLUMNS)
    for step in range(1, _STEPS + 1):
        scores = data @ found
        raised = np.exp(scores - np.maximum.reduceat(scores, starts)[which])
        likely = raised / np.add.reduceat(raised, starts)[which]
        wanted = likely * gold
        wanted = wanted / np.maximum(np.add.reduceat(wanted, starts), 1e-12)[which]
        slope = data.T @ ((likely - wanted) * share[which]) + _DECAY * found
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        pace = 0.1 if step < 0.7 * _STEPS else 0.03
        found = (found - pace * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)).astype(
            np.float32
        )
    for side in (0, COLUMNS):
        for column, floor in _FLOORS.items():
            found[side + column] = max(found[side + column], floor)
    found[COLUMNS + Column.CONSTANT] += _SEEN_BONUS
    return found


def recall(rows: Sequence[Example], weights: Floats, track: Track) -> float:
    """The share of a track's points, in percent, whose definition is among what fits into the budget."""
    some = [row for row in rows if row.track == track]
    hits = 0
    for row in some:
        if row.pool is not None:
            chosen, _ = choose(row.pool, (_doubled(row.columns) @ weights).astype(np.float32), BUDGET)
            hits += not set(chosen).isdisjoint(row.gold.tolist())
    return 100 * hits / max(len(some), 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.context.fit", description=__doc__)
    parser.add_argument("--corpora", default=TUNED, help="which releases (%(default)s)")
    parser.add_argument("--points", type=int, default=60, help="of each track and release (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="which points (%(default)s)")
    options = parser.parse_args(arguments)
    data = {name: examples(name, options.points, options.seed) for name in options.corpora.split(",")}
    for name, rows in data.items():
        weights = fit([others for other, others in data.items() if other != name])
        told = "  ".join(f"{track} {recall(rows, weights, track):.0f}" for track in TRACKS)
        print(f"{name:16} left out, recall at {BUDGET:,} tokens: {told}")
    weights = fit(list(data.values()))
    for title, side in (("NEW", 0), ("SEEN", COLUMNS)):
        print(f"{title} =")
        for column in Column:
            if abs(float(weights[side + column])) >= 0.05:
                print(f'    "{column.name}": {weights[side + column]:.2f},')
    return 0


def _doubled(found: Floats) -> Floats:
    """The columns twice: first where the name is new, then where it stands in the file, zeros elsewhere."""
    seen = found[:, Column.SEEN : Column.SEEN + 1] > 0
    return np.concatenate([found * ~seen, found * seen], axis=1)


if __name__ == "__main__":
    sys.exit(main())
