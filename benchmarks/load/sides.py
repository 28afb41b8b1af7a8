"""What is put under load: one engine for all, or one server for all; each person has a connection of their own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import xllamacpp

from benchmarks import report
from twolane.clients.engine.client import LocalEngine
from twolane.clients.engine.spec import EngineOptions, ModelSpec
from twolane.clients.model import InfillClient
from twolane.clients.openai_compatible.infill import RemoteInfill
from twolane.clients.openai_compatible.server import RemoteServer
from twolane.clients.openai_compatible.spec import ServerSpec

_HTTP_THREADS = 128
"""llama.cpp's server needs one for each open connection."""

Open = Callable[[], InfillClient]
Side = Callable[[int], AbstractAsyncContextManager[Open]]
"""Given the number of people, start what serves them and yield what opens a client for one."""


def engine(model: Path, threads: int) -> Side:
    """This user's engine, as editors on one machine share it."""

    @asynccontextmanager
    async def side(people: int) -> AsyncIterator[Open]:
        with report.own_places() as env:
            os.environ.update(env)
            spec = ModelSpec(str(model), slots=min(people, 16), threads=threads)
            yield lambda: LocalEngine(spec, EngineOptions(idle_exit_s=600))

    return side


def server(model: Path, threads: int) -> Side:
    """llama.cpp's own server, started for this, with a slot for each person up to sixteen."""

    @asynccontextmanager
    async def side(people: int) -> AsyncIterator[Open]:
        command = [sys.executable, "-m", "benchmarks.load.sides", str(model), str(min(people, 16)), str(threads)]
        command.append(str(_HTTP_THREADS))
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            line = await process.stdout.readline() if process.stdout else b""
            url = line.decode().partition(" ")[2].strip()
            if not url:
                raise RuntimeError("llama.cpp's server did not start")
            yield lambda: RemoteInfill(RemoteServer(ServerSpec(url), lambda: None))
        finally:
            process.kill()
            await process.wait()

    return side


def remote(url: str, model: str, key: str) -> Side:
    """A server that runs already, such as the team's."""

    @asynccontextmanager
    async def side(_: int) -> AsyncIterator[Open]:
        plain = url.startswith("http://")
        yield lambda: RemoteInfill(RemoteServer(ServerSpec(url, model, plain_http=plain), lambda: key or None))

    return side


def main() -> None:
    """Serve MODEL with SLOTS, THREADS and HTTP_THREADS until standard input ends; print one line once it listens."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.n_parallel = int(sys.argv[2])
    parameters.n_ctx = 4096 * parameters.n_parallel
    parameters.n_threads_http = int(sys.argv[4])
    parameters.port = 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = int(sys.argv[3])
    running = xllamacpp.Server(parameters)
    print("listening", running.listening_address, flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
