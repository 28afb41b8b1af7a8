"""`python -m benchmarks.typing`: keystroke to answer, the same keys, model and threads on both sides, in turns."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib.resources import files
from pathlib import Path

from .. import shapes
from ..report import figure, machine, own_places, tell
from . import figures
from .clones import from_clone
from .history import History, NoHistory
from .peer.process import ModelServer
from .plot import Panel, draw
from .releases import RELEASES, from_release
from .score import Score
from .session import Sides, replay
from .typist import pieces, session

_PIECE_STROKES = 25


def main(arguments: Sequence[str] | None = None) -> int:
    """Play and tell."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="twolane-typing-") as place, own_places() as env:
        model, words = _model(options, Path(place))
        settings = Path(env["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
        settings.parent.mkdir()
        near = f"[near]\nmodel = {json.dumps(str(model), ensure_ascii=False)}\nthreads = {options.threads}\n"
        settings.write_text(near, encoding="utf-8")
        where = machine()
        try:
            told = _play(options, model, Path(place), env)
        except NoHistory as nothing:
            print(nothing, file=sys.stderr)
            return 1
    ours, theirs = (figures.together([sides[number] for sides in told]) for number in (0, 1))
    waited = f", asked {options.debounce} ms after a key" if options.debounce else ", asked at every key"
    setting = f"{len(ours.keys)} keys; {words}; {options.threads} thread(s) each{waited}"
    rows = figures.table(ours, theirs, waited=bool(options.debounce))
    tell("typing", where, rows, [setting, *figures.notes(ours, theirs)], options.json)
    if options.plot:
        options.plot.write_text(_picture(ours, theirs, setting, str(where["processor"])), encoding="utf-8")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.typing", description=__doc__)
    parser.add_argument("--keys", type=int, default=100, help="strokes of one session (%(default)s)")
    parser.add_argument("--seeds", default="1", help="a session for each, separated by commas (%(default)s)")
    parser.add_argument("--repository", type=Path, help="a local git clone whose last commits are typed")
    parser.add_argument("--commits", type=int, default=40, help="how many of them (%(default)s)")
    names = [release.package for release in RELEASES]
    parser.add_argument(
        "--projects", default=",".join(names), help="without a clone: whose releases are typed (%(default)s)"
    )
    parser.add_argument("--threads", type=int, default=1, help="threads of the model, on both sides (%(default)s)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", type=Path, help="a GGUF file; the starter where not given")
    which.add_argument("--shape", choices=shapes.SHAPES, help="a model of this size with random weights")
    which.add_argument(
        "--prefix-first", action="store_true", help="ask the starter in the order that most families want"
    )
    parser.add_argument("--debounce", type=int, default=0, metavar="MS", help="the editor's wait before it asks")
    parser.add_argument("--alone", action="store_true", help="only Twolane, whose session then has no other in between")
    parser.add_argument("--watch", action="store_true", help="measure waits for the server's main loop beside it")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw both distributions")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    options = parser.parse_args(arguments)
    options.seeds = [int(seed) for seed in options.seeds.split(",")]
    options.projects = options.projects.split(",")
    if unknown := set(options.projects) - set(names):
        parser.error(f"--projects: {', '.join(sorted(unknown))} not among {', '.join(names)}")
    if options.keys < 1:
        parser.error("--keys must be at least 1")
    if options.alone and options.plot:
        parser.error("--plot draws both sides, with --alone there is one")
    return options


def _model(options: argparse.Namespace, place: Path) -> tuple[Path, str]:
    """The model file, and what to call it beside every figure."""
    starter = Path(str(files("twolane.starter") / "twolane-starter.gguf"))
    if options.shape:
        return shapes.cached(options.shape), f"RANDOM WEIGHTS in the shape of Qwen2.5-Coder {options.shape}"
    if options.prefix_first:
        return shapes.starter_as(place, prefix_first=True), "the starter, asked prefix first on both sides"
    if options.model:
        return options.model.resolve(), options.model.name
    return starter, "the starter, each side in its own order"


def _histories(options: argparse.Namespace) -> list[tuple[History, int]]:
    if options.repository:
        history = from_clone(options.repository, options.commits)
        return [(history, seed) for seed in options.seeds]
    chosen = [release for release in RELEASES if release.package in options.projects]
    return [(from_release(release, seed), seed) for seed in options.seeds for release in chosen]


def _play(options: argparse.Namespace, model: Path, place: Path, env: Mapping[str, str]) -> list[tuple[Score, Score]]:
    histories = _histories(options)
    told = []
    with nullcontext() if options.alone else ModelServer(model, options.threads) as server:
        for number, (history, seed) in enumerate(histories):
            parts = pieces(session(history, options.keys, seed), _PIECE_STROKES)
            sides = Sides(history, place / f"session-{number}", env, server.port if server else None, seed)
            first = number * options.keys
            told.append(asyncio.run(replay(parts, sides, first, options.debounce / 1000, watch=options.watch)))
    return told


def _picture(ours: Score, theirs: Score, setting: str, processor: str) -> str:
    sides = {figures.OURS: ours, figures.THEIRS: theirs}
    waits = {name: [key.wait_ms for key in side.keys] for name, side in sides.items()}
    read = {
        f"{name}: {side.totals.evaluated / len(side.keys):.0f} a key": [float(work.evaluated) for work in side.works]
        for name, side in sides.items()
    }
    medians = ", ".join(f"{name} {figure('', 'ms', values).p50:.0f} ms" for name, values in waits.items())
    return draw(
        f"A key until its answer: median {medians}",
        f"{setting}; {processor}",
        [
            Panel("Share of keys answered within …", "ms", waits, 1.0),
            Panel("Share of requests that read at most …", "tokens", read, 1.0),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
