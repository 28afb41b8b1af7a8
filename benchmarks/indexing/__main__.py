"""`python -m benchmarks.indexing`: cold, warm, one change, and a branch switch, in a workspace of 10,000 files."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import psutil

from ..report import figure, machine, own_places, tell
from .switching import switch
from .tree import make

_WARM = """
import json, os, sys, time
began = time.perf_counter()
from pathlib import Path
from twolane.context.graph.live import LiveWorkspace
workspace = LiveWorkspace.open(Path(sys.argv[1]))
paths = workspace.paths()
found = len(workspace.defining("main")), len(workspace.using("main")), len(workspace.imports(paths[len(paths) // 2]))
answered = time.perf_counter() - began
assert workspace.complete and found[0], found
resident = psutil_rss()
began = time.perf_counter()
for name in ("main", "run", "parse", "close", "Path") * 200:
    workspace.defining(name), workspace.using(name)
looked_up = (time.perf_counter() - began) / 2000
changes, facts = [], []
step = max(1, len(paths) // 200)
for path in paths[::step]:
    began = time.perf_counter()
    workspace.facts(path)
    facts.append(time.perf_counter() - began)
    text = workspace.read(path) or ""
    if 200 <= text.count("\\n") <= 600:
        began = time.perf_counter()
        workspace.update(path, "python", text + "\\n")
        changes.append(time.perf_counter() - began)
        workspace.close(path)
print(json.dumps({"answered": answered, "resident": resident, "after": psutil_rss(), "looked_up": looked_up,
                  "changes": changes, "facts": facts}))
"""


class Warm(TypedDict):
    """What a process says that finds an index: seconds, and MB."""

    answered: float
    resident: float
    after: float
    looked_up: float
    changes: list[float]
    facts: list[float]


@dataclass(slots=True)
class Peak:
    """The most memory that a process and its children had together, in MB."""

    total_mb: float = 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="index, know again and follow a large workspace")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--switched", type=int, default=5_000)
    parser.add_argument("--runs", type=int, default=5, help="of the warm start")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    where = machine()
    with tempfile.TemporaryDirectory(prefix="twolane-indexing-") as place, own_places() as env:
        root = Path(place, "work")
        total = make(root, options.files)
        cold_s, built, peak = _index(root, env)
        again_s, _, _ = _index(root, env)
        warm = [_warm(root, env) for _ in range(options.runs)]
        os.environ.update(env)
        switched = switch(root, options.switched)
    changes = [seconds * 1000 for one in warm for seconds in one["changes"]]
    facts = [seconds * 1000 for one in warm for seconds in one["facts"]]
    figures = [
        figure(f"cold: {built['files']:,} files, {total / 1e6:.0f} MB", "s", [cold_s], goal=30),
        figure("the same again, nothing changed", "s", [again_s]),
        figure("warm: process start to answers", "ms", [one["answered"] * 1000 for one in warm], goal=1000),
        figure("  resident then", "MB", [one["resident"] for one in warm], goal=300),
        figure("  resident after reading 200 files' facts", "MB", [one["after"] for one in warm], goal=300),
        figure("  one look-up of a name", "ms", [one["looked_up"] * 1000 for one in warm]),
        figure("  facts of a file, from the store", "ms", facts),
        figure("one buffer of 200 to 600 lines changed", "ms", changes, goal=15),
        figure("all processes while indexing, together", "MB", [peak.total_mb]),
        figure(f"branch switch of {options.switched:,} files, until known", "s", [switched.seconds]),
        figure("  the event loop late meanwhile", "ms", switched.late_ms, goal_most=20),
    ]
    notes = (f"{built['symbols']:,} symbols, {built['edges']:,} edges; left out: {built['skipped']}",)
    tell("indexing", where, figures, notes, options.json)
    return 0


def _index(root: Path, env: dict[str, str]) -> tuple[float, dict[str, object], Peak]:
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("twolane")), "index", "--json", str(root)],
        env=env,
        stdout=subprocess.PIPE,
    )
    peak, ended = Peak(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, ended))
    watcher.start()
    out, _ = process.communicate()
    seconds = time.perf_counter() - began
    ended.set()
    watcher.join()
    return seconds, json.loads(out), peak


def _watch(pid: int, peak: Peak, ended: threading.Event) -> None:
    while not ended.wait(0.1):
        try:
            parent = psutil.Process(pid)
            family = [parent, *parent.children(recursive=True)]
            peak.total_mb = max(peak.total_mb, sum(one.memory_info().rss for one in family) / 1e6)
        except psutil.Error:
            continue


def _warm(root: Path, env: dict[str, str]) -> Warm:
    script = "import psutil\ndef psutil_rss(): return psutil.Process().memory_info().rss / 1e6\n" + _WARM
    done = subprocess.run([sys.executable, "-P", "-c", script, str(root)], env=env, stdout=subprocess.PIPE, check=True)
    told: Warm = json.loads(done.stdout)
    return told


if __name__ == "__main__":
    raise SystemExit(main())
