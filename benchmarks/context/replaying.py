"""`python -m benchmarks.context.replaying`: track R, what changed from one release to the next is written once more.

Between two releases the changes are told as commits of a few related files (`benchmarks/typing/releases.py`). They
are written one change after the other. A point is a line of a change that uses a name which exactly one other file
defines by then; it is hidden with all of its change that follows. What was changed before it, in this file and in
others of its commit, is what a person edited last; files of the commit are what is open.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

from twolane.context.document import Snapshot
from twolane.context.graph.live import LiveWorkspace
from twolane.context.index import ContextIndex

from ..review.patches import PATCHES
from ..typing.history import History, NoHistory
from ..typing.releases import RELEASES, from_release
from .arms.arm import Piece
from .points import Point, Read, in_file
from .repository import Repository
from .score import BUDGETS, Outcome, judge, recall

_CHANGES, _POINTS = 20, 3
"""Of a commit so many changes are measured, and of each so many points."""


@dataclass(frozen=True, slots=True)
class Written:
    """A state of the tree while a commit is written: `path` has `text` by now, and `points` in it are to be found.

    `files` are the texts of all files, `path` with the whole of its change.
    """

    path: str
    text: str
    files: Mapping[str, str]
    points: tuple[Point, ...]


def replayed(
    history: History, seed: int, changes: int = _CHANGES, points: int = _POINTS
) -> Iterator[tuple[Written, ...]]:
    """Each commit as the states that it goes through, one for every change; at most so many of them have points."""
    files = {path: text for path, text in history.files.items() if path.endswith(".py")}
    known: dict[tuple[str, str], Read] = {}
    for number, commit in enumerate(history.commits):
        chance = random.Random(f"{seed}-{number}")
        states: list[Written] = []
        lines: list[range] = []
        for change in commit.changes:
            for text, written in _changes(change.before, change.after):
                files = {**files, change.path: text}
                states.append(Written(change.path, text, files, ()))
                lines.append(written)
            files = {**files, change.path: change.after}
        some = [at for at, written in enumerate(lines) if written]
        for at in chance.sample(some, min(len(some), changes)):
            found = list(_points(states[at], lines[at], known))
            states[at] = replace(states[at], points=tuple(chance.sample(found, min(len(found), points))))
        yield tuple(states)


def _changes(before: str, after: str) -> Iterator[tuple[str, range]]:
    """The text after each change, the later ones not written yet, and the lines of the change (from 1)."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for kind, _, old_end, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield "".join([*new[:end], *old[old_end:]]), range(start + 1, end + 1)


def _points(state: Written, lines: range, known: dict[tuple[str, str], Read]) -> Iterator[Point]:
    """One point for each name of each line; what follows in the change is hidden with it."""
    rows = state.text.split("\n")
    end = sum(len(row) + 1 for row in rows[: lines.stop - 1]) - 1
    seen: set[tuple[int, str]] = set()
    for point in in_file(Repository("", Path(), state.files), state.path, known):
        if point.line in lines and point.track in ("A", "B") and (point.line, point.name) not in seen:
            seen.add((point.line, point.name))
            yield replace(point, track="R", end=max(point.end, end))


class Session:
    """A project in which commits are written: an index as the server has it, told of every change."""

    def __init__(self, history: History, place: Path) -> None:
        self.root = place / "tree"
        for path, text in history.files.items():
            self._write(path, text)
        workspace = LiveWorkspace.open(self.root, store=place / "index.sqlite3")
        workspace.build()
        self._workspace = workspace
        self._index = self.index(workspace)

    def index(self, workspace: LiveWorkspace) -> ContextIndex:
        """What is asked for lines of other files."""
        return ContextIndex(self.root, workspace)

    def outcomes(self, states: Sequence[Written]) -> Iterator[Outcome]:
        """Write one commit; ask at each of its points."""
        for state in states:
            for point in state.points:
                snapshot = self._document(state.path, state.text[: point.start] + state.text[point.end :])
                self._index.refresh(snapshot)
                by_budget = {}
                for budget in BUDGETS:
                    self._index.lay_out_anew(state.path)
                    packed = self._index.snippets(snapshot, point.start, budget)
                    by_budget[budget] = [
                        Piece(one.path, one.start_line, one.end_line, one.text, one.symbol) for one in packed.snippets
                    ]
                yield judge(point, by_budget, packed.ms)
            self._index.refresh(self._document(state.path, state.text))
        self._save(states)
        for path in {state.path for state in states}:
            self._index.forget(path)

    def _save(self, states: Sequence[Written]) -> None:
        for path, text in {state.path: state.text for state in states}.items():
            self._write(path, text)
            self._workspace.changed([path])

    def _document(self, path: str, text: str) -> Snapshot:
        return Snapshot(f"file:///{path}", path, self.root, "python", 1, text)

    def _write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.context.replaying", description=__doc__)
    releases = (*RELEASES, *PATCHES)
    names = dict.fromkeys(release.package for release in releases)
    parser.add_argument("--projects", default=",".join(names), help="whose releases are written (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which points (%(default)s)")
    options = parser.parse_args(arguments)
    every: list[Outcome] = []
    try:
        for release in releases:
            if release.package not in options.projects.split(","):
                continue
            history = from_release(release, options.seed)
            with tempfile.TemporaryDirectory(prefix="twolane-replaying-") as place:
                session = Session(history, Path(place))
                found = [one for states in replayed(history, options.seed) for one in session.outcomes(states)]
            _tell(history.name, found)
            every += found
    except NoHistory as nothing:
        print(nothing, file=sys.stderr)
        return 1
    _tell("all of them", every)
    return 0


def _tell(name: str, outcomes: Sequence[Outcome]) -> None:
    recalls = "  ".join(f"{budget}: {recall(outcomes, budget)}" for budget in BUDGETS)
    print(f"track R, {name}: {len(outcomes)} points, recall at tokens {recalls}")


if __name__ == "__main__":
    sys.exit(main())
