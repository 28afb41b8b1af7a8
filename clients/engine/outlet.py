"""The way from the engine to one client, for the event loop and for the worker's thread."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
import threading

_log = logging.getLogger(__name__)

_MOST_UNSENT = 4 << 20
"""A client that lets this many bytes pile up has stopped reading, and is let go."""


class Outlet:
    """Sends messages in the order in which they come, each whole, from any thread and without waiting.

    Where the client takes one at once it leaves on the thread that has it: to wake the event loop for it would take as
    long as to make it. What is left over goes through the event loop, and all that comes behind it.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        """On the event loop; nothing else may be written by `writer` from the first message on."""
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._handed_over = 0
        self._clear = False
        self._direct = _own_end(writer)

    def send(self, data: bytes) -> None:
        """Send one or more messages; nothing where the client has gone. One that does not read is cut off."""
        with self._lock:
            if self._direct is not None and self._clear:
                with contextlib.suppress(OSError):  # it is full; or the client has gone, as the loop will hear, too
                    data = data[self._direct.send(data) :]
                if not data:
                    return
            self._clear = False
            self._handed_over += 1
        with contextlib.suppress(RuntimeError):  # the loop is closed: the engine has left
            self._loop.call_soon_threadsafe(self._write, data)

    async def close(self) -> None:
        """Send what waits, for a second at most, and hang up. On the event loop."""
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.drain(), 1.0)
        with self._lock:
            direct, self._direct = self._direct, None
        if direct is not None:
            direct.close()
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), 1.0)

    def _write(self, data: bytes) -> None:
        """On the event loop: write, and tell whether nothing waits any more."""
        transport = self._writer.transport
        if not self._writer.is_closing():
            self._writer.write(data)
            if transport.get_write_buffer_size() > _MOST_UNSENT:
                _log.warning("a client does not read; it is cut off")
                transport.abort()
        with self._lock:
            self._handed_over -= 1
            self._clear = not (self._handed_over or transport.get_write_buffer_size())


def _own_end(writer: asyncio.StreamWriter) -> socket.socket | None:
    """A descriptor of our own for the connection, which no other takes the place of; None where there is none to have.

    Windows' event loop reads and writes in a way of its own.
    """
    if sys.platform == "win32":
        return None
    try:
        mine: socket.socket = writer.get_extra_info("socket").dup()
    except OSError:  # the process may open no more
        return None
    mine.setblocking(False)
    return mine
