"""Figures told the same way by every measurement: a table for people, one JSON document for programs."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing; `goal` is the largest `p50` that is good enough, None where there is no goal.

    `goal_p90` and `goal_p95` are the same for `p90` and `p95`, `goal_most` for the largest value. With `at_least` a
    goal is the smallest. Where an `interval` says how sure the `p50` is, it is judged by all of that.
    """

    name: str
    unit: str
    n: int
    p50: float
    p90: float
    p95: float
    most: float
    goal: float | None = None
    goal_p95: float | None = None
    goal_most: float | None = None
    at_least: bool = False
    goal_p90: float | None = None
    interval: tuple[float, float] | None = None

    @property
    def goals(self) -> list[tuple[str, float, float]]:
        """What is judged: its name, its value, the goal."""
        judged = (
            ("p50", self.p50, self.goal),
            ("p90", self.p90, self.goal_p90),
            ("p95", self.p95, self.goal_p95),
            ("most", self.most, self.goal_most),
        )
        return [(name, value, goal) for name, value, goal in judged if goal is not None]

    @property
    def verdict(self) -> str:
        """Whether every goal is reached, '' without one; "not shown" where the interval holds the goal within it."""
        if not self.goals:
            return ""
        if self.interval is not None and self.goal is not None:
            low, high = self.interval
            if low <= self.goal <= high and (low < self.goal if self.at_least else self.goal < high):
                return "not shown"
        kept = all(value >= goal if self.at_least else value <= goal for _, value, goal in self.goals)
        return "reached" if kept else "missed"


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of them does not exceed; no interpolation beyond the sample."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def figure(
    name: str,
    unit: str,
    values: Sequence[float],
    goal: float | None = None,
    *,
    goal_p90: float | None = None,
    goal_p95: float | None = None,
    goal_most: float | None = None,
    at_least: bool = False,
    interval: tuple[float, float] | None = None,
) -> Figure:
    """Summarise the values, one at least; quantiles but the median are those of the sample itself."""
    p50, p90, p95 = statistics.median(values), quantile(values, 0.9), quantile(values, 0.95)
    return Figure(
        name, unit, len(values), p50, p90, p95, max(values), goal, goal_p95, goal_most, at_least, goal_p90, interval
    )


def free_port() -> int:
    """Return a loopback port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine() -> dict[str, object]:
    """Describe where the figures come from; `load` is the run queue of the last minute, before the measurement."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": model,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def tell(title: str, where: dict[str, object], figures: Sequence[Figure], notes: Sequence[str], as_json: bool) -> None:
    """Print the figures."""
    if as_json:
        told = [asdict(one) | {"verdict": one.verdict} for one in figures]
        print(json.dumps({"benchmark": title, "machine": where, "figures": told, "notes": list(notes)}))
        return
    print(f"{title}: {where['cores']} cores, {where['processor']}, Python {where['python']}, load {where['load']}")
    width = max(len(one.name) for one in figures)
    print(f"  {'':{width}}  {'n':>5}  {'p50':>8}  {'p90':>8}  {'p95':>8}  {'most':>8}        goal")
    for one in figures:
        sign = "≥" if one.at_least else "≤"
        goal = ", ".join(f"{name if one.n > 1 else ''} {sign} {limit:g}".strip() for name, _, limit in one.goals)
        values = (one.p50, one.p90, one.p95, one.most) if one.n > 1 else (one.p50,)
        numbers = "  ".join(f"{value:8.{1 if value >= 10 or one.unit != '×' else 2}f}" for value in values)
        if one.interval is not None:
            numbers += f" ({one.interval[0]:.2g}–{one.interval[1]:.2g})"
        print(f"  {one.name:{width}}  {one.n:5}  {numbers:38}  {one.unit:4}  {goal}  {one.verdict}".rstrip())
    for note in notes:
        print(f"  {note}")
    print()


@contextmanager
def own_places() -> Iterator[dict[str, str]]:
    """Yield an environment with settings, state and an engine of its own; all of it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True) as folder:
        unlike = "PYTHONDONTWRITEBYTECODE"  # what is installed is compiled
        env = {name: value for name, value in os.environ.items() if not name.startswith("TWOLANE_") and name != unlike}
        for place in ("RUNTIME_DIR", "CONFIG_HOME", "STATE_HOME", "DATA_HOME", "CACHE_HOME"):
            target = Path(folder, place.lower())
            target.mkdir(mode=0o700)
            env[f"XDG_{place}"] = str(target)
        try:
            yield env
        finally:
            stop: list[str | Path] = [Path(sys.executable).with_name("twolane"), "engine", "stop", "--json"]
            subprocess.run(stop, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def arguments(description: str, runs: int) -> argparse.Namespace:
    """Parse what every measurement understands: `--runs N` and `--json`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=runs, help=f"how often to measure (default {runs})")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    given = parser.parse_args()
    if given.runs < 1:
        parser.error("--runs must be at least 1")
    return given
