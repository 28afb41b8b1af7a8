"""An engine that answers what a test tells it to, in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from twolane.clients.engine.spec import EngineOptions, ModelSpec
from twolane.clients.errors import ModelError
from twolane.clients.model import Health, InfillRequest, ModelInfo, Usage

Reply = Callable[[InfillRequest], str]


class _Stream:
    def __init__(self, text: str) -> None:
        self._text = text
        self.usage: Usage | None = None

    async def __aiter__(self) -> AsyncIterator[str]:
        yield self._text
        self.usage = Usage(100, 90, 10, 5, 0.0, 1.0, 1.0, "end")

    def interrupt(self) -> None:
        pass


@dataclass
class FakeEngine:
    """Stands in for `LocalEngine`; `reply` is the text it writes, or an error it raises."""

    reply: Reply | ModelError = field(default=lambda request: "pass")
    requests: list[InfillRequest] = field(default_factory=list)
    spec: ModelSpec | None = None
    infos: int = 0
    closed: bool = False
    health: Health = field(default_factory=lambda: Health("ready"))

    def __call__(
        self,
        model: ModelSpec,
        options: EngineOptions,
        on_state: Callable[[Health], None] | None = None,
    ) -> FakeEngine:
        """Be constructed in the place of the class."""
        self.spec = model
        return self

    @asynccontextmanager
    async def infill(self, request: InfillRequest) -> AsyncIterator[_Stream]:
        self.requests.append(request)
        if isinstance(self.reply, ModelError):
            raise self.reply
        yield _Stream(self.reply(request))

    async def info(self) -> ModelInfo:
        self.infos += 1
        return ModelInfo("fake", "starter", "/nowhere/fake.gguf", 4096, "cpu")

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) // 3 for text in texts]

    async def close(self) -> None:
        self.closed = True
