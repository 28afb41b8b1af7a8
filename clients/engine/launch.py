"""Reaching the engine: connect, start it where nobody has, and give up politely when it keeps dying."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ..errors import ModelUnavailable
from . import holder, proof, wire
from .endpoint import Endpoint
from .spec import EngineOptions

_PATIENCE_SECONDS = 15.0
_SECOND_LOOK_SECONDS = 2.0
"""Where ours gave up, another one may have been faster; its socket is looked for this long."""

_WELCOME_SECONDS = 5.0
_WINDOW_SECONDS = 180.0
_MOST_STARTS = 3
_BACKOFF_SECONDS = (0.0, 0.5, 2.0)
_NEWER = (
    "The engine that runs is of a newer Twolane ({}): reload the editor's window, so that it uses that one, too, or "
    "end the engine with `twolane engine stop`."
)
_LONGEST_LOG = 1 << 20
_NEVER_WAIT: int = getattr(os, "O_NONBLOCK", 0)  # on a pipe in the log's place, which nobody reads


class Peer:
    """An open connection to an engine that has said welcome."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, welcome: wire.Message) -> None:
        self.reader = reader
        self.writer = writer
        self.pid = int(welcome["pid"])
        self.version = str(welcome["version"])
        self.protocol = int(welcome["protocol"])
        if self.pid <= 0:
            raise ValueError("no process has such a number")

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


async def connect(endpoint: Endpoint, options: EngineOptions | None = None) -> Peer:
    """Connect to the engine that is there; raise `OSError` where none answers in time, or not as one would.

    `options` are what this client wants of it; whoever only looks has none.
    """
    reader, writer, token = await endpoint.connect()
    wishes = {"idle_exit_s": options.idle_exit_s} if options else {}
    try:
        hello = {"t": "hello", "protocol": wire.PROTOCOL, **wishes}
        welcome = await asyncio.wait_for(proof.as_client(reader, writer, token, hello), _WELCOME_SECONDS)
        if welcome is None:
            raise ConnectionResetError("it hung up")
        if welcome["t"] != "welcome":
            raise OSError("what listens there is not the engine")
        return Peer(reader, writer, welcome)
    except (wire.BrokenFrame, TimeoutError, KeyError, ValueError) as error:
        writer.close()
        raise OSError("what listens there does not answer as the engine would") from error
    except BaseException:
        writer.close()
        raise


class Launcher:
    """Connects, starting the engine at most three times in three minutes."""

    def __init__(
        self,
        endpoint: Endpoint,
        options: EngineOptions,
        starting: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`starting` is called whenever an engine has to be started."""
        self._endpoint = endpoint
        self._options = options
        self._starting = starting
        self._clock = clock
        self._starts: deque[float] = deque(maxlen=_MOST_STARTS)

    async def reach(self) -> Peer:
        """Connect to this user's engine, starting it if need be; raise `ModelUnavailable`."""
        peer = await self._met()
        while peer is None or not await self._speaks(peer):
            self._endpoint.check()
            await self._wait_for_turn()
            self._starting()
            listened = await asyncio.to_thread(spawn, self._endpoint, self._options)
            peer = await self._met(_PATIENCE_SECONDS if listened else _SECOND_LOOK_SECONDS, listened=listened)
            if peer is None and not await asyncio.to_thread(holder.evict, self._endpoint) and not listened:
                raise ModelUnavailable(
                    f"The engine did not start ({_last_line(self._endpoint.log)}); "
                    "`twolane doctor` looks for the reason."
                )
        return peer

    def left_on_purpose(self) -> None:
        """The engine that was reached has left in order: its start is not held against it."""
        if self._starts:
            self._starts.pop()

    async def _met(self, patience: float = 0.0, *, listened: bool = False) -> Peer | None:
        """Connect to the engine that is there, or comes within so many seconds; None where none does.

        With `listened` one has been there, so that nobody at its place means that it has died.
        """
        deadline = self._clock() + patience
        while True:
            try:
                return await connect(self._endpoint, self._options)
            except OSError as error:
                if listened and isinstance(error, FileNotFoundError | ConnectionRefusedError):
                    return None
            if self._clock() >= deadline:
                return None
            await asyncio.sleep(0.05)

    async def _speaks(self, peer: Peer) -> bool:
        """Whether an engine is of this version; an older one is asked to leave.

        Raise `ModelUnavailable` where it is of a newer one: two versions side by side would else end each other's
        engine in turns.
        """
        if peer.protocol > wire.PROTOCOL:
            await peer.close()
            raise ModelUnavailable(_NEWER.format(peer.version))
        if peer.protocol < wire.PROTOCOL:
            await self._retire(peer)
        return peer.protocol == wire.PROTOCOL

    async def _wait_for_turn(self) -> None:
        now = self._clock()
        recent = [start for start in self._starts if now - start < _WINDOW_SECONDS]
        if len(recent) >= _MOST_STARTS:
            again = _WINDOW_SECONDS - (now - recent[0])
            raise ModelUnavailable(
                f"The engine died {_MOST_STARTS} times in {_WINDOW_SECONDS / 60:.0f} minutes and is left alone for "
                f"{again:.0f} s; its log is {self._endpoint.log}, and `twolane doctor` looks for the reason."
            )
        await asyncio.sleep(_BACKOFF_SECONDS[len(recent)])
        self._starts.append(self._clock())

    async def _retire(self, peer: Peer) -> None:
        """Ask an engine of another version to leave; it speaks at least `stop`."""
        peer.writer.write(wire.encode({"t": "stop", "id": 0}))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                while await wire.read(peer.reader) is not None:
                    pass
        await peer.close()


def spawn(endpoint: Endpoint, options: EngineOptions) -> bool:
    """Start an engine of its own session, its output in the log; return whether it listens.

    Its folder is made again where somebody has removed it.
    False means that it gave up; its log says why. Raise `ModelUnavailable` where not even a process starts.
    """
    endpoint.make()
    command = [sys.executable, "-P", "-m", __package__ or "", "--idle-exit", str(options.idle_exit_s), "--detach"]
    try:
        with _log_file(endpoint.log) as log:
            done = subprocess.run(
                command,
                cwd=endpoint.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                timeout=_PATIENCE_SECONDS,
                check=False,
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise ModelUnavailable(
            f"The engine cannot be started ({error}); `twolane doctor` looks for the reason."
        ) from error
    return done.returncode == 0


def _log_file(path: Path) -> IO[bytes]:
    """Open the log for appending, the old one kept aside when it grew long; nowhere if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LONGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NEVER_WAIT, 0o600), "ab")
    except OSError:
        return Path(os.devnull).open("ab")


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else f"its log {log} says nothing"
