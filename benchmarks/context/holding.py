"""`python -m benchmarks.context.holding`: what is read again for fresh lines of other files, and whether it pays.

The releases of track R (`replaying.py`) are written change by change. Where each change begins somebody asks, and at
its points, after a rest or soon; what is shown stays from place to place as in the server. Told are recall, how often
what is shown in a file changed since somebody last asked there, and the tokens behind the first change: what was
chosen anew, and 600 of the text around the cursor.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from statistics import mean

from twolane.context.graph.live import LiveWorkspace
from twolane.context.index import ContextIndex
from twolane.context.snippet import Snippet

from ..review.patches import PATCHES
from ..typing.history import History, NoHistory
from ..typing.releases import RELEASES, from_release
from .arms.arm import Piece
from .replaying import Session, Written, replayed
from .score import BUDGETS, Outcome, judge, recall

_BEHIND = 600
_RESTS, _REST_S, _SOON_S = 0.6, 5.0, 1.0
"""Six changes of ten are written after a rest, which is longer than what is shown waits for one."""


@dataclass(slots=True)
class Held:
    """What came of one or more sessions: outcomes at the points, and tokens read again where somebody asked again.

    `first` has what is shown where somebody asks in a file for the first time: how many of its tokens another file
    begins with, too, and how many they are.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    first: list[tuple[int, int]] = field(default_factory=list)


class Holding(Session):
    """A session in which what is shown is held from place to place."""

    def __init__(self, history: History, place: Path, budget: int, seed: int) -> None:
        super().__init__(history, place)
        self._now = 0.0
        self._budget = budget
        self._chance = random.Random(seed)
        self._texts = dict(history.files)
        self._shown: dict[str, tuple[Snippet, ...]] = {}

    def index(self, workspace: LiveWorkspace) -> ContextIndex:
        """An index that goes by this session's clock."""
        return ContextIndex(self.root, workspace, clock=lambda: self._now)

    def write(self, states: Sequence[Written], told: Held) -> None:
        """Write one commit; ask where each change begins."""
        for state in states:
            self._now += _REST_S if self._chance.random() < _RESTS else _SOON_S
            before = self._texts.get(state.path, "")
            for point in state.points:
                text = state.text[: point.start] + state.text[point.end :]
                pieces = [
                    Piece(one.path, one.start_line, one.end_line, one.text, one.symbol)
                    for one in self._ask(state.path, text, point.start, told)
                ]
                told.outcomes.append(judge(point, {max(BUDGETS): pieces}, 0.0))
            if not state.points:
                self._ask(state.path, before, _differs_at(before, state.text), told)
            self._texts[state.path] = state.text
            self._index.refresh(self._document(state.path, state.text))
        self._save(states)

    def _ask(self, path: str, text: str, offset: int, told: Held) -> tuple[Snippet, ...]:
        snapshot = self._document(path, text)
        self._index.refresh(snapshot)
        shown = self._index.snippets(snapshot, offset, self._budget).snippets
        if (before := self._shown.get(path)) is not None:
            told.again.append(_behind(before, shown))
        elif shown:
            alike = max((_alike(other, shown) for other in self._shown.values()), default=0)
            told.first.append((alike, sum(snippet.tokens for snippet in shown)))
        self._shown[path] = shown
        self._now += _SOON_S
        return shown


def _differs_at(before: str, after: str) -> int:
    pairs = enumerate(zip(before, after, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(before), len(after)))


def _alike(before: Sequence[Snippet], shown: Sequence[Snippet]) -> int:
    """The tokens of their common beginning."""
    pairs = zip(before, shown, strict=False)
    return sum(snippet.tokens for snippet, _ in takewhile(lambda pair: pair[0].text == pair[1].text, pairs))


def _behind(before: Sequence[Snippet], shown: Sequence[Snippet]) -> int:
    """The tokens behind the first change, 0 for none."""
    pairs = zip(before, shown, strict=False)
    same = next((at for at, pair in enumerate(pairs) if pair[0].text != pair[1].text), min(len(before), len(shown)))
    if same == len(before) == len(shown):
        return 0
    return sum(snippet.tokens for snippet in shown[same:]) + _BEHIND


def _histories(seed: int) -> Iterator[History]:
    for release in (*RELEASES, *PATCHES):
        yield from_release(release, seed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.context.holding", description=__doc__)
    parser.add_argument("--budget", type=int, default=1024, help="tokens of other files (%(default)s)")
    parser.add_argument("--points", type=int, default=4, help="of a change, at most (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which points (%(default)s)")
    options = parser.parse_args(arguments)
    told = Held()
    try:
        for history in _histories(options.seed):
            commits = list(replayed(history, options.seed, changes=sys.maxsize, points=options.points))
            if any(state.points for states in commits for state in states):
                with tempfile.TemporaryDirectory(prefix="twolane-holding-") as place:
                    session = Holding(history, Path(place), options.budget, options.seed)
                    for states in commits:
                        session.write(states, told)
    except NoHistory as nothing:
        print(nothing, file=sys.stderr)
        return 1
    changed = 100 * sum(count > 0 for count in told.again) / max(1, len(told.again))
    print(f"{options.budget} tokens: recall {recall(told.outcomes, max(BUDGETS))} at {len(told.outcomes)} points")
    print(
        f"asked again in a file {len(told.again):,} times: {changed:.0f} % show something else, "
        f"{mean(told.again or [0]):.0f} tokens read again each time on average"
    )
    alike, shown = (sum(counts) for counts in zip(*told.first, strict=True)) if told.first else (0, 0)
    print(
        f"asked for the first time in {len(told.first)} files: {100 * alike / max(1, shown):.0f} % of the tokens shown "
        "are what another file begins with"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
