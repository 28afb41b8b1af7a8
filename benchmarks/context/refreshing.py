"""How long the context of a document is refreshed while somebody types in it: processor time of the analysis thread.

`python -m benchmarks.context.refreshing`. A line is put at a few places of a large file of each release and typed in
pieces; each piece is one refresh, as the server asks for it.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from twolane.context.document import Snapshot
from twolane.context.graph.live import LiveWorkspace
from twolane.context.index import ContextIndex
from twolane.context.languages.reading import language_of

from ..corpora.fetch import NotFetched, by_name, fetch
from ..report import figure, machine, tell

DOCUMENTS = {
    "django": "django/forms/fields.py",
    "clap": "src/builder/command.rs",
    "rxjs": "src/internal/Observable.ts",
    "jsoup": "src/main/java/org/jsoup/nodes/Element.java",
    "gin": "context.go",
}
_TYPED = "result = self.get_value(name"
_STEPS = (4, 8, 13, 16, 20, 24, 28)
_ASIDE = ("#", "//", "*", "/*", '"""')


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Milliseconds of a processor: the first refresh, and those while a line was typed."""

    first_ms: float
    typed_ms: list[float]
    lines: int
    files: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.context.refreshing", description=__doc__)
    parser.add_argument("--corpora", default=",".join(DOCUMENTS), help="which releases (%(default)s)")
    parser.add_argument("--places", type=int, default=6, help="where a line is typed (%(default)s)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    where = machine()
    figures = []
    try:
        with tempfile.TemporaryDirectory(prefix="twolane-refreshing-") as kept:
            for name in options.corpora.split(","):
                one = _session(fetch(by_name(name)), DOCUMENTS[name], Path(kept, name), options.places)
                label = f"{name}: {DOCUMENTS[name].rpartition('/')[2]}, {one.lines:,} lines, {one.files:,} files"
                figures += [figure(label, "ms", one.typed_ms), figure("  when it is opened", "ms", [one.first_ms])]
    except NotFetched as nothing:
        print(nothing, file=sys.stderr)
        return 1
    tell("refreshing", where, figures, ("processor time of the analysis thread",), options.json)
    return 0


def _session(root: Path, path: str, store: Path, places: int) -> Refreshed:
    workspace = LiveWorkspace.open(root, store=store)
    workspace.build()
    index = ContextIndex(root, workspace)
    language = language_of(path) or ""
    text = (root / path).read_text(encoding="utf-8")
    gc.collect()
    took = []
    for version, state in enumerate([text, *_typed(text, places)]):
        snapshot = Snapshot("file:///x", path, root, language, version, state)
        began = time.thread_time()
        index.refresh(snapshot)
        took.append((time.thread_time() - began) * 1000)
        index.snippets(snapshot, 0, 1024)
    return Refreshed(took[0], took[1:], text.count("\n"), len(workspace.paths()))


def _typed(text: str, places: int) -> Iterator[str]:
    """The text with a line typed bit by bit in front of one inside of some definition."""
    lines = text.split("\n")
    inner = [
        number
        for number, line in enumerate(lines)
        if line[:1] in (" ", "\t") and line.strip() and not line.strip().startswith(_ASIDE)
    ]
    chance = random.Random(json.dumps([len(lines), places]))
    for _ in range(places):
        row = chance.choice(inner)
        indent = lines[row][: len(lines[row]) - len(lines[row].lstrip())]
        for length in _STEPS:
            yield "\n".join([*lines[:row], indent + _TYPED[:length], *lines[row:]])


if __name__ == "__main__":
    sys.exit(main())
