"""How long an editor waits for its server: from process start to the answer to `initialize`.

The first start after an installation also compiles the modules; it is not counted.
"""

from __future__ import annotations

import subprocess
import sys
import time

from .editor import Editor
from .report import arguments, figure, machine, own_places, tell


def bare_interpreter() -> float:
    """Return the milliseconds that this Python takes to start and do nothing: the floor of any server in it."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], stdin=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Measure and print."""
    given = arguments("process start to the answer to initialize", runs=20)
    where = machine()
    with own_places() as env:
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
        figure("the bare interpreter, start to end", "ms", floor[1:]),
    ]
    tell("startup", where, figures, (), given.json)


if __name__ == "__main__":
    main()
