"""A model that was given up for another comes back when it is asked, and whoever shows its state hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from twolane.clients.engine.client import LocalEngine
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.engine.host import serve
from twolane.clients.engine.spec import EngineOptions, ModelSpec
from twolane.clients.engine.turns import Turns
from twolane.clients.errors import ModelLoading, ModelRefused, TooLarge
from twolane.clients.model import Health, ModelInfo

from .conftest import ask, request, spec
from .test_runner import Recorder, runner

SMALL, HUGE = spec(Path("small.gguf")), spec(Path("huge.gguf"))


def load(wanted: ModelSpec, progress: Callable[[float], bool], turns: Turns) -> Any:
    if wanted == HUGE:
        raise TooLarge("huge.gguf needs 40,000 MiB")
    progress(0.5)
    return SimpleNamespace(
        runner=runner(Recorder()),
        info=ModelInfo(wanted.path, "qwen-coder", wanted.path, 4096, "cpu"),
        seconds=0.0,
        stuck_after_s=30.0,
        plan=SimpleNamespace(on_device=False),
        close=lambda: None,
        status=dict,
    )


async def test_it_is_said_to_be_ready_again(place: Endpoint) -> None:
    states: list[Health] = []
    up = asyncio.Event()
    serving = asyncio.create_task(serve(place, EngineOptions(60), load, "0", up.set))
    await up.wait()
    small = LocalEngine(SMALL, EngineOptions(60), states.append, endpoint=place)
    huge = LocalEngine(HUGE, EngineOptions(60), endpoint=place)
    try:
        await small.info()
        with pytest.raises(ModelRefused, match="40,000 MiB"):
            await huge.info()
        states.clear()
        with pytest.raises(ModelLoading):
            await ask(small, request())
        async with asyncio.timeout(10):
            while "ready" not in [state.kind for state in states]:
                await asyncio.sleep(0.01)
        assert (await ask(small, request()))[0]
    finally:
        await small.close()
        await huge.close()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
