"""Where there are no Unix sockets anybody on this machine can connect: only who knows the token is served."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.clients.conftest import OPTIONS, ask, engine, request, spec
from twolane.clients.engine import host, launch, wire
from twolane.clients.engine.endpoint import Endpoint, locate
from twolane.clients.engine.library import Library
from twolane.clients.engine.loading import Loader

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest_asyncio.fixture
async def loopback(place: Endpoint) -> AsyncIterator[Endpoint]:
    """An engine that listens on loopback, in this process."""
    there, listens = locate(unix=False), asyncio.Event()
    serving = asyncio.create_task(
        host.serve(there, OPTIONS, Loader(Library(), there.folder), "0", listens.set),
    )
    async with asyncio.timeout(30):
        await listens.wait()
    yield there
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def stranger(there: Endpoint) -> Streams:
    """Connect without having read the token."""
    reader, writer, _ = await there.connect()
    return reader, writer


@pytest.mark.parametrize(
    "raw",
    [
        wire.encode({"t": "hello", "protocol": wire.PROTOCOL}),
        wire.encode({"t": "hello", "protocol": wire.PROTOCOL, "token": ""}),
        wire.encode({"t": "hello", "protocol": wire.PROTOCOL, "token": None}),
        wire.encode({"t": "hello", "protocol": wire.PROTOCOL, "token": "\udc80wrong"}),
        wire.encode({"t": "hello", "protocol": wire.PROTOCOL, "token": "", "number": 7}),
        wire.encode({"t": "status", "id": 1}),
        struct.pack(">I", wire.MAX_FRAME),
        b"GET / HTTP/1.1\r\n\r\n",
        b"",
    ],
)
async def test_whoever_does_not_say_the_token_is_let_go_without_a_word(
    loopback: Endpoint, monkeypatch: pytest.MonkeyPatch, raw: bytes
) -> None:
    monkeypatch.setattr(host, "_HELLO_SECONDS", 300.0)
    reader, writer = await stranger(loopback)
    writer.write(raw)
    if not raw:
        writer.write_eof()
    async with asyncio.timeout(30):
        assert await reader.read() == b""
    writer.close()


async def test_strangers_who_say_nothing_hold_nobody_up_and_are_let_go(
    loopback: Endpoint, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [await stranger(loopback) for _ in range(30)]
    async with engine(spec(tiny), loopback) as local:
        await local.info()
        assert (await ask(local, request()))[0]
    for _, writer in silent:
        writer.close()
    monkeypatch.setattr(host, "_HELLO_SECONDS", 0.1)
    reader, writer = await stranger(loopback)
    writer.write(struct.pack(">I", 64) + b"{")
    async with asyncio.timeout(30):
        assert await reader.read() == b"", "nor who goes on for ever with the first word"
    writer.close()


@pytest.mark.parametrize("answer", [{"t": "proof", "proof": "0" * 64}, {"t": "proof"}, {"t": "status", "id": 1}])
async def test_a_stranger_who_proves_nothing_is_let_go(loopback: Endpoint, answer: wire.Message) -> None:
    reader, writer = await stranger(loopback)
    writer.write(wire.encode({"t": "hello", "protocol": wire.PROTOCOL, "number": "mine"}))
    async with asyncio.timeout(30):
        challenge = await wire.read(reader)
        assert challenge is not None
        writer.write(wire.encode({"number": challenge["number"], **answer}))
        assert await reader.read() == b""
    writer.close()


async def test_what_one_end_has_proved_is_no_proof_for_the_other(loopback: Endpoint) -> None:
    reader, writer = await stranger(loopback)
    writer.write(wire.encode({"t": "hello", "protocol": wire.PROTOCOL, "number": "mine"}))
    async with asyncio.timeout(30):
        challenge = await wire.read(reader)
        assert challenge is not None
        writer.write(wire.encode({"t": "proof", "proof": challenge["proof"]}))
        assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize("proof", ["", "0" * 64, None])
async def test_whoever_took_a_dead_engines_port_learns_neither_the_token_nor_any_code(
    place: Endpoint, proof: str | None
) -> None:
    there, heard = locate(unix=False), bytearray()

    async def impostor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await wire.read(reader)
        heard.extend(json.dumps(hello).encode())
        challenge = {"t": "challenge", "number": "n", "proof": proof}
        welcome = {"t": "welcome", "protocol": wire.PROTOCOL, "version": "0", "pid": 1}
        writer.write(wire.encode(challenge if proof is not None else welcome))
        heard.extend(await reader.read())
        writer.close()

    server, token = await there.listen(impostor)
    async with server, asyncio.timeout(30):
        with pytest.raises(OSError, match="does not answer as the engine would"):
            await launch.connect(there, OPTIONS)
    assert heard
    assert token.encode() not in heard
    assert b'"t": "hello"' in heard
    assert b'"proof"' not in heard


async def test_a_window_of_an_older_version_says_the_token_and_is_served(loopback: Endpoint) -> None:
    reader, writer, token = await loopback.connect()
    writer.write(wire.encode({"t": "hello", "protocol": wire.PROTOCOL, "token": token}))
    async with asyncio.timeout(30):
        welcome = await wire.read(reader)
    assert welcome is not None
    assert welcome["t"] == "welcome"
    writer.close()


async def test_an_engine_of_an_older_version_is_told_nothing(loopback: Endpoint) -> None:
    address = json.loads(loopback.address_file.read_text())
    loopback.address_file.write_text(json.dumps({"port": address["port"], "token": address["token"]}))
    with pytest.raises(OSError, match="older engine"):
        await launch.connect(loopback, OPTIONS)
