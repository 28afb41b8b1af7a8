"""The streams, the deadline and the watch, each without a process around it."""

from __future__ import annotations

import asyncio
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.lsp_client import frame
from twolane.server.wire.framing import Damage, Frame
from twolane.server.wire.lifecycle import Deadline, ParentWatch
from twolane.server.wire.stdio import Limits, Reader, Writer


@dataclass
class Pipe:
    """Both ends of a pipe; an end that is -1 is closed."""

    reading: int
    writing: int
    others: set[threading.Thread] = field(default_factory=lambda: set(threading.enumerate()))

    def close(self) -> None:
        """Who reads or writes has left before an end is closed: its number may be another pipe's the next moment."""
        if self._at_work("stdout"):
            self.close_reading()
            self._left("stdout")
        self.close_writing()
        self._left("stdin")
        self.close_reading()

    def _at_work(self, name: str) -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == name and thread not in self.others]

    def _left(self, name: str) -> None:
        for thread in self._at_work(name):
            thread.join(20)
            assert not thread.is_alive(), f"the thread of {name} holds on to a pipe that is closed at its other end"

    def close_reading(self) -> None:
        if self.reading >= 0:
            os.close(self.reading)
        self.reading = -1

    def close_writing(self) -> None:
        if self.writing >= 0:
            os.close(self.writing)
        self.writing = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe(*os.pipe())
    yield made
    made.close()


async def heard(queue: asyncio.Queue[str]) -> str:
    async with asyncio.timeout(20):
        return await queue.get()


async def test_a_reader_hands_over_frames_in_order_and_then_the_end(pipe: Pipe) -> None:
    loop = asyncio.get_running_loop()
    said: asyncio.Queue[str] = asyncio.Queue()

    def deliver(item: Frame | Damage) -> None:
        said.put_nowait(item.body.decode() if isinstance(item, Frame) else "damage")

    def ended(reason: str) -> None:
        loop.call_soon_threadsafe(said.put_nowait, reason)

    Reader(pipe.reading, deliver, ended, Limits(unread_bytes=10)).start()
    os.write(pipe.writing, b"".join(frame(b"%020d" % number) for number in range(50)) + b"\0\n" + frame(b"{"))
    os.write(pipe.writing, b"Content-Length: 5\r\n\r\n{")
    pipe.close_writing()
    assert [int(await heard(said)) for _ in range(50)] == list(range(50))
    assert [await heard(said) for _ in range(3)] == [
        "damage",
        "{",
        "the client closed the connection in the middle of a message",
    ]


async def test_an_edit_and_the_request_behind_it_arrive_at_one_go(pipe: Pipe) -> None:
    loop = asyncio.get_running_loop()
    said: asyncio.Queue[str] = asyncio.Queue()

    def deliver(item: Frame | Damage) -> None:
        loop.call_soon(said.put_nowait, "a turn of the loop")
        said.put_nowait(item.body.decode() if isinstance(item, Frame) else "damage")

    reader = Reader(pipe.reading, deliver, lambda _: None, Limits())
    os.write(pipe.writing, frame(b"edit") + frame(b"request"))
    reader.start()
    assert [await heard(said) for _ in range(3)] == ["edit", "request", "a turn of the loop"]


@pytest.mark.skipif(not hasattr(select, "PIPE_BUF"), reason="no pipe can be polled here")
async def test_a_short_message_needs_no_thread(pipe: Pipe) -> None:
    writer = Writer(pipe.writing, pytest.fail, Limits())
    writer.write(b"an answer")
    assert os.read(pipe.reading, 100) == b"an answer"
    await writer.close(0.0)


@pytest.mark.skipif(not hasattr(select, "PIPE_BUF"), reason="no pipe can be polled here")
async def test_short_messages_wait_where_the_client_is_behind(pipe: Pipe) -> None:
    """Every byte arrives, in order, whoever wrote it: the loop where there was room, else the thread."""
    writer = Writer(pipe.writing, pytest.fail, Limits(stuck_s=100))
    writer.start()
    parts = [b"%06d," % number * (1 if number % 7 else 3_000) for number in range(200)]
    whole = b"".join(parts)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(0)
    found = asyncio.create_task(asyncio.to_thread(os.fdopen(pipe.reading, "rb", closefd=False).read, len(whole)))
    await writer.close(60.0)
    pipe.close_writing()
    assert await found == whole


async def test_a_writer_never_waits_and_counts_what_piles_up(pipe: Pipe) -> None:
    lost: asyncio.Queue[str] = asyncio.Queue()
    writer = Writer(pipe.writing, lost.put_nowait, Limits(congested_bytes=1000, unwritten_bytes=1_000_000))
    writer.start()
    writer.write(b"x" * 500_000)
    assert writer.congested
    writer.write(b"x" * 600_000)
    assert await heard(lost) == "the client reads too slowly"
    writer.write(b"nobody reads this")
    assert lost.empty()
    pipe.close_reading()
    await writer.close(0.0)


async def test_a_writer_notices_that_nobody_reads(pipe: Pipe) -> None:
    lost: asyncio.Queue[str] = asyncio.Queue()
    writer = Writer(pipe.writing, lost.put_nowait, Limits(stuck_s=0.2))
    writer.start()
    writer.write(b"x" * 500_000)
    assert await heard(lost) == "the client has stopped reading"
    pipe.close_reading()


async def test_a_writer_notices_that_the_other_end_is_closed(pipe: Pipe) -> None:
    lost: asyncio.Queue[str] = asyncio.Queue()
    writer = Writer(pipe.writing, lost.put_nowait, Limits())
    writer.start()
    pipe.close_reading()
    writer.write(b"x")
    assert "no longer listens" in await heard(lost)
    await writer.close(1.0)


async def test_what_is_queued_is_written_before_the_end(pipe: Pipe) -> None:
    writer = Writer(pipe.writing, pytest.fail, Limits())
    writer.start()
    data = os.urandom(300_000)
    found = asyncio.create_task(asyncio.to_thread(os.fdopen(pipe.reading, "rb", closefd=False).read, len(data)))
    writer.write(data)
    await writer.close(20.0)
    assert await found == data


async def test_a_deadline_is_armed_once() -> None:
    ended = threading.Event()
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    deadline = Deadline(0.01, end)
    deadline.arm(3)
    deadline.arm(4)
    assert await asyncio.to_thread(ended.wait, 20)
    assert codes == [3]


def waiting_process() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


@pytest.mark.parametrize("polled", [False, True])
async def test_a_parent_is_watched_with_and_without_help_of_the_system(
    polled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if polled:
        monkeypatch.delattr(os, "pidfd_open")
    gone = asyncio.Event()
    with waiting_process() as parent:
        watch = ParentWatch(parent.pid, gone.set)
        watch.start()
        await asyncio.sleep(0)
        assert not gone.is_set()
        parent.kill()
        async with asyncio.timeout(20):
            await gone.wait()
        watch.stop()
    late = asyncio.Event()
    ParentWatch(parent.pid, late.set).start()
    async with asyncio.timeout(20):
        await late.wait()
