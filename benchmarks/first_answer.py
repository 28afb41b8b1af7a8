"""The starter on this processor over LSP: the first answer in a file, the next after one more key, a second window.

Each round starts a fresh engine with the model loaded and no file known to it. At each place the rest of the
line is taken away, as if not yet written; the first request there is the cold one if its file was never asked
about, then the line's own characters are typed one by one, each followed by a request.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from .editor import TWOLANE, Editor
from .report import Figure, arguments, figure, machine, own_places, tell

PROJECT = Path(__file__).resolve().parent.parent / "server" / "demo" / "project"
KEYS = 4
"""Characters typed at each place after the cold request."""
SETTLE_S = 1.0
"""A person who opens a file reads before typing; the context is built meanwhile."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as the editor saw it, and the server's own account of it."""

    cold: bool
    ms: float
    text: str
    trace: Mapping[str, Any]

    @property
    def model_ms(self) -> float:
        """The model's own part: waiting for its turn, reading the prompt, writing."""
        return float(sum(self.trace["stages"].get(stage, 0.0) for stage in ("queue", "prefill", "decode")))


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, cut at `column`: `text` is the file without the line's rest."""

    path: Path
    text: str
    line: int
    column: int
    rest: str


def places(folder: Path) -> Iterator[Place]:
    """Yield one place per file: the longest statement of its second half, cut after its first third."""
    for path in sorted(folder.rglob("*.py")):
        lines = path.read_text(encoding="utf-8").split("\n")
        second_half = range(len(lines) // 2, len(lines))
        candidates = [number for number in second_half if lines[number].rstrip().endswith((")", "]"))]
        if not candidates:
            continue
        line = max(candidates, key=lambda number: len(lines[number].strip()))
        whole = lines[line]
        indent = len(whole) - len(whole.lstrip())
        column = indent + len(whole.strip()) // 3
        if len(whole) - column <= KEYS:
            continue
        lines[line] = whole[:column]
        yield Place(path, "\n".join(lines), line, column, whole[column:])


def engine(action: str, env: Mapping[str, str]) -> dict[str, Any]:
    """Run `twolane engine ACTION --json` and return its answer."""
    done = subprocess.run(
        [TWOLANE, "engine", action, "--json"],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def type_there(editor: Editor, place: Place) -> Iterator[Answer]:
    """Ask at one place, then after each of a few typed characters; yield what the model took part in."""
    editor.open(place.path, place.text)
    time.sleep(SETTLE_S)
    for typed in range(KEYS + 1):
        column = place.column + typed
        if typed:
            editor.insert(place.path, place.line, column - 1, place.rest[typed - 1])
        took, text = editor.complete(place.path, place.line, column)
        trace = editor.explain(1)[-1]
        if trace["prompt_tokens"]:
            yield Answer(cold=typed == 0, ms=took, text=text, trace=trace)


def resident(pid: int) -> float:
    """Return a process's resident memory in MB."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


def second_window(env: Mapping[str, str], folder: Path, first: Place, second: Place) -> tuple[float, float, bool]:
    """Open a second window beside a first, each with a file of its own.

    Return the MB that it adds to the engine, the MB of its own server, and whether engine and model are shared.
    """
    with Editor(env, folder) as one:
        one.initialize()
        one.open(first.path, first.text)
        time.sleep(SETTLE_S)
        one.complete(first.path, first.line, first.column)
        before = engine("status", env)
        alone = resident(before["pid"])
        with Editor(env, folder) as two:
            two.initialize()
            two.open(second.path, second.text)
            time.sleep(SETTLE_S)
            two.complete(second.path, second.line, second.column)
            after = engine("status", env)
            answered = two.explain(1)[-1]["prompt_tokens"] > 0
            shared = answered and after.get("pid") == before["pid"] and len(after["models"]) == 1
            return resident(before["pid"]) - alone, resident(two.pid), shared


def summary(answers: Sequence[Answer]) -> list[Figure]:
    """Return the figures of the answers, cold ones and warm ones apart."""
    cold = [one for one in answers if one.cold]
    warm = [one for one in answers if not one.cold]
    return [
        figure("cold: a file never asked about", "ms", [one.ms for one in cold], goal=400),
        figure("  reading the prompt", "ms", [one.trace["stages"]["prefill"] for one in cold]),
        figure("  tokens read", "tok", [one.trace["evaluated_tokens"] for one in cold]),
        figure("warm: after one more character", "ms", [one.ms for one in warm], goal=120),
        figure("  tokens read", "tok", [one.trace["evaluated_tokens"] for one in warm]),
        figure("  tokens written", "tok", [one.trace["generated_tokens"] for one in warm]),
        figure("all but the model's own time", "ms", [one.ms - one.model_ms for one in answers]),
    ]


def main() -> None:
    """Measure and print."""
    given = arguments("first and next answers of the starter, and a second window", runs=4)
    where = machine()
    answers: list[Answer] = []
    added, servers, shared, loads = [], [], [], []
    with tempfile.TemporaryDirectory(prefix="tl-") as scratch:
        folder = Path(scratch, "itsdangerous")
        shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
        wanted = list(places(folder))
        for _ in range(given.runs):
            with own_places() as env:
                started = time.perf_counter()
                engine("start", env)
                loads.append((time.perf_counter() - started) * 1000)
                with Editor(env, folder) as editor:
                    editor.initialize()
                    for place in wanted:
                        answers += type_there(editor, place)
                more, server, same = second_window(env, folder, wanted[-2], wanted[-1])
            added.append(more)
            servers.append(server)
            shared.append(same)
    figures = [
        *summary(answers),
        figure("engine started and model loaded", "ms", loads),
        figure("second window: added to the engine", "MB", added, goal=5),
        figure("second window: its own server", "MB", servers),
    ]
    with_text = sum(bool(one.text) for one in answers)
    notes = (
        f"{with_text} of {len(answers)} answers held text; {len(wanted)} files, {given.runs} rounds",
        f"both windows were answered by one engine with one model: {'yes' if all(shared) else 'NO'}",
    )
    tell("first answer", where, figures, notes, given.json)


if __name__ == "__main__":
    main()
