"""Where there are no Unix sockets anybody on this machine can connect: only who knows the token is served."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.clients.conftest import OPTIONS, ask, engine, request, spec
from twolane.clients.engine import host, wire
from twolane.clients.engine.endpoint import Endpoint, locate
from twolane.clients.engine.llama import Library
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
