"""The seam of models that are asked in words: a request with a system part and turns, an answer in text or JSON.

A client turns a `ChatRequest` into a stream of text pieces. It retries nothing, keeps no budget and looks at
nobody's privacy: that is the gateway's. Everything it raises is an `errors.ModelError`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from .model import Lane

ChatFinish = Literal["end", "length", "stop"]
"""Why an answer ended: by itself, at `max_tokens`, at a stop text. Anything else is an error."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the prompt. `cache` asks the provider to remember the prompt up to the end of this piece."""

    text: str
    cache: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said."""

    role: Literal["user", "assistant"]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: until the first piece of content, between two pieces of content, for the whole answer.

    Pings and other signs of life that carry no content count for nothing.
    """

    first_s: float = 30.0
    idle_s: float = 20.0
    total_s: float = 180.0


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What to ask of `model`. With `schema` (a JSON schema) the answer is one JSON document that fits it.

    `temperature` is a wish: a provider that takes none is not told.
    """

    model: str
    system: tuple[Block, ...]
    turns: tuple[Turn, ...]
    max_tokens: int
    schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    deadlines: Deadlines = Deadlines()


@dataclass(frozen=True, slots=True)
class ChatUsage:
    """What the provider reports; `input_tokens` counts neither those read from its cache nor those written to it."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model that can be asked for; sizes are 0 where the provider does not say."""

    name: str
    context_tokens: int = 0
    max_output_tokens: int = 0


class ChatStream(Protocol):
    """Text pieces as they come.

    `usage` holds what has been reported so far, also after a failure or a cancel; None where nothing has.
    `finish` is set once the stream is exhausted.
    """

    @property
    def usage(self) -> ChatUsage | None:
        """What has been reported so far."""
        ...

    @property
    def finish(self) -> ChatFinish | None:
        """Why it ended, once it has."""
        ...

    def __aiter__(self) -> AsyncIterator[str]:
        """Yield whole characters only; raise `ModelError` on failure."""
        ...


class ChatClient(Protocol):
    """A model that is asked in words. `provider` names it in policies and ledgers, `host` is where bytes go."""

    lane: Lane
    provider: str
    host: str

    def chat(self, request: ChatRequest) -> AbstractAsyncContextManager[ChatStream]:
        """Start an answer; leaving the context early closes the connection within 100 ms."""
        ...

    async def models(self) -> list[ChatModel]:
        """List what can be asked for."""
        ...

    async def count_tokens(self, request: ChatRequest) -> int:
        """Count the prompt in the model's own tokens, by asking the provider."""
        ...

    async def close(self) -> None:
        """Let go of connections; running streams end with an error."""
        ...
