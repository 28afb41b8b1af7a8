"""A branch switch of thousands of files under an event loop: how long it is stopped, and when the index is true."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twolane.completion.analysis import Analysis
from twolane.completion.tended import Indexer
from twolane.context.document import Snapshot
from twolane.context.graph.background import COMMAND
from twolane.server.wire.collecting import Collector

BEAT_S = 0.001
PATIENCE_S = 300.0
_LEAVES_S = 5.0
SWITCH_S = 0.0005
"""As the server sets it."""


@dataclass(slots=True)
class Switched:
    """Milliseconds between two turns of the loop, beyond the one that was asked for, and seconds until it was true."""

    late_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    open_ms: float = 0.0


def switch(root: Path, count: int) -> Switched:
    """Let every module of a workspace say something else, tell of it as an editor does, and wait for the index."""
    sys.setswitchinterval(SWITCH_S)
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py"))[:count]
    text = (root / paths[0]).read_text(encoding="utf-8", errors="replace")
    return asyncio.run(_switch(root, paths, text))


async def _switch(root: Path, paths: Sequence[str], text: str) -> Switched:
    result = Switched()
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()

    def built(_: Path) -> None:
        loop.call_soon_threadsafe(ready.set)

    collector = Collector()
    collector.start()
    analysis = Analysis(None, Indexer(COMMAND, built=built))
    began = time.perf_counter()
    await analysis.fresh(Snapshot("file:///x", paths[0], root, "python", 1, text))
    result.open_ms = (time.perf_counter() - began) * 1000
    ready.clear()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LEAVES_S):
            await ready.wait()  # the process tells once more when it leaves
    await asyncio.to_thread(_rewrite, root, paths)
    ready.clear()
    heart = loop.create_task(_beat(result.late_ms))
    began = time.perf_counter()
    analysis.changed_on_disk(root, paths)
    async with asyncio.timeout(PATIENCE_S):
        await ready.wait()
        await analysis.fresh(Snapshot("file:///x", paths[0], root, "python", 2, text))
    result.seconds = time.perf_counter() - began
    heart.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await heart
    analysis.close()
    collector.stop()
    return result


def _rewrite(root: Path, paths: Sequence[str]) -> None:
    for number, path in enumerate(paths):
        with (root / path).open("ab") as file:
            file.write(f"\n\ndef switched_{number}(): ...\n".encode())


async def _beat(late_ms: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(BEAT_S)
        late_ms.append((time.perf_counter() - began - BEAT_S) * 1000)
