"""After an upgrade: windows of two versions, and the engine of the other one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.clients.conftest import OPTIONS, ask, engine, request, spec
from twolane.clients.engine import control, holder, launch, wire
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.errors import ModelUnavailable
from twolane.clients.model import Health


@asynccontextmanager
async def other_version(place: Endpoint, protocol: int) -> AsyncIterator[list[str]]:
    """An engine that speaks `protocol`; yields what it was told, and leaves when it is told to stop."""
    told: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (message := await wire.read(reader)) is not None:
            told.append(message["t"])
            if message["t"] == "hello":
                writer.write(wire.encode({"t": "welcome", "protocol": protocol, "version": "7.5", "pid": 2**22 + 1}))
            if message["t"] == "stop":
                place.socket.unlink()
                server.close()
                break
        writer.close()

    server = await asyncio.start_unix_server(serve, str(place.socket))
    try:
        yield told
    finally:
        server.close()


async def test_an_engine_of_an_older_version_is_replaced(place: Endpoint, tiny: Path) -> None:
    async with other_version(place, wire.PROTOCOL - 1) as told, engine(spec(tiny), place) as local:
        assert (await local.info()).name
        assert told == ["hello", "stop"]
        assert (await ask(local, request()))[0]


async def test_an_older_window_leaves_the_newer_engine_alone_and_says_what_to_do(place: Endpoint, tiny: Path) -> None:
    states: list[Health] = []
    async with other_version(place, wire.PROTOCOL + 1) as told, engine(spec(tiny), place, states) as local:
        for _ in range(3):
            with pytest.raises(ModelUnavailable, match=r"a newer Twolane \(7\.5\).*reload the editor's window"):
                await local.info()
            with pytest.raises(ModelUnavailable):
                await ask(local, request())
        assert set(told) == {"hello"}
    assert set(states) == {states[0]}, "told again it would be news again"


async def test_an_older_engine_that_came_first_while_ours_was_starting_is_replaced_too(
    place: Endpoint, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn: Callable[..., bool] = launch.spawn
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(30), AsyncExitStack() as stack:

        def too_late(*arguments: object) -> bool:
            monkeypatch.setattr(launch, "spawn", spawn)
            older = stack.enter_async_context(other_version(place, wire.PROTOCOL - 1))
            asyncio.run_coroutine_threadsafe(older, loop).result()
            return False

        monkeypatch.setattr(launch, "spawn", too_late)
        status = await control.start(spec(tiny), OPTIONS, place)
        assert status["models"][0]["path"] == str(tiny)


async def test_one_that_died_as_soon_as_it_listened_is_started_again_without_a_wait(
    place: Endpoint, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn: Callable[..., bool] = launch.spawn
    began: list[bool] = []

    def killed_once(*arguments: object) -> bool:
        listens = spawn(*arguments)
        began.append(listens)
        return listens and (len(began) > 1 or holder.evict(place))

    monkeypatch.setattr(launch, "spawn", killed_once)
    monkeypatch.setattr(launch, "_PATIENCE_SECONDS", 300.0)
    async with asyncio.timeout(30):
        status = await control.start(spec(tiny), OPTIONS, place)
    assert (began, status["running"]) == ([True, True], True)
