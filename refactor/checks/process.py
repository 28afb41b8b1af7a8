"""One command with limits of time and memory; when it is over, or given up, nothing that it started runs on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

_KEPT_BYTES = 200_000
_LOOK_S = 0.1
_MARK = "TWOLANE_CHECK"
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|ANTHROPIC|TWOLANE|_AUTH|COOKIE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended. `code` is None where it was stopped, and `stopped` says by which limit."""

    code: int | None
    output: str
    ms: float
    stopped: str = ""


async def run(command: tuple[str, ...], folder: Path, origin: Path, timeout_s: float, memory_mb: int) -> Finished:
    """Run `command` in `folder`; raise `OSError` where it cannot be started.

    A first word with a slash is a program of the workspace `origin`, such as `.venv/bin/pytest`. The environment has
    nothing that looks like a key, and no network is promised.
    """
    program = command[0]
    if "/" in program and not program.startswith("/"):
        program = str(origin / program)
    began = time.perf_counter()
    name = uuid.uuid4().hex
    process = await asyncio.create_subprocess_exec(
        program,
        *command[1:],
        cwd=folder,
        env=environment(os.environ, folder, origin) | {_MARK: name},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=sys.platform != "win32",
    )
    family = _Family(process.pid, name)
    tail = _Tail()
    reading = asyncio.ensure_future(tail.read(process.stdout))
    stopped = ""
    try:
        end = asyncio.get_running_loop().time() + timeout_s
        ended = asyncio.ensure_future(process.wait())
        while not ended.done() and not stopped:
            await asyncio.wait([ended], timeout=_LOOK_S)
            used = await asyncio.to_thread(family.look)
            if not ended.done() and used > memory_mb * 2**20:
                stopped = f"it used more than {memory_mb:,} MB of memory"
            elif not ended.done() and asyncio.get_running_loop().time() > end:
                stopped = f"it had not ended after {timeout_s:g} s"
    finally:
        await asyncio.shield(asyncio.to_thread(family.kill))
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        ended.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await reading
    ms = (time.perf_counter() - began) * 1000
    return Finished(None if stopped else process.returncode, tail.text, ms, stopped)


def environment(own: Mapping[str, str], folder: Path, origin: Path) -> dict[str, str]:
    """The environment of a check: ours without anything like a key, with the copy in the place of the workspace."""
    kept = {name: value for name, value in own.items() if not _SECRET.search(name)}
    paths = [str(folder), str(folder / "src")]
    kept["PYTHONPATH"] = os.pathsep.join(
        [*paths, *(path for path in kept.get("PYTHONPATH", "").split(os.pathsep) if path and path != str(origin))]
    )
    kept["PYTHONDONTWRITEBYTECODE"] = "1"
    kept["PWD"] = str(folder)
    return kept


class _Tail:
    """The last part of an output."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size = 0

    @property
    def text(self) -> str:
        return b"".join(self._pieces)[-_KEPT_BYTES:].decode("utf-8", "replace")

    async def read(self, stream: asyncio.StreamReader | None) -> None:
        while stream is not None and (piece := await stream.read(65_536)):
            self._pieces.append(piece)
            self._size += len(piece)
            while self._size - len(self._pieces[0]) > _KEPT_BYTES:
                self._size -= len(self._pieces.popleft())


class _Family:
    """A process with all that it started: those below it, and those that left it and still carry its mark."""

    def __init__(self, process_id: int, name: str) -> None:
        self._process_id = process_id
        self._name = name
        self._seen: dict[int, psutil.Process] = {}
        self.look()

    def look(self) -> int:
        """Look who is there; return the bytes of memory that they use together."""
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(self._process_id)
            for one in (first, *first.children(recursive=True)):
                self._seen.setdefault(one.pid, one)
        used = 0
        for one in list(self._seen.values()):
            with contextlib.suppress(psutil.Error):
                used += one.memory_info().rss if one.is_running() else 0
        return used

    def kill(self) -> None:
        """End all of them; whoever has the number of one that is gone is spared."""
        self.look()
        for one in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if one.environ().get(_MARK) == self._name:
                    self._seen.setdefault(one.pid, one)
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process_id, signal.SIGKILL)
        for one in self._seen.values():
            with contextlib.suppress(psutil.Error):
                if one.is_running():
                    one.kill()
