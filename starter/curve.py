"""Draw the training log as a picture: `python -m twolane.starter.curve LOG.csv OUT.svg`."""

from __future__ import annotations

import argparse
import csv
import itertools
from pathlib import Path

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 640, 360, 50, 40
_COLOURS = ("#9aa0a6", "#d93025", "#1a73e8", "#188038", "#e37400", "#9334e6", "#12858d", "#5f6368", "#b06000")


def draw(rows: list[dict[str, str]]) -> str:
    """The losses over millions of tokens, as SVG; rows as `train` logs them."""
    tokens = [int(row["tokens"]) / 1e6 for row in rows]
    names = [name for name in rows[0] if name == "train_loss" or name.startswith("held")]
    values = {name: [float(row[name]) for row in rows] for name in names}
    flat = [value for series in values.values() for value in series if value == value]
    low, high = int(min(flat) * 2) / 2, int(max(flat) * 2 + 1) / 2

    def x(at: float) -> float:
        return _LEFT + at / max(tokens) * (_WIDTH - _LEFT - 20)

    def y(value: float) -> float:
        return 20 + (high - value) / (high - low) * (_HEIGHT - _BOTTOM - 20)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        'font-size="12"><rect width="100%" height="100%" fill="white"/>'
    ]
    value = low
    while value <= high:
        parts.append(f'<path d="M{_LEFT} {y(value):.1f}H{_WIDTH - 20}" stroke="#e0e0e0"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.1f}</text>')
        value += 0.5
    for index, (name, colour) in enumerate(zip(names, itertools.cycle(_COLOURS), strict=False)):
        points = [(at, v) for at, v in zip(tokens, values[name], strict=True) if v == v]
        line = " ".join(f"{x(at):.1f},{y(v):.1f}" for at, v in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{_WIDTH - 260}" y="{40 + 18 * index}" fill="{colour}">{name.replace("_", " ")}</text>')
    for share in range(5):
        at = max(tokens) * share / 4
        parts.append(f'<text x="{x(at):.1f}" y="{_HEIGHT - 22}" text-anchor="middle">{at:.0f}</text>')
    parts.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 6}" text-anchor="middle">million tokens (loss in nats)</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    with options.log.open(encoding="utf-8", newline="") as lines:
        options.out.write_text(draw(list(csv.DictReader(lines))), encoding="utf-8")


if __name__ == "__main__":
    main()
