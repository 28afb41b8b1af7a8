"""`python -m benchmarks.loading`: what whoever writes with one model notices while another one is loaded.

The starter answers short requests over the engine's socket, one after another, as a person who types asks for them.
Then somebody wants a model of the Qwen2.5-Coder 0.5B shape, and the requests go on until that is there.
"""

from __future__ import annotations

import asyncio
import time

from twolane.clients.engine.client import LocalEngine
from twolane.clients.engine.spec import EngineOptions, ModelSpec
from twolane.clients.model import InfillRequest

from . import shapes
from .decode import connected, engine
from .report import Figure, arguments, figure, machine, tell

QUIET, PAUSE_S = 40, 0.05
PREFIX = "import os\n\n\ndef read(path):\n    with open(path) as file:\n        return file.re"


async def key(small: LocalEngine, typed: str) -> float:
    """Milliseconds until one answer is there."""
    request = InfillRequest(PREFIX + typed, "\n", "a.py", "w", "r", max_tokens=8, time_limit_ms=5_000)
    started = time.perf_counter()
    async with small.infill(request) as stream:
        async for _ in stream:
            pass
    return (time.perf_counter() - started) * 1000


async def keys(shape: str) -> list[Figure]:
    """Ask while nothing is loaded, then while something is."""
    path = shapes.cached(shape)
    with engine(drafts=True) as place:
        small = await connected(place, ModelSpec(str(shapes.STARTER)))
        large = LocalEngine(ModelSpec(str(path)), EngineOptions(), endpoint=place)
        quiet: list[float] = []
        during: list[float] = []
        for number in range(QUIET):
            quiet.append(await key(small, "ad"[: number % 3]))
            await asyncio.sleep(PAUSE_S)
        started = time.perf_counter()
        coming = asyncio.ensure_future(large.info())
        while not coming.done():
            during.append(await key(small, "ad"[: len(during) % 3]))
            await asyncio.sleep(PAUSE_S)
        await coming
        loaded = (time.perf_counter() - started) * 1000
        await small.close()
        await large.close()
    return [
        figure("a key's answer, nothing being loaded", "ms", quiet),
        figure(f"a key's answer while {shape} is loaded", "ms", during),
        figure(f"until {shape} is loaded", "ms", [loaded]),
    ]


def main() -> None:
    """Measure and print."""
    given = arguments("a key's answer while another model is loaded", runs=1)
    where = machine()
    tell("loading", where, asyncio.run(keys("0.5B")), (), given.json)


if __name__ == "__main__":
    main()
