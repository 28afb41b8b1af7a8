"""What an engine says reaches its client whole and in order, whichever of its threads says it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from twolane.clients.engine.outlet import Outlet


class Ends:
    """An outlet, and the client's end of its connection."""

    def __init__(self, outlet: Outlet, reader: asyncio.StreamReader, client: socket.socket) -> None:
        self.outlet = outlet
        self.reader = reader
        self.client = client

    def read(self, count: int) -> bytes:
        """What the client receives: so many bytes, or fewer where the other side hangs up."""
        found = b""
        while len(found) < count and (more := self.client.recv(count - len(found))):
            found += more
        return found


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    """Both ends of a connection; the client's first message has come."""
    mine, theirs = socket.socketpair()
    theirs.settimeout(10)
    reader, writer = await asyncio.open_connection(sock=mine)
    outlet = Outlet(writer)
    outlet.send(b"welcome")
    await asyncio.sleep(0)
    with theirs:
        both = Ends(outlet, reader, theirs)
        assert await asyncio.to_thread(both.read, 7) == b"welcome"
        yield both
        await outlet.close()


@pytest.mark.skipif(sys.platform == "win32", reason="that event loop writes in a way of its own")
async def test_an_answer_leaves_while_the_event_loop_is_busy(ends: Ends) -> None:
    came: list[float] = []

    def worker() -> None:
        ends.outlet.send(b"text")
        ends.read(4)
        came.append(time.monotonic())

    thread = threading.Thread(target=worker)
    thread.start()
    thread.join(10)  # nothing else runs on this loop meanwhile
    assert came, "the client waited for the engine's event loop"


async def test_two_threads_and_a_slow_client_get_all_in_order(ends: Ends) -> None:
    messages = 400
    parts: dict[bytes, list[int]] = {b"a": [], b"b": []}

    def say(name: bytes) -> None:
        for number in range(messages):
            ends.outlet.send(name + b"%07d" % number + b"x" * (number * 7 % 3_000) + b"\n")

    def hear() -> None:
        rest = b""
        while sum(map(len, parts.values())) < 2 * messages:
            time.sleep(0.002)
            *lines, rest = (rest + ends.client.recv(20_000)).split(b"\n")
            for line in lines:
                number = int(line[1:8])
                assert line[8:] == b"x" * (number * 7 % 3_000), "a message came in pieces of another"
                parts[line[:1]].append(number)

    listening = asyncio.create_task(asyncio.to_thread(hear))
    await asyncio.gather(asyncio.to_thread(say, b"a"), _on_the_loop(say), listening)
    assert parts == {b"a": list(range(messages)), b"b": list(range(messages))}


async def _on_the_loop(say: Callable[[bytes], None]) -> None:
    say(b"b")


async def test_a_client_that_does_not_read_is_cut_off(ends: Ends, caplog: pytest.LogCaptureFixture) -> None:
    async with asyncio.timeout(10):
        while "cut off" not in caplog.text:
            ends.outlet.send(b"x" * 100_000)
            await asyncio.sleep(0)
        await ends.outlet.close()
    with contextlib.suppress(ConnectionError):
        while await asyncio.to_thread(ends.client.recv, 1 << 20):
            pass


async def test_what_is_said_after_the_end_goes_nowhere(ends: Ends, tmp_path: Path) -> None:
    await ends.outlet.close()
    with (tmp_path / "another").open("wb"):  # it may have the descriptor that the connection had
        ends.outlet.send(b"late")
        await asyncio.sleep(0.05)
    assert (tmp_path / "another").read_bytes() == b""
    assert ends.read(4) == b""


@pytest.mark.skipif(sys.platform == "win32", reason="handles are counted in another way")
async def test_a_client_that_came_and_went_holds_no_descriptor() -> None:
    process = psutil.Process()
    before = process.num_fds()
    for _ in range(20):
        mine, theirs = socket.socketpair()
        _, writer = await asyncio.open_connection(sock=mine)
        outlet = Outlet(writer)
        outlet.send(b"bye")
        await outlet.close()
        assert await asyncio.to_thread(theirs.recv, 3) == b"bye"
        theirs.close()
    assert process.num_fds() <= before + 2
