"""What must hold beside recall: the hidden line tells nothing, and little changes when the cursor moves."""

from __future__ import annotations

from collections.abc import Sequence

from twolane.context.snippet import Snippet

from .arms.ours import Ours
from .points import Point

_NOISES = ("", "qqzz = wwxx(jjkk.vvbb, 17)", "# nothing to see here")
_LINES = 10
_BUDGET = 1024


def noise(ours: Ours, points: Sequence[Point]) -> tuple[int, int]:
    """At how many points, of how many, other text on the hidden line of the file on disk changes nothing.

    The file is written anew with noise in place of the line and its change is told, as an editor's watcher would.
    """
    same = 0
    for point in points:
        answers = set()
        path = ours.root / point.path
        text = path.read_text(encoding="utf-8")
        try:
            for words in _NOISES:
                path.write_text(text[: point.start] + words + text[point.end :], encoding="utf-8")
                ours.close()
                ours.workspace.changed([point.path])
                answers.add(tuple((one.path, one.start, one.end) for one in ours.choose(point, "", 0, _BUDGET)))
        finally:
            path.write_text(text, encoding="utf-8")
            ours.close()
            ours.workspace.changed([point.path])
        same += len(answers) == 1
    return same, len(points)


def churn(ours: Ours, points: Sequence[Point]) -> float:
    """The share of the tokens shown that are others after the cursor moved ten lines down, on average."""
    shares = []
    for point in points:
        ours.close()
        snapshot, offset = ours.snapshot(point)
        ours.index.refresh(snapshot)
        before = ours.index.snippets(snapshot, offset, _BUDGET).snippets
        moved = offset
        for _ in range(_LINES):
            moved = max(snapshot.text.find("\n", moved), moved - 1) + 1
        after = ours.index.snippets(snapshot, min(moved, len(snapshot.text)), _BUDGET).snippets
        ours.index.forget(point.path)
        shares.append(_read_again(before, after))
    return sum(shares) / max(len(shares), 1)


def _read_again(before: Sequence[Snippet], after: Sequence[Snippet]) -> float:
    """The share of `after` that stands behind the first difference: what a model reads again."""
    same = 0
    for one, other in zip(before, after, strict=False):
        if (one.path, one.start_line) != (other.path, other.start_line):
            break
        same += other.tokens
    whole = sum(one.tokens for one in after)
    return 1 - same / whole if whole else 0.0
