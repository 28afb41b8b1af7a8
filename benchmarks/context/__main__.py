"""`python -m benchmarks.context`: how many of the definitions that a line needs are shown, by method and by track."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..corpora.corpus import CORPORA
from ..corpora.fetch import NotFetched, by_name, fetch
from ..report import machine, quantile
from . import jedi_gold, repository, score
from .arms.arm import Arm, Piece, hidden
from .arms.others import every
from .arms.ours import Ours
from .checks import churn, noise
from .picture import draw
from .points import TRACKS, Point, find
from .repository import Repository
from .score import BUDGETS, Outcome

_TUNED = "httpx,rxjs,gin,clap,commons-lang"
_HELD_OUT = "flask,viem,cobra,ripgrep,jsoup"


@dataclass(frozen=True, slots=True)
class Told:
    """What was measured on one repository, by method."""

    repository: Repository
    outcomes: dict[str, list[Outcome]]
    churn: float
    noise: tuple[int, int]
    refresh_ms: list[float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    options = _options(arguments)
    told: list[Told] = []
    try:
        for name in options.corpora.split(",") if not options.folder else [""]:
            root = options.folder or fetch(by_name(name))
            told.append(_measured(repository.read(name or root.name, root), options))
    except NotFetched as nothing:
        print(nothing, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps([_document(one) for one in told]))
    else:
        where = machine()
        print(f"context: {where['processor']}, Python {where['python']}, load {where['load']}")
        for one in told:
            _tell(one)
        if len(told) > 1:
            _tell_all(told)
    if options.plot:
        options.plot.write_text(draw({name: _together(told, name) for name in told[0].outcomes}), encoding="utf-8")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.context", description=__doc__)
    parser.add_argument("--corpora", default=_HELD_OUT, help=f"which releases (%(default)s); tuned on: {_TUNED}")
    parser.add_argument("--folder", type=Path, help="a folder with sources instead")
    parser.add_argument("--points", type=int, default=100, help="of each track and repository (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which points (%(default)s)")
    parser.add_argument("--ours", action="store_true", help="only Twolane's own choice")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw recall over budget")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="tell so many misses of each track")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    options = parser.parse_args(arguments)
    known = {corpus.name for corpus in CORPORA}
    if not options.folder and (unknown := set(options.corpora.split(",")) - known):
        parser.error(f"--corpora: {', '.join(sorted(unknown))} not among {', '.join(sorted(known))}")
    return options


def _measured(repo: Repository, options: argparse.Namespace) -> Told:
    points = list(jedi_gold.agreed(repo, find(repo, options.points, options.seed)))
    ours = Ours()
    arms: list[Arm] = [ours] if options.ours else every(ours)
    outcomes: dict[str, list[Outcome]] = {}
    for arm in arms:
        arm.prepare(repo)
        outcomes[arm.name] = [_outcome(repo, arm, point) for point in points]
    if options.misses:
        _tell_misses(ours, outcomes[ours.name], options.misses)
    sample = [point for point in points if point.track in ("A", "B")]
    return Told(repo, outcomes, churn(ours, sample[::3]), noise(ours, sample[::4]), ours.refresh_ms)


def _outcome(repo: Repository, arm: Arm, point: Point) -> Outcome:
    text, offset = hidden(repo, point)
    by_budget: dict[int, Sequence[Piece]] = {}
    took = []
    for budget in BUDGETS:
        began = time.perf_counter()
        by_budget[budget] = arm.choose(point, text, offset, budget)
        took.append((time.perf_counter() - began) * 1000)
    if isinstance(arm, Ours):
        took = [arm.asked_ms]
    return score.judge(point, by_budget, sum(took) / len(took))


def _together(told: Sequence[Told], name: str) -> list[Outcome]:
    return [outcome for one in told for outcome in one.outcomes[name]]


def _tell(one: Told) -> None:
    repo = one.repository
    print(f"\n{repo.name}: {len(repo.texts)} files, {repo.lines:,} lines")
    _table(one.outcomes)
    same, asked = one.noise
    refresh = one.refresh_ms or [0.0]
    print(
        f"  {100 * one.churn:.0f} % of the tokens shown are read again after a move of ten lines; noise in the hidden "
        f"line changed nothing at {same} of {asked} points; refresh p50 {quantile(refresh, 0.5):.0f} ms, "
        f"p95 {quantile(refresh, 0.95):.0f} ms"
    )


def _tell_all(told: Sequence[Told]) -> None:
    print("\nall of them")
    _table({name: _together(told, name) for name in told[0].outcomes})
    print("  Twolane at 1,024 tokens by kind of name and by language")
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in told:
        for outcome in one.outcomes["twolane"]:
            point = outcome.point
            groups[f"{point.track} {'member' if point.member else 'top level'}"].append(outcome)
            groups[f"{point.track} {one.repository.language(point.path)}"].append(outcome)
    for name, some in sorted(groups.items()):
        print(f"    {name:24} {len(some):5}  {score.recall(some, 1024)}")


def _table(outcomes: dict[str, list[Outcome]]) -> None:
    budgets = " ".join(f"{budget:>13}" for budget in BUDGETS)
    print(f"  {'':2} {'DR at tokens':16} {'n':>4} {budgets} {'NV@1024':>13} acc@1 acc@5   MRR tokens     ms p95")
    for track in TRACKS:
        for name, every_one in outcomes.items():
            some = [one for one in every_one if one.point.track == track]
            if not some:
                continue
            recalls = " ".join(f"{score.recall(some, budget)!s:>13}" for budget in BUDGETS)
            ranks = [one.rank for one in some]
            first = 100 * sum(rank == 1 for rank in ranks) / len(ranks)
            fifth = 100 * sum(0 < rank <= 5 for rank in ranks) / len(ranks)
            mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
            ms = quantile([one.ms for one in some], 0.95)
            tokens = sum(one.tokens[1024] for one in some) / len(some)
            print(
                f"  {track:2} {name:16} {len(some):4} {recalls} {score.visibility(some, 1024)!s:>13} "
                f"{first:5.0f} {fifth:5.0f} {mrr:5.2f} {tokens:6.0f} {ms:10.1f}"
            )


def _tell_misses(ours: Ours, outcomes: Sequence[Outcome], most: int) -> None:
    for track in TRACKS:
        missed = [one.point for one in outcomes if one.point.track == track and not one.recalled[1024]]
        for point in missed[:most]:
            gold = point.golds[0]
            home = f"{gold.path}:{gold.start}"
            print(f"  missed {track} {point.path}:{point.line} {point.name} of {home} {ours.verdict(point)}")


def _document(one: Told) -> dict[str, object]:
    return {
        "repository": one.repository.name,
        "files": len(one.repository.texts),
        "lines": one.repository.lines,
        "churn": one.churn,
        "noise": {"unchanged": one.noise[0], "of": one.noise[1]},
        "refresh_ms": {"p50": quantile(one.refresh_ms or [0.0], 0.5), "p95": quantile(one.refresh_ms or [0.0], 0.95)},
        "arms": {
            name: {
                track: {
                    "n": len(some),
                    "recall": {budget: asdict(score.recall(some, budget)) for budget in BUDGETS},
                    "visible_1024": asdict(score.visibility(some, 1024)),
                }
                for track in TRACKS
                if (some := [outcome for outcome in outcomes if outcome.point.track == track])
            }
            for name, outcomes in one.outcomes.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
