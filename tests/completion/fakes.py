"""A model that follows a script: streams the pieces it is given, remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from twolane.clients.errors import ModelError
from twolane.clients.model import Finish, Health, InfillRequest, InfillStream, ModelInfo, Usage

INFO = ModelInfo(name="scripted", family="starter", path="/models/scripted.gguf", context_tokens=2048, device="none")


class ScriptedStream:
    def __init__(self, pieces: Sequence[str], pause: asyncio.Event | None, finish: Finish, copied: int = 0) -> None:
        self.usage: Usage | None = None
        self.given = 0
        self.interrupted = False
        self._pieces = pieces
        self._pause = pause
        self._finish: Finish = finish
        self._copied = copied

    async def __aiter__(self) -> AsyncIterator[str]:
        for piece in self._pieces:
            if self._pause is not None and self.given == 1:
                await self._pause.wait()
            self.given += 1
            yield piece
        self.end(self._finish)

    def interrupt(self) -> None:
        self.interrupted = True

    def end(self, finish: Finish) -> None:
        self.usage = Usage(
            prompt_tokens=100,
            reused_tokens=90,
            evaluated_tokens=10,
            generated_tokens=self.given,
            queue_ms=1.0,
            prefill_ms=2.0,
            decode_ms=3.0,
            finish=finish,
            copied_tokens=self._copied,
        )


@dataclass
class ScriptedClient:
    """`failure` is raised when asked to infill; `pause` holds the stream back after its first piece.

    `pieces` is what it writes, or what tells that for a request; `told` counts how often it was asked who it is;
    it is what `about` says.
    """

    pieces: Sequence[str] | Callable[[InfillRequest], Sequence[str]] = ()
    failure: ModelError | None = None
    info_failure: ModelError | None = None
    info_wait: asyncio.Event | None = None
    pause: asyncio.Event | None = None
    finish: Finish = "end"
    requests: list[InfillRequest] = field(default_factory=list)
    streams: list[ScriptedStream] = field(default_factory=list)
    left_early: list[bool] = field(default_factory=list)
    told: int = 0
    about: ModelInfo = INFO
    health: Health = field(default_factory=lambda: Health("ready"))
    started: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def infill(self, request: InfillRequest) -> AsyncIterator[InfillStream]:
        self.requests.append(request)
        if self.failure is not None:
            raise self.failure
        pieces = self.pieces(request) if callable(self.pieces) else self.pieces
        stream = ScriptedStream(pieces, self.pause, self.finish, len(pieces) if request.onward else 0)
        self.streams.append(stream)
        self.started.set()
        try:
            yield stream
        finally:
            self.left_early.append(stream.usage is None)
            if stream.usage is None:
                stream.end("cancelled")

    async def info(self) -> ModelInfo:
        self.told += 1
        if self.info_wait is not None:
            await self.info_wait.wait()
        if self.info_failure is not None:
            raise self.info_failure
        return self.about

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) // 3 for text in texts]

    async def close(self) -> None:
        return None
