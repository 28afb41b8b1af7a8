"""The picture of a session: how long people waited on either side, and what was read for it. SVG, nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 880, 400
_LEFT, _TOP, _PANEL_WIDTH, _PANEL_HEIGHT, _GAP = 64, 64, 350, 250, 78
_COLOURS = ("#1f77b4", "#d9622b")
_INK, _FAINT = "#57606a", "#d0d7de"

_Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Panel:
    """A cumulative distribution for each series by name; the values lie on a logarithmic axis from `least` on."""

    title: str
    unit: str
    series: Mapping[str, Sequence[float]]
    least: float


def draw(title: str, caption: str, panels: Sequence[Panel]) -> str:
    """Return the picture; two panels fit."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="12" fill="{_INK}">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="8" fill="#ffffff"/>',
        _text(_LEFT, 26, title, size=15, weight="600"),
        _text(_LEFT, _HEIGHT - 12, caption, size=11),
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, _LEFT + number * (_PANEL_WIDTH + _GAP))
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, left: float) -> list[str]:
    low = math.floor(math.log10(panel.least))
    top = max((value for values in panel.series.values() for value in values), default=panel.least)
    high = max(low + 1, math.ceil(math.log10(max(top, panel.least))))
    bottom = _TOP + _PANEL_HEIGHT

    def across(value: float) -> float:
        return left + _PANEL_WIDTH * (math.log10(max(value, 10.0**low)) - low) / (high - low)

    def up(share: float) -> float:
        return bottom - _PANEL_HEIGHT * share

    parts = [_text(left, _TOP - 14, panel.title, weight="600")]
    for power in range(low, high + 1):
        x = across(10.0**power)
        parts += [_line(x, _TOP, x, bottom), _text(x, bottom + 16, f"{10.0**power:g}", anchor="middle")]
    for share in (0.0, 0.25, 0.5, 0.75, 0.95):
        parts += [
            _line(left, up(share), left + _PANEL_WIDTH, up(share)),
            _text(left - 6, up(share) + 4, f"{share:.0%}", anchor="end"),
        ]
    parts.append(_text(left + _PANEL_WIDTH / 2, bottom + 34, panel.unit, anchor="middle"))
    for number, (name, values) in enumerate(panel.series.items()):
        colour, start = _COLOURS[number % len(_COLOURS)], left + number * _PANEL_WIDTH / 2
        parts += [
            f'<path d="{_steps(values, across, up)}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<rect x="{start:.1f}" y="{bottom + 45}" width="10" height="10" fill="{colour}"/>',
            _text(start + 16, bottom + 54, name),
        ]
    return parts


def _steps(values: Sequence[float], across: _Scale, up: _Scale) -> str:
    """The path of a cumulative distribution."""
    ordered = sorted(values)
    if not ordered:
        return ""
    path = [f"M{across(ordered[0]):.1f},{up(0.0):.1f}"]
    for number, value in enumerate(ordered, start=1):
        path.append(f"H{across(value):.1f}V{up(number / len(ordered)):.1f}")
    return "".join(path)


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{_FAINT}"/>'


def _text(x: float, y: float, words: str, *, size: int = 12, weight: str = "400", anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f"<text {place}>{escape(words)}</text>"
