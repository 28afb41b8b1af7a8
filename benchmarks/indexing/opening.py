"""`python -m benchmarks.indexing.opening`: how late the event loop is while documents of each language are opened.

One process opens, for each language, a first document (which loads the grammar and compiles its queries), then others,
each of some length, with an edit behind. A task of the event loop ticks every millisecond meanwhile; a late tick is a
stop that typing would feel. Where this machine allows it, the process runs before all others (SCHED_RR), so that what
else runs is not counted; it rests in between, for Linux stops such a process for 50 ms in a second without rest.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from twolane.completion.analysis import Analysis
from twolane.context.document import Snapshot
from twolane.context.languages import loading
from twolane.server.wire.collecting import Collector

from ..report import machine

_FIXTURES = Path(__file__).parents[2] / "tests" / "context" / "languages"
_IDENTIFIERS = {"bash": "shellscript", "tsx": "typescriptreact"}
_BEAT_S = 0.001
_SWITCH_S = 0.0005
"""As the server sets it."""

_PRIORITY = 10
_GOAL_MS = 20.0
_LINES = 700
_OTHERS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.indexing.opening", description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    where = machine()
    alone = _before_all_others()
    sys.setswitchinterval(_SWITCH_S)
    with tempfile.TemporaryDirectory(prefix="twolane-opening-") as place:
        found = asyncio.run(_measured(Path(place)))
    if options.json:
        print(json.dumps({"machine": where, "before_all_others": alone, "late_ms": found, "goal_ms": _GOAL_MS}))
        return 0
    beside = "before all other processes" if alone else "beside all other processes"
    print(f"opening: {where['processor']}, Python {where['python']}, load {where['load']}, {beside}; most ms late")
    for language, (first, later) in found.items():
        verdict = "" if max(first, later) <= _GOAL_MS else "  missed"
        print(f"  {language:16} first {first:5.1f}  later {later:5.1f}{verdict}")
    return 0


def _before_all_others() -> bool:
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_PRIORITY))
        return True
    return False


async def _measured(root: Path) -> dict[str, tuple[float, float]]:
    """By language how late the loop was at most: with the first document, with those after it."""
    late: list[float] = []
    collector = Collector()
    collector.start()
    heart = asyncio.create_task(_beat(late))
    analysis = Analysis(None, None)
    loading.rules()
    await analysis.fresh(Snapshot("file:///x", "x.txt", root, "plaintext", 1, "x"))
    found: dict[str, tuple[float, float]] = {}
    for folder in sorted(path.parent for path in _FIXTURES.glob("*/idioms.txt")):
        language = _IDENTIFIERS.get(folder.name, folder.name)
        source = (folder / "idioms.txt").read_text(encoding="utf-8").partition("=" * 40)[0]
        suffix = next(suffix for suffix, one in loading.suffixes().items() if one == language)
        late.clear()
        await _opened(analysis, root, f"first{suffix}", language, source)
        first = max(late, default=0.0)
        late.clear()
        long = source * (1 + _LINES // (source.count("\n") + 1))
        for number in range(_OTHERS):
            await _opened(analysis, root, f"later{number}{suffix}", language, long)
        found[language] = first, max(late, default=0.0)
    heart.cancel()
    analysis.close()
    collector.stop()
    return found


async def _opened(analysis: Analysis, root: Path, path: str, language: str, text: str) -> None:
    """Open a document, and type into it."""
    uri, began = f"file:///{path}", time.perf_counter()
    await analysis.fresh(Snapshot(uri, path, root, language, 1, text))
    middle = text.find("\n", len(text) // 2) + 1
    await analysis.fresh(Snapshot(uri, path, root, language, 2, f"{text[:middle]}x\n{text[middle:]}"))
    await asyncio.sleep(20 * _BEAT_S + 2 * (time.perf_counter() - began))


async def _beat(late_ms: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_BEAT_S)
        late_ms.append((time.perf_counter() - began - _BEAT_S) * 1000)


if __name__ == "__main__":
    sys.exit(main())
