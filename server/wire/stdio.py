"""The two byte streams to the client, each with a thread of its own, so that the event loop never blocks.

Threads rather than the loop's own pipes: a client may hand us a pipe, a socket, a terminal or a file, some of
which no loop can wait for, and switching a shared stream to non-blocking would be felt by the client.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from .framing import Damage, Frame, Framer

_READ_BYTES = 256 * 1024
_WRITE_BYTES = 64 * 1024

_FRAMES_TOGETHER = 4
"""An edit and the request behind it come together: so many frames reach the event loop at one go, and no more."""

_SURELY_TAKEN: int | None = getattr(select, "PIPE_BUF", None)
"""So many bytes a pipe or socket that polls as writable takes without making the writer wait; None where none can be
polled (Windows)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may cost: bytes in, bytes and seconds out, and how long an end may take.

    `unread_bytes` may wait for the event loop; above `congested_bytes` waiting for the client, what it can do
    without is dropped; above `unwritten_bytes`, or `stuck_s` seconds without it reading one, it counts as
    gone. The process ends `exit_s` seconds after it was told to, whatever is still running.
    """

    unread_bytes: int = 128 * 1024 * 1024
    congested_bytes: int = 1024 * 1024
    unwritten_bytes: int = 64 * 1024 * 1024
    stuck_s: float = 20.0
    exit_s: float = 1.2


@dataclass(frozen=True, slots=True)
class Streams:
    """File descriptors that belong to the protocol alone; child processes do not inherit them."""

    incoming: int
    outgoing: int


def claim() -> Streams:
    """Take stdin and stdout for the protocol; what anyone prints from now on goes to stderr.

    Holds for Python's `print` and for C code that writes to file descriptor 1.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    streams = Streams(os.dup(0), os.dup(1))
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(line_buffering=True)
    for descriptor in (streams.incoming, streams.outgoing):
        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(descriptor, os.O_BINARY)
        else:
            os.set_blocking(descriptor, True)
    return streams


class Reader:
    """Reads frames and hands each to `deliver` on the event loop, in order; `ended` hears of the end.

    `ended` is called on the reader's own thread, so that it is heard even by a loop that is busy.
    """

    def __init__(
        self,
        descriptor: int,
        deliver: Callable[[Frame | Damage], None],
        ended: Callable[[str], None],
        limits: Limits,
    ) -> None:
        self._descriptor = descriptor
        self._deliver = deliver
        self._ended = ended
        self._limit = limits.unread_bytes
        self._loop = asyncio.get_running_loop()
        self._room = threading.Condition()
        self._unread = 0

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._run, name="stdin", daemon=True).start()

    def _run(self) -> None:
        framer = Framer()
        reason = "the client closed the connection"
        try:
            while data := os.read(self._descriptor, _READ_BYTES):
                found = framer.feed(data)
                while frames := list(islice(found, _FRAMES_TOGETHER)):
                    self._hand_over(frames)
            if not framer.idle:
                reason += " in the middle of a message"
        except OSError as error:
            reason = f"the client's messages cannot be read: {error.strerror}"
        except RuntimeError:
            return  # the loop is closed, and with it the session
        self._ended(reason)

    def _hand_over(self, frames: Sequence[Frame | Damage]) -> None:
        size = sum(len(frame.body) for frame in frames if isinstance(frame, Frame))
        with self._room:
            while self._unread > 0 and self._unread + size > self._limit:
                self._room.wait()
            self._unread += size
        self._loop.call_soon_threadsafe(self._received, frames, size)

    def _received(self, frames: Sequence[Frame | Damage], size: int) -> None:
        try:
            for frame in frames:
                self._deliver(frame)
        finally:
            with self._room:
                self._unread -= size
                self._room.notify()


class Writer:
    """Writes messages in order without ever making the event loop wait.

    A short one leaves at once where the client surely takes it; a thread writes the others, and what comes behind them.
    `lost` is called on the event loop, once, where the client has closed its end, reads nothing any more, or has let
    too much pile up.
    """

    def __init__(self, descriptor: int, lost: Callable[[str], None], limits: Limits) -> None:
        self._descriptor = descriptor
        self._lost = lost
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._pending = 0
        self._progress = time.monotonic()
        self._closed = False
        self._watch: asyncio.TimerHandle | None = None
        self._poll = select.poll() if _SURELY_TAKEN is not None else None
        if self._poll is not None:
            self._poll.register(descriptor, select.POLLOUT)

    def start(self) -> None:
        """Begin to write."""
        threading.Thread(target=self._run, name="stdout", daemon=True).start()

    @property
    def congested(self) -> bool:
        """Tell whether the client is so far behind that it should be spared what it can do without."""
        return self._pending > self._limits.congested_bytes

    def write(self, data: bytes) -> None:
        """Write one framed message, or queue it."""
        with self._changed:
            if self._closed:
                return
            if not self._pending:
                self._progress = time.monotonic()
                data = data[self._taken(data) :]
                if not data:
                    return
            self._queue.append(data)
            self._pending += len(data)
            self._changed.notify_all()
        if self._pending > self._limits.unwritten_bytes:
            self._give_up("the client reads too slowly")
        elif self._watch is None:
            self._watch = self._loop.call_later(self._limits.stuck_s / 4, self._look)

    async def close(self, grace_s: float) -> None:
        """Write what is queued, for at most so many seconds, and stop."""
        deadline = self._loop.time() + grace_s
        while self._pending and not self._closed and self._loop.time() < deadline:  # noqa: ASYNC110 - see below
            await asyncio.sleep(0.002)  # the writer's thread empties the queue; this runs once, at the end
        self._stop()

    def _taken(self, data: bytes) -> int:
        """Write `data` here and now where nobody waits for that, and tell how many bytes went.

        To hand a message over to the thread takes as long as a tenth of what else is done for an answer.
        """
        if self._poll is None or _SURELY_TAKEN is None or len(data) > _SURELY_TAKEN:
            return 0
        if [event for _, event in self._poll.poll(0)] != [select.POLLOUT]:
            return 0
        with contextlib.suppress(OSError):  # the thread will meet it, too, and say so
            return os.write(self._descriptor, data)
        return 0

    def _look(self) -> None:
        self._watch = None
        if self._closed or not self._pending:
            return
        if time.monotonic() - self._progress > self._limits.stuck_s:
            self._give_up("the client has stopped reading")
            return
        self._watch = self._loop.call_later(self._limits.stuck_s / 4, self._look)

    def _give_up(self, reason: str) -> None:
        if not self._closed:
            self._stop()
            self._lost(reason)

    def _stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                data = self._queue.popleft()
            try:
                self._write_all(data)
            except OSError as error:
                reason = f"the client no longer listens: {error.strerror}"
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._give_up, reason)
                return

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            count = os.write(self._descriptor, rest[:_WRITE_BYTES])
            rest = rest[count:]
            with self._changed:
                self._pending -= count
                self._progress = time.monotonic()
