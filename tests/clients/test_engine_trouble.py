"""An engine that hangs, leaves on purpose, or is none at all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import struct
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import filelock
import pytest
import pytest_asyncio

from tests import gguf_factory
from tests.clients.conftest import OPTIONS, ask, ask_until_it_answers, engine, request, spec
from twolane.clients.engine import client as client_module
from twolane.clients.engine import control, host, launch, wire
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.engine.library import Library
from twolane.clients.engine.loading import Loader
from twolane.clients.errors import ModelRefused, ModelUnavailable
from twolane.clients.model import Health


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


async def test_an_engine_that_comes_while_another_leaves_takes_its_place(place: Endpoint) -> None:
    leaving = filelock.FileLock(str(place.lock))
    leaving.acquire()
    tried = asyncio.Event()

    async def pause(_: float) -> None:
        tried.set()
        await forth.wait()

    forth, listens = asyncio.Event(), asyncio.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", pause)
        coming = asyncio.create_task(host.serve(place, OPTIONS, Loader(Library(), place.folder), "0", listens.set))
        await tried.wait()
    leaving.release()
    forth.set()
    await asyncio.wait([asyncio.ensure_future(listens.wait()), coming], return_when=asyncio.FIRST_COMPLETED)
    assert (await control.status(place))["running"] is True
    assert await control.stop(place)
    assert await coming == host.ASKED_TO_STOP


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


async def test_a_model_that_is_refused_is_not_loaded_again_and_again_for_all_windows(
    place: Endpoint, tmp_path: Path
) -> None:
    chat = gguf_factory.write(tmp_path / "chat.gguf", control=("<|endoftext|>",), width=256, layers=4)
    states: list[Health] = []
    async with engine(spec(chat), place, states) as one, engine(spec(chat), place) as two:
        for window in (one, two):
            with pytest.raises(ModelRefused, match="cannot fill in the middle"):
                await window.info()
        with pytest.raises(ModelRefused):
            await two.info()
        async with asyncio.timeout(10):
            while states[-1].kind != "refused":
                await asyncio.sleep(0.01)
    begun = [state for state in states if (state.kind, state.progress) == ("loading", 0.0)]
    assert len(begun) == 3, "once for each that asked"
    assert "cannot fill in the middle" in states[-1].message


WELCOME = {"t": "welcome", "protocol": wire.PROTOCOL, "version": "0", "pid": 2**22 + 1}


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
        with pytest.raises(ModelUnavailable, match=r"died|does not understand"):
            await local.info()


@pytest.mark.parametrize(
    "value",
    [None, [], "fine", {}, {"running": True}, {"running": "yes", "pid": 1}],
)
async def test_a_status_that_no_engine_would_tell_is_named(
    place: Endpoint, impostor: list[object], value: object
) -> None:
    impostor += [WELCOME, {"t": "result", "id": 1, "value": value}]
    with pytest.raises(ModelUnavailable, match=r"engine\.sock does not answer as the engine of this version would"):
        await control.status(place)


async def test_a_status_that_is_wrong_in_one_place_only_is_named_too(place: Endpoint, impostor: list[object]) -> None:
    memory = {"rss_bytes": 1, "models_bytes": 1, "kv_bytes": "many"}
    value = {"running": True, "pid": 1, "uptime_s": 1.0, "clients": 1, "queue": 0, "model": None, "device": None}
    impostor += [WELCOME, {"t": "result", "id": 1, "value": value | {"slots": [], "models": [], "memory": memory}}]
    with pytest.raises(ModelUnavailable, match="does not answer as the engine"):
        await control.status(place)


async def test_a_process_that_is_no_engine_is_not_killed_for_one_that_hangs(
    place: Endpoint, tiny: Path, impostor: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_HEARTBEAT_SECONDS", 0.02)
    bystander = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    impostor += [WELCOME | {"pid": bystander.pid}]
    async with engine(spec(tiny), place) as local:
        with pytest.raises(ModelUnavailable, match="did not answer"):
            await local.info()
    await bystander.communicate(b"\n")
    assert bystander.returncode == 0


async def test_a_process_that_was_asleep_itself_does_not_blame_the_engine(
    place: Endpoint, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_HEARTBEAT_SECONDS", 0.1)
    described = {"name": "n", "family": "f", "path": "p", "context_tokens": 1, "device": "cpu"}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await wire.read(reader)
        writer.write(wire.encode(WELCOME))
        asked = await wire.read(reader)
        assert asked is not None
        time.sleep(1.5)  # noqa: ASYNC251 - the whole process sleeps, as under Ctrl-Z
        await asyncio.sleep(0.15)
        writer.write(wire.encode({"t": "result", "id": asked["id"], "value": described}))
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(answer, str(place.socket))
    async with engine(spec(tiny), place) as local:
        assert (await local.info()).name == "n"
    server.close()
    place.socket.unlink(missing_ok=True)


async def test_a_model_that_is_cut_off_while_it_is_in_use_is_named_and_ends_one_engine_only(
    place: Endpoint, tiny: Path, tmp_path: Path
) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(tiny.read_bytes())
    states: list[Health] = []
    async with engine(spec(path), place, states) as local:
        await local.info()
        os.truncate(path, path.stat().st_size // 4)
        with pytest.raises(ModelRefused, match=r"own\.gguf"):
            async with asyncio.timeout(30):
                while True:
                    with contextlib.suppress(ModelUnavailable):
                        await ask(local, request(prefix="x = 1\n" * 40))
                    await asyncio.sleep(0.02)
        pid = (await control.status(place))["pid"]
        with pytest.raises(ModelRefused, match=r"own\.gguf"):
            await ask(local, request())
        assert (await control.status(place))["pid"] == pid
    assert [state.kind for state in states].count("down") <= 1
