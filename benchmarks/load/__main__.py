"""N people type against one engine or one server: latency against N, and where it breaks.

`python -m benchmarks.load --people 1,2,4,8,15 --side engine,server [--model FILE | --shape 0.5B | --url URL]`
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sysconfig
from importlib.resources import files
from pathlib import Path

from benchmarks import report, shapes

from .editor import Editor, Tally
from .sides import Side, engine, remote, server

_SMALLEST, _LARGEST = 20_000, 200_000


async def measure(side: Side, people: int, texts: list[Path], given: argparse.Namespace) -> Tally:
    """Let so many people type at once, after a start that is not counted."""
    total = Tally()
    async with side(people) as opened:
        editors = []
        clients = [opened() for _ in range(people)]
        try:
            for number, client in enumerate(clients):
                await client.info()
                editors.append(Editor(client, texts, number, given.max_tokens))
            await asyncio.gather(*(one.type(given.warm, count=False) for one in editors))
            await asyncio.gather(*(one.type(given.seconds, count=True) for one in editors))
        finally:
            for client in clients:
                await client.close()
    for one in editors:
        total.add(one.tally)
    return total


def main() -> None:
    """Measure and print the table."""
    given = _arguments()
    model = _model(given)
    sides: dict[str, Side] = {}
    if given.url:
        sides[f"server at {given.url}"] = remote(given.url, given.server_model, os.environ.get("TWOLANE_TEAM_KEY", ""))
    else:
        known = {"engine": engine, "server": server}
        sides = {name: known[name](model, given.threads) for name in given.side}
    where = report.machine()
    texts = _texts()
    figures, notes = [], []
    for name, side in sides.items():
        broken = 0
        for people in given.people:
            tally = asyncio.run(measure(side, people, texts, given))
            what = f"{name}, {people} {'person' if people == 1 else 'people'}"
            if tally.answered_ms:
                figures.append(report.figure(what, "ms", tally.answered_ms, goal_p95=given.goal))
            notes.append(
                f"{what}: {tally.asked / given.seconds:.1f} questions a second, {tally.served:.0%} answered before the "
                f"next key, {tally.overtaken} overtaken, {tally.failed} failed, {tally.evaluated_mean:.0f} tokens read"
            )
            bad = not tally.answered_ms or report.quantile(tally.answered_ms, 0.95) > given.goal or tally.served < 0.5
            broken = broken or (people if bad else 0)
        verdict = f"breaks at {broken}" if broken else "does not break here"
        notes.append(f"{name}: {verdict} (p95 above {given.goal:g} ms, or less than half of the questions answered)")
    random = " (random weights)" if given.shape else ""
    report.tell(f"people typing at once, {model.name if not given.url else given.url}{random}", where, figures, notes,
                given.json)  # fmt: skip


def _model(given: argparse.Namespace) -> Path:
    if given.shape:
        return shapes.cached(given.shape)
    return given.model or Path(str(files("twolane.starter") / "twolane-starter.gguf"))


def _texts() -> list[Path]:
    folder = Path(sysconfig.get_path("stdlib"))
    return sorted(path for path in folder.glob("*.py") if _SMALLEST < path.stat().st_size < _LARGEST)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=(__doc__ or "").splitlines()[0])
    numbers = "1,2,4,8,15,30"
    parser.add_argument("--people", type=_numbers, default=_numbers(numbers), help=f"how many (default {numbers})")
    parser.add_argument("--side", type=lambda text: text.split(","), default=["engine", "server"],
                        help="what serves them: engine, server (llama.cpp's), or both (default)")  # fmt: skip
    parser.add_argument("--model", type=Path, help="a GGUF file (default: the starter)")
    parser.add_argument("--shape", choices=shapes.SHAPES, help="random weights of this size instead")
    parser.add_argument("--url", default="", help="a server that runs already; its key: TWOLANE_TEAM_KEY")
    parser.add_argument("--server-model", default="", help="which of its models")
    parser.add_argument("--threads", type=int, default=_cores(), help="of the model (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long they type (default %(default)s)")
    parser.add_argument("--warm", type=float, default=4.0, help="seconds that are not counted (default %(default)s)")
    parser.add_argument("--max-tokens", type=int, default=32, help="of one answer (default %(default)s)")
    parser.add_argument("--goal", type=float, default=600.0, help="milliseconds, for p95 (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    given = parser.parse_args()
    if unknown := set(given.side) - {"engine", "server"}:
        parser.error(f"no such side: {', '.join(unknown)}")
    return given


def _cores() -> int:
    """All cores but one, which the people need."""
    return max(1, (os.cpu_count() or 1) - 1)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
