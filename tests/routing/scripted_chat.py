"""A model elsewhere that follows a script, one for each request; remembers what it was asked and who hung up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from twolane.clients.chat import ChatFinish, ChatModel, ChatRequest, ChatStream, ChatUsage
from twolane.clients.errors import ModelError
from twolane.clients.model import Lane


@dataclass(frozen=True)
class Script:
    """`refusal` is raised before a stream begins, `failure` after the pieces; `hangs` says nothing more instead.

    `begun` is reported at the start, `usage` at the end.
    """

    pieces: Sequence[str] = ()
    refusal: ModelError | None = None
    failure: ModelError | None = None
    hangs: bool = False
    begun: ChatUsage | None = field(default_factory=lambda: ChatUsage(100, 1))
    usage: ChatUsage | None = field(default_factory=lambda: ChatUsage(100, 50))
    finish: ChatFinish | None = "end"


class ScriptedStream:
    def __init__(self, script: Script) -> None:
        self.usage: ChatUsage | None = script.begun
        self.finish: ChatFinish | None = None
        self._script = script

    async def __aiter__(self) -> AsyncIterator[str]:
        for piece in self._script.pieces:
            yield piece
        if self._script.failure is not None:
            raise self._script.failure
        if self._script.hangs:
            await asyncio.Event().wait()
        self.usage = self._script.usage
        self.finish = self._script.finish


@dataclass
class ScriptedChat:
    scripts: Sequence[Script] = (Script(["answer"]),)
    lane: Lane = "far"
    provider: str = "anthropic"
    host: str = "far.example"
    requests: list[ChatRequest] = field(default_factory=list)
    hung_up: int = 0
    key: str = "one"

    @asynccontextmanager
    async def chat(self, request: ChatRequest) -> AsyncIterator[ChatStream]:
        self.requests.append(request)
        script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
        if script.refusal is not None:
            raise script.refusal
        try:
            yield ScriptedStream(script)
        finally:
            self.hung_up += 1

    async def models(self) -> list[ChatModel]:
        return []

    async def count_tokens(self, request: ChatRequest) -> int:
        return len(self.prompt(-1).encode()) // 3

    async def close(self) -> None:
        return None

    def prompt(self, index: int = -1) -> str:
        """All text of a request, as it came."""
        request = self.requests[index]
        blocks = [*request.system, *(block for turn in request.turns for block in turn.blocks)]
        return "\n".join(block.text for block in blocks)
