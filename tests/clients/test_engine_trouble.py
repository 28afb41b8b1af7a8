"""An engine that hangs, leaves, or is none at all, and a client that was asleep meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.clients.conftest import OPTIONS, ask_until_it_answers, engine, request, spec
from twolane.clients.engine import control, launch
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.errors import ModelUnavailable
from twolane.clients.model import Health

SLEEPER = """
import asyncio, sys
from twolane.clients.engine import client
from twolane.clients.engine.spec import EngineOptions, ModelSpec
from twolane.clients.model import InfillRequest

client._HEARTBEAT_SECONDS = 0.1

async def main():
    local = client.LocalEngine(ModelSpec(sys.argv[1], slots=2, context_tokens=0, threads=1), EngineOptions())
    await local.info()
    wanted = InfillRequest("x", "", "a.py", "w", "demo", max_tokens=1500, time_limit_ms=60_000)
    try:
        async with local.infill(wanted) as stream:
            async for piece in stream:
                print("going", flush=True)
    except Exception as error:
        print(type(error).__name__, flush=True)
    await local.close()

asyncio.run(main())
"""


async def test_a_client_that_was_suspended_does_not_blame_the_engine(place: Endpoint, slow: Path) -> None:
    await control.start(spec(slow), OPTIONS, place)
    before = (await control.status(place))["pid"]
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SLEEPER, str(slow), stdout=asyncio.subprocess.PIPE
    )
    assert client.stdout is not None
    async with asyncio.timeout(60):
        assert await client.stdout.readline() == b"going\n"
        client.send_signal(signal.SIGSTOP)
        await asyncio.sleep(1.0)
        client.send_signal(signal.SIGCONT)
        said = {line async for line in client.stdout}
        await client.wait()
    assert said == {b"going\n"}
    assert (await control.status(place))["pid"] == before


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for an answer not as long as for a busy machine's."""
    monkeypatch.setattr(launch, "_WELCOME_SECONDS", 0.5)
    monkeypatch.setattr(launch, "_SECOND_LOOK_SECONDS", 0.5)


async def test_an_engine_that_hangs_makes_room_for_whoever_comes(place: Endpoint, tiny: Path, hasty: None) -> None:
    hung = (await control.start(spec(tiny), OPTIONS, place))["pid"]
    os.kill(hung, signal.SIGSTOP)
    async with engine(spec(tiny), place) as local:
        await local.info()
        assert (await control.status(place))["pid"] != hung


async def test_an_engine_that_hangs_can_be_stopped(place: Endpoint, tiny: Path, hasty: None) -> None:
    os.kill((await control.start(spec(tiny), OPTIONS, place))["pid"], signal.SIGSTOP)
    assert await control.stop(place) is True
    assert (await control.status(place))["running"] is False


async def test_leaving_on_purpose_is_neither_a_death_nor_news(place: Endpoint, tiny: Path) -> None:
    states: list[Health] = []
    async with engine(spec(tiny), place, states) as local:
        for _ in range(4):
            await ask_until_it_answers(local, request())
            assert await control.stop(place)
            async with asyncio.timeout(10):
                while local.health.kind == "ready":
                    await asyncio.sleep(0.01)
            assert local.health == Health("away", "The engine has left: asked to stop.")
        assert (await ask_until_it_answers(local, request()))[0]
    assert "down" not in {state.kind for state in states}


WELCOME = {"t": "welcome", "protocol": 1, "version": "0", "pid": 2**22 + 1}


@pytest_asyncio.fixture
async def impostor(place: Endpoint) -> AsyncIterator[list[object]]:
    """Something listens on the engine's socket and answers each client with what the test puts in here."""
    said: list[object] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        for message in said:
            body = json.dumps(message).encode()
            writer.write(struct.pack(">I", len(body)) + body)
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(answer, str(place.socket))
    yield said
    server.close()
    place.socket.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "message",
    [
        {"t": "loading"},
        {"t": "loading", "progress": "much"},
        {"t": "result", "id": [1]},
        {"t": "result", "id": 1, "value": {"colour": "blue"}},
        {"t": "result", "id": 1, "value": None},
    ],
)
async def test_what_no_engine_would_say_is_no_fault_of_ours(
    place: Endpoint, tiny: Path, impostor: list[object], message: object
) -> None:
    impostor += [WELCOME, message]
    async with engine(spec(tiny), place) as local:
        with pytest.raises(ModelUnavailable, match="died|does not understand"):
            await local.info()
