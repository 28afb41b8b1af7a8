"""A server of sockets that does what a script says, byte by byte: the ways in which a provider fails."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value


class Conversation:
    """One request and what is sent back."""

    def __init__(self, request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self._reader = reader
        self._writer = writer

    async def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        """Begin an answer whose body comes in chunks."""
        lines = [f"HTTP/1.1 {status} Some", f"Content-Type: {kind}", "Transfer-Encoding: chunked"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.raw(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def chunk(self, data: bytes, *, slice_to: int = 0) -> None:
        """Send a part of the body; with `slice_to` in chunks of so many bytes."""
        size = slice_to or len(data)
        for start in range(0, len(data), size):
            part = data[start : start + size]
            await self.raw(b"%x\r\n%s\r\n" % (len(part), part))

    async def end(self) -> None:
        """End the body as the protocol says."""
        await self.raw(b"0\r\n\r\n")

    async def whole(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        """Send a whole answer."""
        await self.head(status, kind, **headers)
        if body:
            await self.chunk(body)
        await self.end()

    async def raw(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def reset(self) -> None:
        """Break the connection with an RST."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def until_the_client_leaves(self) -> None:
        with contextlib.suppress(ConnectionError):
            while await self._reader.read(1024):
                pass


Script = Callable[[Conversation], Awaitable[None]]


@dataclass
class Scripted:
    """A running server: where it is, what it was asked, and how many clients are connected to it now."""

    url: str
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def serving(*scripts: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    """Serve: the first request gets the first script, and so on; the last script serves all that follow.

    A failure of a script fails the test, unless it is that the client has left.
    """
    running: set[asyncio.Task[Any]] = set()
    failures: list[BaseException] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        server.connections += 1
        try:
            while (request := await _read(reader)) is not None:
                number = min(len(server.requests), len(scripts) - 1)
                server.requests.append(request)
                await scripts[number](Conversation(request, reader, writer))
                if writer.is_closing():
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        except Exception as error:
            failures.append(error)
        finally:
            server.connections -= 1
            server.left.set()
            writer.close()
            with contextlib.suppress(Exception):
                await writer.wait_closed()
            running.discard(task)

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = listener.sockets[0].getsockname()[1]
    server = Scripted(f"{'https' if tls else 'http'}://127.0.0.1:{port}")
    try:
        yield server
    finally:
        listener.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await listener.wait_closed()
    if failures:
        raise failures[0]


async def _read(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, body)
