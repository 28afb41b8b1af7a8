"""The picture of recall over budget, a panel for each of the tracks A, B and C. SVG, nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from . import score
from .score import BUDGETS, Outcome

_WIDTH, _HEIGHT, _LEFT, _TOP, _SIDE, _GAP = 960, 400, 50, 60, 250, 50
_COLOURS = ("#8c959f", "#bc8cff", "#2da44e", "#bf8700", "#cf222e", "#0969da", "#6e40c9", "#d9622b", "#24292f")
_TITLES = {"A": "seen in the file", "B": "new here", "C": "new here, its import missing"}


def draw(outcomes: Mapping[str, Sequence[Outcome]]) -> str:
    """Return the picture; `outcomes` by method."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Definition '
        'recall over tokens" font-family="system-ui, sans-serif" font-size="12" fill="#57606a">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="8" fill="#ffffff"/>',
        _text(
            _LEFT, 24, "Definitions that a line needs and that are shown, percent, by tokens of context", "start", 15
        ),
    ]
    for number, (track, title) in enumerate(_TITLES.items()):
        left = _LEFT + number * (_SIDE + _GAP)
        parts.append(_text(left, _TOP - 12, f"{track}: {title}", "start"))
        for percent in (0, 25, 50, 75, 100):
            y = _TOP + _SIDE * (1 - percent / 100)
            parts.append(f'<path d="M{left},{y:.1f}H{left + _SIDE}" stroke="#d0d7de"/>')
            parts.append(_text(left - 6, y + 4, str(percent), "end"))
        parts += [_text(_across(left, budget), _TOP + _SIDE + 16, f"{budget}", "middle") for budget in BUDGETS]
        for colour, every_one in zip(_COLOURS, outcomes.values(), strict=False):
            some = [one for one in every_one if one.point.track == track]
            if some:
                marks = [(_across(left, budget), score.recall(some, budget).value) for budget in BUDGETS]
                path = "L".join(f"{x:.1f},{_TOP + _SIDE * (1 - value / 100):.1f}" for x, value in marks)
                parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
    for number, (name, colour) in enumerate(zip(outcomes, _COLOURS, strict=False)):
        x, y = _LEFT + number % 5 * 180, _TOP + _SIDE + 40 + number // 5 * 20
        parts.append(f'<rect x="{x}" y="{y}" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(x + 16, y + 9, name, "start"))
    return "\n".join([*parts, "</svg>", ""])


def _across(left: float, budget: int) -> float:
    low, high = math.log(BUDGETS[0]), math.log(BUDGETS[-1])
    return left + _SIDE * (math.log(budget) - low) / (high - low)


def _text(x: float, y: float, words: str, anchor: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{escape(words)}</text>'
