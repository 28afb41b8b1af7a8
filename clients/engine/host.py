"""The engine's process: clients come in over the socket, answers go out as they are decoded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import psutil

from ..errors import ModelError, ModelUnavailable, RequestRefused
from ..model import Usage
from . import holder, proof, wire
from .endpoint import Endpoint
from .job import BREATH_SECONDS, Job
from .outlet import Outlet
from .scheduler import Load, Scheduler
from .spec import EngineOptions, ModelSpec

_log = logging.getLogger(__name__)

ASKED_TO_STOP = "asked to stop"
"""Why the engine ended, where a person or another version wanted it to."""

_TOGETHER_SECONDS = 0.004
"""Sending each token of a model that writes one in less than a millisecond costs a quarter of its speed."""

_HAND_OVER_SECONDS, _POLL_SECONDS = 5.0, 0.05
"""So long an engine that nobody can reach any more may take to end what it computes, or loads."""

_LONGEST_HELLO, _HELLO_SECONDS = 4096, 5.0
"""Whoever connects says who they are within so many bytes and seconds; on loopback that may be another user."""


class Host:
    """Serves one endpoint until it is told to stop or nobody has asked for anything for a while.

    How long that is, the connected clients say: it stays as long as any of them wants, and while none is connected as
    long as the last one wanted.
    """

    def __init__(self, endpoint: Endpoint, options: EngineOptions, load: Load, version: str) -> None:
        """`options` hold until a client says its own; `load` brings a model in; `version` is told to clients."""
        self._endpoint = endpoint
        self._idle_exit_s = options.idle_exit_s
        self._version = version
        self._loop = asyncio.get_running_loop()
        self._scheduler = Scheduler(load, self._heard_progress)
        self._connections: set[Connection] = set()
        self._token = ""
        self._left: asyncio.Future[str] = self._loop.create_future()
        self._began = time.monotonic()

    async def run(self, listening: Callable[[], None]) -> str:
        """Serve; return the reason why it ended. Raise `ModelUnavailable` where the socket is taken.

        `listening` is called as soon as clients can come in.
        """
        server, self._token = await self._endpoint.listen(self._accept)
        listening()
        for name in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                self._loop.add_signal_handler(name, self.leave, "asked by a signal")
        watch = self._loop.create_task(self._watch())
        try:
            reason = await self._left
            _log.info("leaving: %s", reason)
            if holder.noted(self._endpoint):
                self._endpoint.forget()
            for connection in list(self._connections):
                connection.send({"t": "bye", "reason": reason})
            self._scheduler.close(timeout=2.0)
            for connection in list(self._connections):
                await connection.close()
            return reason
        finally:
            watch.cancel()
            server.close()

    def leave(self, reason: str) -> None:
        """End `run`."""
        if not self._left.done():
            self._left.set_result(reason)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self._idle_exit_s / 4))
            if self._scheduler.stuck:
                _log.error("llama.cpp does not come back; the engine leaves so that a new one can start")
                os._exit(71)
            self._scheduler.want(self._wanted())
            self._scheduler.look_at_files()
            idle = time.monotonic() - self._scheduler.used
            if idle > self._idle_exit_s and not self._scheduler.busy:
                self.leave(f"nobody asked for anything in {idle:.0f} s")

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(writer, self._scheduler)
        try:
            hello = await asyncio.wait_for(self._hello(reader, writer), _HELLO_SECONDS)
            if hello is None or self._left.done():
                return
            connection.send({"t": "welcome", "protocol": wire.PROTOCOL, "version": self._version, "pid": os.getpid()})
            self._connections.add(connection)
            connection.idle_exit_s = wire.idle_exit_from_wire(hello)
            self._agree_when_to_leave()
            while (message := await wire.read(reader)) is not None:
                self._serve(connection, message)
        except (wire.BrokenFrame, TimeoutError) as error:
            _log.warning("a client was let go: %s", error)
        finally:
            self._connections.discard(connection)
            self._agree_when_to_leave()
            connection.cancel_all()
            await connection.close()

    async def _hello(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> wire.Message | None:
        """What a client says first; None where it is not this user's."""
        hello = await wire.read(reader, _LONGEST_HELLO)
        if hello is None or hello["t"] != "hello":
            return None
        known = await proof.as_engine(reader, writer, self._token, hello, _LONGEST_HELLO)
        return hello if known else None

    def _agree_when_to_leave(self) -> None:
        """The clients that are connected have changed."""
        wanted = [one.idle_exit_s for one in self._connections if one.idle_exit_s is not None]
        self._idle_exit_s = max(wanted, default=self._idle_exit_s)

    def _serve(self, connection: Connection, message: wire.Message) -> None:
        kind, number = message["t"], message.get("id")
        if kind == "cancel":
            connection.cancel(number)
            return
        try:
            if kind == "infill":
                spec = wire.spec_from_wire(message.get("model"))
                self._want(connection, spec)
                connection.infill(number, spec, message.get("request"))
            elif kind == "info":
                spec = wire.spec_from_wire(message.get("model"))
                self._want(connection, spec)
                connection.answer(number, self._scheduler.info(spec))
            elif kind == "count":
                texts = message.get("texts")
                if not isinstance(texts, list):
                    raise RequestRefused("`texts` must be a list.")
                spec = wire.spec_from_wire(message.get("model"))
                connection.answer(number, self._scheduler.count(spec, [str(text) for text in texts]))
            elif kind == "status":
                connection.result(number, self._status())
            elif kind == "ping":
                connection.result(number, None)
            elif kind == "stop":
                connection.result(number, None)
                self.leave(ASKED_TO_STOP)
            else:
                raise RequestRefused(f"The engine knows no request called {kind!r}.")
        except ModelError as error:
            connection.error(number, error)

    def _want(self, connection: Connection, spec: ModelSpec) -> None:
        if connection.wanted != spec:
            connection.wanted = spec
            self._scheduler.want(self._wanted())

    def _wanted(self) -> set[ModelSpec]:
        return {connection.wanted for connection in self._connections if connection.wanted}

    def _status(self) -> dict[str, Any]:
        models = self._scheduler.status()
        first = models[0] if models else {}
        return {
            "running": True,
            "pid": os.getpid(),
            "version": self._version,
            "uptime_s": round(time.monotonic() - self._began, 1),
            "clients": len(self._connections),
            "model": first.get("name"),
            "device": first.get("device"),
            "slots": first.get("slots", []),
            "queue": sum(model.get("queue", 0) for model in models),
            "memory": {
                "rss_bytes": psutil.Process().memory_info().rss,
                "models_bytes": sum(model.get("memory", {}).get("model_bytes", 0) for model in models),
                "kv_bytes": sum(model.get("memory", {}).get("kv_bytes", 0) for model in models),
                "parked_bytes": sum(model.get("memory", {}).get("parked_bytes", 0) for model in models),
            },
            "models": models,
        }

    def _heard_progress(self, spec: ModelSpec, progress: float) -> None:
        """Called on the worker thread, or beside it."""
        refusal = self._scheduler.refusal(spec) if progress >= 1.0 else None
        with contextlib.suppress(RuntimeError):  # the loop is closed: the engine has left
            self._loop.call_soon_threadsafe(self._tell_progress, spec, progress, str(refusal or ""))

    def _tell_progress(self, spec: ModelSpec, progress: float, refused: str) -> None:
        for connection in self._connections:
            if connection.wanted == spec:
                message = {"t": "loading", "model": wire.to_wire(spec), "progress": progress, "refused": refused}
                connection.send(message)


class Connection:
    """One client: its running jobs, and what is to be sent to it."""

    def __init__(self, writer: asyncio.StreamWriter, scheduler: Scheduler) -> None:
        self.wanted: ModelSpec | None = None
        self.idle_exit_s: float | None = None
        self._outlet = Outlet(writer)
        self._scheduler = scheduler
        self._loop = asyncio.get_running_loop()
        self._jobs: dict[Any, Job] = {}

    def send(self, *messages: wire.Message) -> None:
        """Send messages; from any thread."""
        self._outlet.send(b"".join(map(wire.encode, messages)))

    def result(self, number: Any, value: Any) -> None:
        """Answer a request."""
        self.send({"t": "result", "id": number, "value": value})

    def error(self, number: Any, error: ModelError) -> None:
        """Answer a request with a failure."""
        self.send({"t": "error", "id": number, **wire.error_to_wire(error)})

    def answer(self, number: Any, future: Future[Any]) -> None:
        """Answer a request once `future` is done."""
        future.add_done_callback(lambda done: self._loop.call_soon_threadsafe(self._answered, number, done))

    def _answered(self, number: Any, done: Future[Any]) -> None:
        error = done.exception()
        if error is None:
            self.result(number, wire.to_wire(done.result()))
        elif isinstance(error, ModelError):
            self.error(number, error)
        else:
            _log.error("a request failed", exc_info=error)
            self.error(number, ModelUnavailable("The engine failed; its log says why."))

    def infill(self, number: Any, spec: ModelSpec, request: Any) -> None:
        """Start a generation; for its file, it stops what it makes pointless."""
        if number in self._jobs:
            raise RequestRefused(f"The request {number!r} is already running.")
        job = Job(wire.request_from_wire(request), _Answer(self, number, self._loop))
        for older in self._jobs.values():
            if job.stops(older):
                older.cancelled = True
        self._jobs[number] = job
        self._scheduler.submit(spec, job)

    def cancel(self, number: Any) -> None:
        """Stop a generation; one that is not known is none of our concern."""
        job = self._jobs.get(number)
        if job:
            job.cancelled = True
            self._reconsider()

    def cancel_all(self) -> None:
        """The client is gone: stop everything it asked for."""
        for job in self._jobs.values():
            job.cancelled = True
        self._reconsider()

    def _reconsider(self) -> None:
        """Something was cancelled: stop it, now or as soon as nothing has come in its place."""
        self._scheduler.reconsider()
        self._loop.call_later(1.1 * BREATH_SECONDS, self._scheduler.reconsider)

    def ended(self, number: Any) -> None:
        """A generation is over."""
        self._jobs.pop(number, None)

    async def close(self) -> None:
        """Send what is queued and hang up."""
        await self._outlet.close()


class _Answer:
    """Carries a job's answer from the worker thread to its connection.

    The first piece leaves at once; of a fast model, those that follow within `_TOGETHER_SECONDS` leave together.
    """

    def __init__(self, connection: Connection, number: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._connection = connection
        self._number = number
        self._loop = loop
        self._held: list[str] = []
        self._sent = 0.0

    def text(self, text: str, so_far: Callable[[], Usage]) -> None:
        self._held.append(text)
        now = time.monotonic()
        if now - self._sent >= _TOGETHER_SECONDS:
            self._sent = now
            self._post(self._text(so_far()))

    def done(self, usage: Usage) -> None:
        last = [self._text(usage)] if self._held else []
        self._post(*last, {"t": "done", "id": self._number, "usage": wire.to_wire(usage)}, last=True)

    def _text(self, usage: Usage) -> wire.Message:
        """What was held back."""
        text = "".join(self._held)
        self._held.clear()
        return {"t": "text", "id": self._number, "text": text, "usage": wire.to_wire(usage)}

    def failed(self, error: ModelError) -> None:
        self._post({"t": "error", "id": self._number, **wire.error_to_wire(error)}, last=True)

    def _post(self, *messages: wire.Message, last: bool = False) -> None:
        self._connection.send(*messages)
        if last:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the engine has left
                self._loop.call_soon_threadsafe(self._connection.ended, self._number)


async def serve(
    endpoint: Endpoint, options: EngineOptions, load: Load, version: str, listening: Callable[[], None] = lambda: None
) -> str:
    """Be the one engine of `endpoint`; return why it ended. `listening` is called once clients can come in.

    Raise `ModelUnavailable` where another engine is already there, or the socket cannot be had. One that is about to
    leave is waited for.
    """
    waits_until = time.monotonic() + _HAND_OVER_SECONDS
    while (lock := holder.lock(endpoint)) is None:
        if endpoint.taken or time.monotonic() > waits_until:
            raise ModelUnavailable("Another engine is already running for this user.")
        await asyncio.sleep(_POLL_SECONDS)
    holder.note(endpoint)
    try:
        return await Host(endpoint, options, load, version).run(listening)
    finally:
        holder.forget(endpoint)
        lock.release()
