"""Figures told the same way by every measurement: a table for people, one JSON document for programs."""

from __future__ import annotations

import argparse
import json
import os
import platform
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
    """One measured thing; `goal` is the largest `p50` that is good enough, None where there is no goal."""

    name: str
    unit: str
    n: int
    p50: float
    p95: float
    most: float
    goal: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the goal is reached, '' without one."""
        return "" if self.goal is None else ("reached" if self.p50 <= self.goal else "missed")


def figure(name: str, unit: str, values: Sequence[float], goal: float | None = None) -> Figure:
    """Summarise the values; quantiles are those of the sample itself, no interpolation beyond it."""
    ordered = sorted(values)
    p95 = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
    return Figure(name, unit, len(ordered), statistics.median(ordered), p95, ordered[-1], goal)


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
    print(f"  {'':{width}}  {'n':>4}  {'p50':>8}  {'p95':>8}  {'most':>8}        goal (p50)")
    for one in figures:
        goal = "" if one.goal is None else f"≤ {one.goal:g}  {one.verdict}"
        numbers = f"{one.n:4}  {one.p50:8.1f}  {one.p95:8.1f}  {one.most:8.1f}"
        print(f"  {one.name:{width}}  {numbers}  {one.unit:4}  {goal}".rstrip())
    for note in notes:
        print(f"  {note}")
    print()


@contextmanager
def own_places() -> Iterator[dict[str, str]]:
    """Yield an environment with settings, state and an engine of its own; all of it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True) as folder:
        env = {name: value for name, value in os.environ.items() if not name.startswith("TWOLANE_")}
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
