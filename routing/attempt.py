"""One request to one model: reserved before a byte leaves, settled when it is over, whatever happens between."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from ..clients.chat import ChatFinish, ChatRequest, ChatStream, ChatUsage
from ..clients.errors import AnswerCut, AnswerGarbled, ModelError, ModelTimeout
from . import egress
from .ask import Seat, Sent
from .money.budget import NOTHING, Call, Caps, Piece, Settlement, State
from .money.charging import charge
from .money.ledger import Ledger
from .money.prices import Estimate, Rate
from .task import Task

_log = logging.getLogger(__name__)

_MOST_BYTES_PER_TOKEN = 64
"""On average; code has about four, a run of blanks sixteen or so."""

_BYTES_TO_SPARE = 16_384


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that may be asked, with the request made for it and the most that it can cost."""

    seat: Seat
    model: str
    request: ChatRequest
    rate: Rate
    estimate: Estimate
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Errand:
    """For whom an attempt is made: the ask, the task, the project, and which attempt of the ask it is."""

    ask: str
    task: Task
    project: str
    attempt: int


class Attempt:
    """Opened once, read to its end or left early, and closed exactly once; raises `ModelError` or `Refused`.

    `deadline` is on the running loop's clock. A model on this machine costs nothing and is in no ledger.
    """

    def __init__(self, offer: Offer, errand: Errand, ledger: Ledger, caps: Caps, deadline: float) -> None:
        self.offer = offer
        self.received = 0
        self.cost = 0
        self.sent: Sent | None = None
        self._errand = errand
        self._ledger = ledger
        self._caps = caps
        self._deadline = deadline
        self._call = uuid.uuid4().hex
        self._stack = AsyncExitStack()
        self._stream: ChatStream | None = None
        self._pieces: AsyncIterator[str] | None = None
        self._began = 0.0
        self._first_ms: float | None = None
        self._reserved = False

    @property
    def usage(self) -> ChatUsage | None:
        """What the provider has reported so far."""
        return self._stream.usage if self._stream is not None else None

    @property
    def finish(self) -> ChatFinish | None:
        """Why the answer ended, once it has."""
        return self._stream.finish if self._stream is not None else None

    @property
    def first_ms(self) -> float | None:
        """How long the first piece took."""
        return self._first_ms

    async def open(self) -> None:
        """Reserve, then ask. Where this raises, `close` is still due."""
        client, request = self.offer.seat.client, self.offer.request
        if self.offer.seat.remote:
            body = await asyncio.to_thread(egress.body, request)
            await self._ledger.reserve(self._as_call(body), self._caps)
            self._reserved = True
            self.sent = Sent(client.host, body.bytes, self._call)
        self._began = time.perf_counter()
        left = max(0.0, self._deadline - asyncio.get_running_loop().time())
        limits = replace(request.deadlines, total_s=min(request.deadlines.total_s, left))
        async with self._in_time():
            self._stream = await self._stack.enter_async_context(client.chat(replace(request, deadlines=limits)))
        self._pieces = aiter(self._stream)

    async def piece(self) -> str | None:
        """Return the next piece, None at the end of a whole answer."""
        if self._pieces is None:
            raise RuntimeError("an attempt is read before it is open")
        async with self._in_time():
            piece = await anext(self._pieces, None)
        if piece is None:
            if self.finish is None:
                raise AnswerCut(f"The answer of {self.offer.seat.client.host} broke off before its end.")
            return None
        if self._first_ms is None:
            self._first_ms = self._elapsed()
        self.received += len(piece.encode("utf-8", "surrogatepass"))
        if self.received > _BYTES_TO_SPARE + _MOST_BYTES_PER_TOKEN * self.offer.request.max_tokens:
            raise AnswerGarbled(
                f"The answer of {self.offer.seat.client.host} is far longer than was asked for; nothing of it is used."
            )
        return piece

    async def close(self, state: State, reason: str = "", error: ModelError | None = None) -> None:
        """Hang up first, then settle: what it is charged stays, the rest of the reservation is free again.

        `error` is what broke it off; None where it was given up.
        """
        try:
            await self._stack.aclose()
        except (ModelError, OSError) as trouble:
            _log.debug("hanging up on %s: %s", self.offer.seat.client.host, trouble)
        finally:
            if self._reserved:
                self._reserved = False
                self.cost = self._charge(state, error)
                if self.cost > self.offer.estimate.worst:
                    _log.warning("%s reported more tokens than the prompt can have; they are charged", self.offer.model)
                await self._ledger.settle(
                    Settlement(
                        call=self._call,
                        state=state,
                        charged=self.cost,
                        usage=self.usage or NOTHING,
                        reason=reason,
                        first_ms=self._first_ms,
                        ms=self._elapsed(),
                    )
                )

    def _charge(self, state: State, error: ModelError | None) -> int:
        offer = self.offer
        return charge(
            offer.rate, offer.estimate, self.usage, received=self.received, whole=state == "done", error=error
        )

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Hold the deadline of the whole ask, even where a client does not; its end is a `ModelTimeout`."""
        try:
            async with asyncio.timeout_at(self._deadline):
                yield
        except TimeoutError:
            host = self.offer.seat.client.host
            raise ModelTimeout(f"{host} had not finished its answer in time; it is not used.") from None

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._began) * 1000

    def _as_call(self, body: egress.Body) -> Call:
        client = self.offer.seat.client
        return Call(
            id=self._call,
            ask=self._errand.ask,
            attempt=self._errand.attempt,
            project=self._errand.project,
            task=self._errand.task,
            lane=client.lane,
            provider=client.provider,
            host=client.host,
            model=self.offer.model,
            worst=self.offer.estimate.worst,
            body_bytes=body.bytes,
            body_sha256=body.sha256,
            pieces=self.offer.pieces,
        )
