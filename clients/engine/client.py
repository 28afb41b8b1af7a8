"""The model seam over the engine's socket. The engine may die at any moment; nobody is hurt by it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Any

from ..errors import ModelCrashed, ModelError, ModelRefused, ModelUnavailable
from ..model import Health, InfillRequest, ModelInfo, Usage
from . import holder, wire
from .endpoint import Endpoint, locate
from .launch import Launcher, Peer
from .spec import EngineOptions, ModelSpec

_log = logging.getLogger(__name__)

_HEARTBEAT_SECONDS = 2.0
_MISSED_BEATS = 4
"""An engine that answers none of so many pings in a row hangs, and is killed.

Beats are counted, not seconds: a process that was suspended itself must not blame the engine for it.
"""

_HUNG = "The engine did not answer and was stopped; it is started again."

Mailbox = asyncio.Queue[wire.Message | ModelError]


class Link:
    """One connection: sends requests, hands each answer to whoever waits for it."""

    def __init__(
        self, peer: Peer, on_loading: Callable[[float, str], None], on_lost: Callable[[ModelUnavailable], None]
    ) -> None:
        """`on_loading` hears how far a model is, and at the end why it was refused, if it was.

        `on_lost` is called once, when the connection is gone, with the reason.
        """
        self._peer = peer
        self._on_loading = on_loading
        self._on_lost = on_lost
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Mailbox] = {}
        self._heard = 0
        self._bye: str | None = None
        self._hangs = False
        self._reading = asyncio.create_task(self._read())
        self._heartbeat: asyncio.Task[None] | None = None
        self.lost: ModelUnavailable | None = None

    def open(self, message: wire.Message) -> tuple[int, Mailbox]:
        """Send a request; its answers arrive in the mailbox. Raise `ModelUnavailable` on a lost connection."""
        if self.lost:
            raise self.lost
        number = next(self._numbers)
        mailbox: Mailbox = asyncio.Queue()
        self._waiting[number] = mailbox
        self._send({**message, "id": number})
        if self._heartbeat is None:
            self._heartbeat = asyncio.create_task(self._beat())
        return number, mailbox

    async def call(self, message: wire.Message) -> Any:
        """Send a request and wait for its one answer; raise the `ModelError` it is answered with."""
        number, mailbox = self.open(message)
        try:
            answer = await mailbox.get()
        finally:
            self.forget(number)
        if isinstance(answer, ModelError):
            raise answer
        return answer.get("value")

    def cancel(self, number: int) -> None:
        """Tell the engine that an answer is not wanted any more."""
        if not self.lost:
            self._send({"t": "cancel", "id": number})

    def forget(self, number: int) -> None:
        """Stop listening for answers to a request."""
        self._waiting.pop(number, None)

    async def close(self) -> None:
        """Hang up; whoever still waits is told so."""
        self._fail(ModelUnavailable("The connection to the engine was closed."))
        tasks = [task for task in (self._reading, self._heartbeat) if task and task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._peer.close()

    def _send(self, message: wire.Message) -> None:
        self._peer.writer.write(wire.encode(message))

    async def _read(self) -> None:
        try:
            while (message := await wire.read(self._peer.reader)) is not None:
                self._heard += 1
                self._deliver(message)
        except (wire.BrokenFrame, KeyError, TypeError, ValueError) as error:
            _log.warning("the engine sent what no engine sends (%s)", error)
        if self._bye is not None:
            self._lose(ModelUnavailable(f"The engine has left: {self._bye}."))
        else:
            self._lose(ModelCrashed(_HUNG if self._hangs else "The engine died; it is started again."))

    def _deliver(self, message: wire.Message) -> None:
        kind = message["t"]
        if kind == "loading":
            self._on_loading(float(message["progress"]), str(message.get("refused", "")))
        elif kind == "bye":
            self._bye = str(message["reason"])
        elif mailbox := self._waiting.get(message.get("id", 0)):
            mailbox.put_nowait(wire.error_from_wire(message) if kind == "error" else message)

    def _lose(self, reason: ModelUnavailable) -> None:
        if self._fail(reason):
            self._peer.writer.close()
            self._on_lost(reason)

    def _fail(self, reason: ModelUnavailable) -> bool:
        if self.lost:
            return False
        self.lost = reason
        for mailbox in self._waiting.values():
            mailbox.put_nowait(reason)
        return True

    async def _beat(self) -> None:
        """While somebody waits, ask whether the engine lives; kill it when it does not say."""
        missed = 0
        while self._waiting:
            heard = self._heard
            self._send({"t": "ping", "id": 0})
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            missed = missed + 1 if self._heard == heard else 0
            if missed == _MISSED_BEATS:
                _log.warning("the engine %d does not answer; it is killed", self._peer.pid)
                self._hangs = True
                await asyncio.to_thread(holder.kill, self._peer.pid)
                self._lose(ModelCrashed(_HUNG))
                break
        self._heartbeat = None


class _Stream:
    """The pieces of one answer; see `model.InfillStream`."""

    def __init__(self, link: Link, number: int, mailbox: Mailbox) -> None:
        self._link = link
        self._number = number
        self._mailbox = mailbox
        self._told: wire.Message | None = None
        self._interrupted = False
        self._ended = False

    @property
    def usage(self) -> Usage | None:
        """See `model.InfillStream`; raises `ModelUnavailable` where the engine told nonsense."""
        return wire.usage_from_wire(self._told) if self._told is not None else None

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        if self._ended:
            raise StopAsyncIteration
        message = await self._mailbox.get()
        if isinstance(message, ModelError):
            self._ended = True
            raise message
        self._told = message["usage"]
        if message["t"] == "text":
            return str(message["text"])
        self._ended = True
        wire.usage_from_wire(message["usage"])
        raise StopAsyncIteration

    def interrupt(self) -> None:
        """Have the engine stop, and go on."""
        if not (self._ended or self._interrupted):
            self._interrupted = True
            self._link.cancel(self._number)

    async def stop(self, patience: float = 1.0) -> None:
        """Cancel the rest and learn what was spent, waiting no longer than `patience` seconds."""
        if self._ended:
            return
        self.interrupt()
        with contextlib.suppress(ModelError, TimeoutError):
            async with asyncio.timeout(patience):
                async for _ in self:
                    pass

    def release(self) -> None:
        """Stop listening; an answer that has not ended is cancelled."""
        self.interrupt()
        self._link.forget(self._number)


class _Infill:
    def __init__(self, engine: LocalEngine, request: InfillRequest) -> None:
        self._engine = engine
        self._request = request
        self._stream: _Stream | None = None

    async def __aenter__(self) -> _Stream:
        link = self._engine.ready_link()
        message = {
            "t": "infill",
            "model": wire.to_wire(self._engine.model),
            "request": wire.to_wire(self._request),
        }
        self._stream = _Stream(link, *link.open(message))
        return self._stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            try:
                if kind is None:
                    await self._stream.stop()
            finally:
                self._stream.release()


class LocalEngine:
    """The near lane: an `InfillClient` over this user's engine, which is started when first needed."""

    def __init__(
        self,
        model: ModelSpec,
        options: EngineOptions,
        on_state: Callable[[Health], None] | None = None,
        *,
        endpoint: Endpoint | None = None,
    ) -> None:
        """`on_state` hears every change, on the event loop; `endpoint` is this user's own where not given."""
        self.model = model
        self.health = Health("away", "The engine has not been needed yet.")
        self._options = options
        self._on_state = on_state or (lambda _: None)
        self._endpoint = endpoint
        self._launcher: Launcher | None = None
        self._link: Link | None = None
        self._connecting: asyncio.Task[ModelInfo] | None = None
        self._info: ModelInfo | None = None
        self._trouble: ModelError | None = None
        self._closed = False

    def infill(self, request: InfillRequest) -> _Infill:
        """Ask for a generation; see `model.InfillClient`.

        Never waits for the engine or the model: where they are not there yet, entering the context raises
        `ModelUnavailable` or `ModelLoading` and they are brought up in the background.
        """
        return _Infill(self, request)

    async def info(self) -> ModelInfo:
        """Describe the model, starting the engine and loading the model if need be."""
        if self._info and self._link and not self._link.lost:
            return self._info
        return await asyncio.shield(self._connect())

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's own tokens."""
        await self.info()
        link = self.ready_link()
        message = {"t": "count", "model": wire.to_wire(self.model), "texts": list(texts)}
        return [int(count) for count in await link.call(message)]

    async def close(self) -> None:
        """Hang up; the engine itself stays for others."""
        self._closed = True
        if self._connecting:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        if self._link:
            await self._link.close()

    def ready_link(self) -> Link:
        """Return the open connection.

        Where there is none, bring it up in the background and raise why there is none yet.
        """
        if self._link and not self._link.lost:
            return self._link
        trouble = self._trouble
        self._connect()
        raise trouble or ModelUnavailable("The engine is starting.")

    def _connect(self) -> asyncio.Task[ModelInfo]:
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._bring_up())
            self._connecting.add_done_callback(self._brought_up)
        return self._connecting

    async def _bring_up(self) -> ModelInfo:
        if self._closed:
            raise ModelUnavailable("The connection to the engine was closed.")
        if self._launcher is None:
            endpoint = self._endpoint or locate()
            self._launcher = Launcher(
                endpoint, self._options, lambda: self._tell(Health("starting", "The engine is starting."))
            )
        if self._link is None or self._link.lost:
            self._link = Link(await self._launcher.reach(), self._loading, self._lost)
        value = await self._link.call({"t": "info", "model": wire.to_wire(self.model)})
        return wire.info_from_wire(value)

    def _brought_up(self, task: asyncio.Task[ModelInfo]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        self._trouble = error if isinstance(error, ModelError) else None
        if error is None:
            self._info = task.result()
            self._tell(Health("ready", f"{self._info.name} on the {self._info.device}", 1.0))
        elif isinstance(error, ModelRefused):
            self._tell(Health("refused", str(error)))
        elif isinstance(error, ModelError):
            self._tell(Health("down", str(error)))
        else:
            _log.error("connecting to the engine failed", exc_info=error)
            self._tell(Health("down", f"The engine cannot be reached ({error})."))

    def _loading(self, progress: float, refused: str) -> None:
        if progress < 1.0:
            self._tell(Health("loading", "The model is being loaded.", progress))
        elif self.health.kind == "loading" and (self._connecting is None or self._connecting.done()):
            if refused:
                self._tell(Health("refused", refused))  # to ask again would load it again, for every window
            else:
                self._connect()  # a request brought back a model that was unloaded: nobody else tells what it is

    def _lost(self, reason: ModelUnavailable) -> None:
        if not isinstance(reason, ModelCrashed):
            if self._launcher:
                self._launcher.left_on_purpose()
            self._tell(Health("away", str(reason)))
            return
        self._tell(Health("down", str(reason)))
        if not self._closed:
            self._connect()

    def _tell(self, health: Health) -> None:
        self.health = health
        self._on_state(health)
