"""Anthropic's Messages API through its official SDK, which is imported when the first request needs it.

The SDK's own retries, redirects, tracing and credential files are off: one place retries (the gateway), keys go to
one host, and nothing of a document reaches a log or a tracer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from ..chat import ChatFinish, ChatModel, ChatRequest, ChatUsage
from ..errors import KeyRefused, ModelError, ModelTimeout, ModelUnavailable
from ..model import Lane
from ..remote import address, transport
from ..remote.deadlines import Watch
from . import failures, prompt
from .reader import Reader

if TYPE_CHECKING:
    import anthropic
    import httpx2

DEFAULT_URL = "https://api.anthropic.com"

_QUESTION_S = 15.0
"""Counting and listing take no longer, or have failed."""

_LAST_WORDS_S = 0.1
"""So long the end of a stream is waited for after message_stop, so that its connection can be used again."""

_T = TypeVar("_T")


class AnthropicStream:
    """One answer; see `chat.ChatStream`."""

    def __init__(self, client: AnthropicClient, request: ChatRequest) -> None:
        self._client = client
        self._request = request
        self._reader = Reader(request, client.host)
        self._watch = Watch(request.deadlines, client.host)
        self._events: anthropic.AsyncStream[Any] | None = None
        self._over = False

    @property
    def usage(self) -> ChatUsage | None:
        """What has been reported so far."""
        return self._reader.usage

    @property
    def finish(self) -> ChatFinish | None:
        """Why it ended, once it has."""
        return self._reader.finish

    async def begin(self) -> None:
        """Send the request and wait for the first sign of an answer."""
        said = prompt.parameters(self._request)
        try:
            sdk = await self._watch.wait(self._client.sdk())
            self._events = await self._watch.wait(
                sdk.messages.create(**said, max_tokens=self._request.max_tokens, stream=True)
            )
        except Exception as error:
            raise self._client.failed(error) from None

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        if self.finish is not None and self._over:
            raise StopAsyncIteration
        if self._over or self._events is None:
            raise ModelUnavailable(f"The connection to {self._client.host} was closed.")
        try:
            return await self._next(self._events)
        except StopAsyncIteration:
            self._over = True
            raise
        except Exception as error:
            await self.stop()
            raise self._client.failed(error, answering=True) from None

    async def stop(self) -> None:
        """Close the connection, unless all of the answer has come."""
        self._over = True
        if self._events is not None:
            with contextlib.suppress(Exception):
                await self._events.close()

    async def _next(self, events: anthropic.AsyncStream[Any]) -> str:
        while not self._reader.ended:
            event = await self._watch.wait(anext(events, None))
            if event is None:
                raise self._missing_end(events.response)
            text = self._reader.feed(event)
            if self._reader.moved:
                self._watch.content()
            if text:
                return text
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_LAST_WORDS_S):
                await anext(events, None)
        await events.close()
        raise StopAsyncIteration

    def _missing_end(self, response: httpx2.Response) -> ModelError:
        """A stream without its end was cut; one that is no stream at all came from somebody else."""
        if self._reader.usage is None and "text/event-stream" not in response.headers.get("content-type", ""):
            return ModelUnavailable(
                f"Something else answers for {self._client.host}: sign in to the network, or check ANTHROPIC_BASE_URL."
            )
        return failures.cut(self._client.host)


class _Answer:
    def __init__(self, client: AnthropicClient, request: ChatRequest) -> None:
        self._client = client
        self._request = request
        self._stream: AnthropicStream | None = None

    async def __aenter__(self) -> AnthropicStream:
        self._stream = stream = AnthropicStream(self._client, self._request)
        self._client.running.add(stream)
        try:
            await stream.begin()
        except BaseException:
            await self._leave(stream)
            raise
        return stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            await self._leave(self._stream)

    async def _leave(self, stream: AnthropicStream) -> None:
        self._client.running.discard(stream)
        await stream.stop()


class AnthropicClient:
    """A `chat.ChatClient` over the Messages API. Nothing is imported or opened before the first request.

    `key` looks the key up, None where there is none; it may be slow and is called off the event loop, again after a
    key was refused. `url` comes from this user's environment or settings, never from a workspace; raises
    `ModelRefused` where it is no address or would send text unencrypted.
    """

    lane: Lane = "far"
    provider = "anthropic"

    def __init__(self, key: Callable[[], str | None], url: str = DEFAULT_URL) -> None:
        self._address = address.parse(url, "ANTHROPIC_BASE_URL")
        self.host = self._address.host
        self.running: set[AnthropicStream] = set()
        self._key = key
        self._http: httpx2.AsyncClient | None = None
        self._sdk: anthropic.AsyncAnthropic | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    def chat(self, request: ChatRequest) -> _Answer:
        """Start an answer; see `chat.ChatClient`."""
        return _Answer(self, request)

    async def models(self) -> list[ChatModel]:
        """List what this key may ask for."""
        sdk = await self.sdk()

        async def listed() -> list[ChatModel]:
            return [
                ChatModel(model.id, model.max_input_tokens or 0, model.max_tokens or 0)
                async for model in sdk.models.list(limit=100)
            ]

        return await self._asked(listed())

    async def count_tokens(self, request: ChatRequest) -> int:
        """Count the prompt in the model's own tokens, by asking the provider: the text leaves this machine."""
        sdk = await self.sdk()
        counted = await self._asked(sdk.messages.count_tokens(**prompt.parameters(request)))
        if not isinstance(counted.input_tokens, int):
            raise failures.from_sdk(ValueError(), self.host, answering=True)
        return counted.input_tokens

    async def warm(self) -> None:
        """Load and open all that the first request needs; nothing is asked."""
        await self.sdk()

    async def close(self) -> None:
        """Let go of connections; running answers end with an error."""
        self._closed = True
        for stream in list(self.running):
            await stream.stop()
        if self._http is not None:
            await self._http.aclose()

    async def sdk(self) -> anthropic.AsyncAnthropic:
        """Return the SDK's client, importing it, looking the key up and opening connections where need be."""
        async with self._opening:
            if self._closed:
                raise ModelUnavailable(f"The connection to {self.host} was closed.")
            if self._sdk is None:
                sdk, self._http = await asyncio.to_thread(self._open, self._http)
                self._sdk = sdk
                return sdk
            return self._sdk

    def failed(self, error: Exception, *, answering: bool = False) -> ModelError:
        """Map an error; after a refused key the next request looks the key up again."""
        if self._closed:
            return ModelUnavailable(f"The connection to {self.host} was closed.")
        mapped = failures.from_sdk(error, self.host, answering=answering)
        if isinstance(mapped, KeyRefused):
            self._sdk = None
        return mapped

    def _open(self, http: httpx2.AsyncClient | None) -> tuple[anthropic.AsyncAnthropic, httpx2.AsyncClient]:
        """Do what takes long, here in a thread; that includes what the SDK imports when it is first asked."""
        key = self._key()
        if not key:
            raise KeyRefused(
                "There is no key for Anthropic: set ANTHROPIC_API_KEY, or store one in the system's keyring under the "
                "service twolane with the name anthropic."
            )
        import anthropic

        _keep_documents_out_of_the_log()
        http = http or transport.open_client(self._address)
        sdk = anthropic.AsyncAnthropic(
            api_key=key,
            base_url=self._address.url,
            max_retries=0,
            timeout=http.timeout,
            open_telemetry=False,
            http_client=http,
        )
        _ = sdk.messages, sdk.models
        return sdk, http

    async def _asked(self, question: Awaitable[_T]) -> _T:
        try:
            async with asyncio.timeout(_QUESTION_S):
                return await question
        except TimeoutError:
            raise ModelTimeout(f"{self.host} did not answer within {_QUESTION_S:g} s; try again.") from None
        except Exception as error:
            raise self.failed(error) from None


def _keep_documents_out_of_the_log() -> None:
    """The SDK writes whole requests at the level DEBUG."""
    log = logging.getLogger("anthropic")
    if log.getEffectiveLevel() < logging.INFO:
        log.setLevel(logging.INFO)
