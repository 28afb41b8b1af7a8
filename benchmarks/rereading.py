"""`python -m benchmarks.rereading`: what is read again at each key, of a prompt of about 2,000 tokens.

The real server over LSP, in the demo's project: in the middle of its longest files a method that nobody foresees is
typed, a request at every key and the next key a rest after its answer. The first request in a file reads the whole
prompt and stands apart. The starter is asked prefix first, as most families want, and in its own order. So that the
prompt has that size and keeps it, its window is widened and no answer is ever late (`completion.goal_ms`). "At a key"
is of the keys at which the model was asked, the others knew their answer already; "work ahead included" is all that the
engine read between a file's first answer and its last.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from . import shapes
from .editor import Editor
from .first_answer import PROJECT, engine
from .report import Figure, figure, machine, own_places, tell

_WINDOW = 2688
"""A window in tokens whose prompts, estimated with care, come to about 2,000."""

_REST_S, _GOAL_MS = 0.17, 60_000
_INDEX_S = 3.0
"""So long nobody asks after a start or a file was opened: lines of other files are found meanwhile."""

_METHOD = (
    "def quarantined(self, ledger: Ledger, *, harvest: int = 7) -> Voyage:",
    '    """Weigh what the tide left behind, oldest first."""',
    "    driftwood = [plank for plank in ledger.planks if plank.age > harvest]",
    "    while driftwood and not self.anchored(driftwood[-1]):",
    "    return Voyage(tuple(driftwood), moored=self.harbour is not None)",
)
_ORDERS = {"prefix first": True, "the starter's own order": False}


@dataclass(slots=True)
class _Read:
    """What keys cost: `asked` are (tokens read, tokens of the prompt) of those at which the model was asked."""

    cold: list[tuple[int, int]] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)
    keys: int = 0
    in_all: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """A file with an indented empty line, where a method is to be typed."""

    path: Path
    text: str
    line: int


def _places(folder: Path, count: int) -> Iterator[_Place]:
    """One place in each of the longest files: before the first method of its second half."""
    files = sorted(folder.rglob("*.py"), key=lambda path: -path.stat().st_size)
    for path in files[:count]:
        lines = path.read_text(encoding="utf-8").split("\n")
        line = next(number for number in range(len(lines) // 2, len(lines)) if lines[number].startswith("    def "))
        while lines[line - 1].strip():
            line -= 1
        yield _Place(path, "\n".join([*lines[:line], "    ", "", *lines[line:]]), line)


def _type(editor: Editor, place: _Place, env: Mapping[str, str], read: _Read) -> None:
    """Ask at the place, then after each key of the method."""
    editor.open(place.path, place.text)
    time.sleep(_INDEX_S)
    editor.complete(place.path, place.line, 4)
    read.cold += _asked(editor)
    before = _in_all(env)
    for line, column, key in _keys(place.line):
        time.sleep(_REST_S)
        editor.insert(place.path, line, column, key)
        brings = (line + 1, len(key) - 1) if "\n" in key else (line, column + len(key))
        editor.complete(place.path, *brings)
        read.asked += _asked(editor)
        read.keys += 1
    read.in_all += _in_all(env) - before


def _keys(line: int) -> Iterator[tuple[int, int, str]]:
    """Where each key goes, and what it brings; Enter brings the indentation of the line that it begins."""
    end = 4
    for number, text in enumerate(_METHOD):
        indent = 4 + len(text) - len(text.lstrip())
        if number:
            yield line + number - 1, end, "\n" + " " * indent
        for column, key in enumerate(text.lstrip(), indent):
            yield line + number, column, key
        end = 4 + len(text)


def _asked(editor: Editor) -> list[tuple[int, int]]:
    trace = editor.explain(1)[-1]
    asked = trace["prompt_tokens"] and trace["origin"] in ("", "model")
    return [(trace["evaluated_tokens"], trace["prompt_tokens"])] if asked else []


def _in_all(env: Mapping[str, str]) -> int:
    models: list[dict[str, Any]] = engine("status", env)["models"]
    return sum(model.get("evaluated_tokens", 0) for model in models)


def _measure(model: Path, place: Path, options: argparse.Namespace, read: _Read) -> None:
    """Type everywhere, with a server and an engine of its own."""
    folder = place / "itsdangerous"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    with own_places() as env:
        settings = Path(env["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
        settings.parent.mkdir()
        near = f"[near]\nmodel = {json.dumps(str(model), ensure_ascii=False)}\nthreads = {options.threads}\n"
        sizes = f"context_tokens = {_WINDOW}\n[completion]\ngoal_ms = {_GOAL_MS}\n"
        settings.write_text(near + sizes, encoding="utf-8")
        engine("start", env)
        with Editor(env, folder) as editor:
            editor.initialize()
            editor.status()
            time.sleep(_INDEX_S)
            for one in _places(folder, options.places):
                _type(editor, one, env, read)


def _rows(order: str, read: _Read) -> list[Figure]:
    tokens, prompts = [one for one, _ in read.asked], [prompt for _, prompt in read.asked]
    reused = 100 * (1 - sum(tokens) / sum(prompts))
    return [
        figure(f"{order}: prompt of a request", "tok", prompts),
        figure("  read of it at the first request", "tok", [one for one, _ in read.cold]),
        figure("  read of it at a key", "tok", tokens),
        figure("  read of it at a key, mean", "tok", [fmean(tokens)]),
        figure("  read a key, keys that ask nothing included, mean", "tok", [sum(tokens) / read.keys], goal=8.0),
        figure("  prompt reused, all keys", "%", [reused], goal=95.0, at_least=True),
        figure("  read a key, work ahead included, mean", "tok", [read.in_all / read.keys], goal=8.0),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rereading", description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="how often all of it is typed (%(default)s)")
    parser.add_argument("--places", type=int, default=2, help="files, the longest first (%(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the model (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    options = parser.parse_args(arguments)
    where = machine()
    with tempfile.TemporaryDirectory(prefix="twolane-rereading-") as place:
        read = {order: _Read() for order in _ORDERS}
        for (order, first), _ in itertools.product(_ORDERS.items(), range(options.runs)):
            model = shapes.starter_as(Path(place), prefix_first=first, window=_WINDOW)
            _measure(model, Path(place), options, read[order])
    rows = itertools.chain.from_iterable(_rows(order, one) for order, one in read.items())
    notes = [
        f"{order}: {one.keys} keys in {options.places} files, the model asked at {len(one.asked)}"
        for order, one in read.items()
    ]
    tell("rereading", where, list(rows), notes, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
