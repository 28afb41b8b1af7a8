"""The model seam over a server elsewhere: an `InfillClient` that drops in where the engine's client stands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType

from ..errors import ModelError, ModelRefused, ModelUnavailable
from ..model import Finish, Health, InfillRequest, ModelInfo, Priority, Usage
from . import routes, tokens
from .answer import Answer
from .failures import PromptTooLong
from .probe import Capabilities, Route
from .prompt import Room
from .server import RemoteServer

_MOST_CUTS = 4
"""So often a prompt that proves too long is cut shorter; the server refuses it before its model works."""

_RANKS: tuple[Priority, ...] = ("background", "warm", "speculative", "live")

_log = logging.getLogger(__name__)


class _End:
    """The last thing in a mailbox: why there is no more."""

    def __init__(self, error: ModelError | None = None) -> None:
        self.error = error


class RemoteStream:
    """The pieces of one answer; see `model.InfillStream`. A task reads them, so that it can be stopped at once."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self._mailbox: asyncio.Queue[str | _End] = asyncio.Queue()
        self._task: asyncio.Task[Finish] | None = None
        self._reading: _Reading | None = None
        self._ended = False

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        if self._ended:
            raise StopAsyncIteration
        item = await self._mailbox.get()
        if isinstance(item, str):
            return item
        self._ended = True
        if item.error is not None:
            raise item.error
        raise StopAsyncIteration

    def skip(self, finish: Finish) -> None:
        """There is nothing to ask."""
        self.usage = Usage(0, 0, 0, 0, 0.0, 0.0, 0.0, finish)
        self._mailbox.put_nowait(_End())

    def begin(self, client: RemoteInfill, known: Capabilities, request: InfillRequest) -> None:
        """Ask and read in the background; `client` hears of the end, however it comes."""
        reading = self._reading = _Reading(client, known, request)

        def ended(task: asyncio.Task[Finish]) -> None:
            error = None if task.cancelled() else _model_error(task.exception())
            self.usage = reading.answer.usage("cancelled" if task.cancelled() or error else task.result())
            client.ended(self, reading.answer, error)
            self._mailbox.put_nowait(_End(error))

        self._task = asyncio.create_task(reading.run(self._mailbox.put_nowait), name="team answer")
        self._task.add_done_callback(ended)

    def interrupt(self) -> None:
        """Stop without waiting; whoever reads it finds its end."""
        if self._task is not None and self._reading is not None and not self._task.done():
            self.usage = self._reading.answer.usage("cancelled")
            self._task.cancel()

    async def stop(self) -> None:
        """Close the connection, unless the answer has ended; what is known of its usage stays."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})


class _Reading:
    """One request, asked again with less of it where it proves too long for the model's window."""

    def __init__(self, client: RemoteInfill, known: Capabilities, request: InfillRequest) -> None:
        self._client = client
        self._known = known
        self._request = request
        self.answer = client.answer(known, request)

    async def run(self, show: Callable[[str], None]) -> Finish:
        shown = False

        def seen(piece: str) -> None:
            nonlocal shown
            shown = True
            show(piece)

        for _ in range(_MOST_CUTS):
            try:
                return await self.answer.run(seen)
            except PromptTooLong:
                if shown:
                    raise
                self._client.room.overrun()
                self.answer = self._client.answer(self._known, self._request)
        return await self.answer.run(show)


def _model_error(error: BaseException | None) -> ModelError | None:
    if error is None or isinstance(error, ModelError):
        return error
    _log.error("reading an answer of the team's server failed", exc_info=error)
    return ModelUnavailable(f"The answer could not be read ({type(error).__name__}); the log says more.")


class _Infill:
    def __init__(self, client: RemoteInfill, request: InfillRequest) -> None:
        self._client = client
        self._request = request
        self._stream: RemoteStream | None = None

    async def __aenter__(self) -> RemoteStream:
        self._stream = self._client.started(self._request)
        return self._stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            await self._stream.stop()


class RemoteInfill:
    """An `InfillClient` over a server elsewhere; it owns the server's client and closes it.

    A newer request for a file stops an older one that is no more urgent, as in the engine; alternatives run beside each
    other. Requests that nobody waits
    for yet are skipped unless the specification allows them: the server is shared, and text leaves this machine only
    for an answer.
    """

    def __init__(self, server: RemoteServer) -> None:
        self._server = server
        self._running: dict[RemoteStream, InfillRequest] = {}
        self.room = Room(0)

    @property
    def health(self) -> Health:
        """How the server is, as far as is known without asking it."""
        return self._server.health

    def infill(self, request: InfillRequest) -> _Infill:
        """Ask for a generation; see `model.InfillClient`.

        Never waits for the server to be known: where it is not yet, entering the context raises `ModelUnavailable`
        and it is asked in the background.
        """
        return _Infill(self, request)

    async def info(self) -> ModelInfo:
        """Say what answers, asking the server if need be; raise `ModelRefused` where it cannot fill in the middle."""
        known = await self._server.capabilities()
        self._route(known)
        return ModelInfo(
            name=known.model.rpartition("/")[2],
            family=known.family.name if known.family else known.routes[0],
            path=self._server.spec.url,
            context_tokens=known.context_tokens,
            device=f"{known.kind} at {self._server.host}",
            lane="team",
        )

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text by the server's tokenizer; raise `RequestRefused` where it has none to ask."""
        known = await self._server.capabilities()
        return await tokens.count(self._server.connection, known, texts)

    async def close(self) -> None:
        """Let go of the server; running streams end as cancelled."""
        for stream in list(self._running):
            await stream.stop()
        await self._server.close()

    def started(self, request: InfillRequest) -> RemoteStream:
        """Begin an answer; raise `ModelError` where none can be had now."""
        known = self._server.ready()
        self._route(known)
        stream = RemoteStream()
        if request.priority != "live" and not self._server.spec.guesses:
            stream.skip("cancelled")
            return stream
        if request.max_tokens == 0 and not known.warms:
            stream.skip("length")
            return stream
        for older, its in self._running.items():
            same = (its.workspace, its.document, its.path) == (request.workspace, request.document, request.path)
            beside = request.alternative and its.alternative != request.alternative
            if same and not beside and _RANKS.index(request.priority) >= _RANKS.index(its.priority):
                older.interrupt()
        if self.room.context_tokens != known.context_tokens:
            self.room = Room(known.context_tokens)
        self._running[stream] = request
        stream.begin(self, known, request)
        return stream

    def answer(self, known: Capabilities, request: InfillRequest) -> Answer:
        """Put a request into words that fit the room as it is known now."""
        asked = routes.question(known, self._route(known), request, self.room.chars(request.max_tokens))
        return Answer(self._server.connection, asked, request)

    def ended(self, stream: RemoteStream, answer: Answer, error: ModelError | None) -> None:
        """An answer is over: learn from it."""
        self._running.pop(stream, None)
        if error is not None:
            self._server.failed(error)
            return
        self._server.worked()
        if stream.usage is not None and answer.prompt_chars:
            self.room.learn(answer.prompt_chars, stream.usage.prompt_tokens)

    def _route(self, known: Capabilities) -> Route:
        if not known.routes:
            raise ModelRefused(
                f"{known.model} at {self._server.host} ({known.kind}) cannot fill in the middle as far as can be told: "
                "choose a model that was trained for it in team.model, or name its prompt form in team.family."
            )
        return known.routes[0]
