"""How long an editor waits for its server: from process start to the answer to `initialize`, and to the first text.

The first start after an installation also compiles the modules; it is not counted. For the first text no engine runs
yet: a file is opened and ghost text asked for again and again, every 20 ms, as soon as `initialize` is answered.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from .editor import TWOLANE, Editor
from .report import arguments, figure, machine, own_places, tell

_TEXT = "def total(items):\n    result = 0\n    for item in items:\n        result += item\n    return "
_MOST_MS = 20_000


def bare_interpreter() -> float:
    """Return the milliseconds that this Python takes to start and do nothing: the floor of any server in it."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], stdin=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - started) * 1000


def first_text(env: Mapping[str, str], folder: Path) -> float:
    """Return the milliseconds from process start to ghost text where nothing runs yet."""
    subprocess.run([TWOLANE, "engine", "stop"], env=dict(env), stdout=subprocess.DEVNULL, check=False)
    file = folder / "total.py"
    with Editor(env, folder) as editor:
        editor.initialize()
        editor.open(file, _TEXT)
        while True:
            _, text = editor.complete(file, _TEXT.count("\n"), len(_TEXT.rpartition("\n")[2]))
            took = (time.perf_counter() - editor.started_s) * 1000
            if text or took > _MOST_MS:
                return took
            time.sleep(0.02)


def main() -> None:
    """Measure and print."""
    given = arguments("process start to the answer to initialize, and to the first text", runs=20)
    where = machine()
    with own_places() as env, TemporaryDirectory(prefix="twolane-startup-") as place:
        folder = Path(place).resolve()
        (folder / ".git").mkdir()
        first = [first_text(env, folder) for _ in range(given.runs + 1)]
        subprocess.run([TWOLANE, "engine", "stop"], env=dict(env), stdout=subprocess.DEVNULL, check=False)
        started, useful, floor = [], [], []
        for _ in range(given.runs + 1):
            floor.append(bare_interpreter())
            with Editor(env) as editor:
                started.append(editor.initialize())
                editor.status()
                useful.append((time.perf_counter() - editor.started_s) * 1000)
    figures = [
        figure("process start to initialize answered", "ms", started[1:], goal=400),
        figure("process start to a first command answered", "ms", useful[1:]),
        figure("process start to the first text, no engine yet", "ms", first[1:]),
        figure("the bare interpreter, start to end", "ms", floor[1:]),
    ]
    tell("startup", where, figures, (), given.json)


if __name__ == "__main__":
    main()
