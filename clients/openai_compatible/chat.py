"""The seam of models that are asked in words, over /v1/chat/completions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

from ..chat import Block, ChatFinish, ChatModel, ChatRequest, ChatUsage
from ..errors import AnswerDeclined, KeyRefused, ModelError, ModelUnavailable, RequestRefused
from ..model import Lane
from ..remote import conformity, figures, transport
from ..remote.deadlines import Watch
from ..remote.pieces import Whole
from . import failures, tokens
from .connection import Events
from .server import RemoteServer

_PATH = "/v1/chat/completions"
_PATIENCE_S = 15.0
_LAST_WORDS_S = 0.5
"""So long after the end of the text its usage is waited for."""

_MOST_BYTES_A_TOKEN = 5
"""On average over a prompt; code and prose have three to four."""


class RemoteChatStream:
    """One answer; see `chat.ChatStream`."""

    def __init__(self, server: RemoteServer, request: ChatRequest) -> None:
        self.usage: ChatUsage | None = None
        self.finish: ChatFinish | None = None
        self._server = server
        self._request = request
        self._host = server.host
        self._watch = Watch(request.deadlines, self._host)
        self._events: Events | None = None
        self._over = False
        self._cuts_silently = False
        self._reason: ChatFinish | None = None
        self._text: list[str] = []
        self._whole = Whole()

    async def begin(self) -> None:
        """Send the request and wait for the first sign of an answer."""
        known = await self._watch.wait(self._server.capabilities())
        body = _body(self._request, known.model)
        self._cuts_silently = known.kind == "Ollama"
        events = self._server.connection.events(_PATH, body, self._watch)
        try:
            self._events = await events.__aenter__()
        except KeyRefused as error:
            self._server.failed(error)
            raise

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        if self.finish is not None:
            raise StopAsyncIteration
        if self._over or self._events is None:
            raise ModelUnavailable(f"The connection to {self._host} was closed.")
        try:
            while (event := await self._next(self._events)) is not None:
                if text := self._fed(event):
                    return text
            return self._last()
        except ModelError:
            closed = self._over
            await self.stop()
            if closed:
                raise ModelUnavailable(f"The connection to {self._host} was closed.") from None
            raise

    async def stop(self) -> None:
        """Close the connection, unless all of the answer has come."""
        self._over = True
        if self._events is not None:
            await self._events.__aexit__(None, None, None)

    async def _next(self, events: Events) -> dict[str, Any] | None:
        """The next event; None at the end, and where nothing follows the end of the text."""
        if self._reason is None:
            return await self._watch.wait(events.next())
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                return await events.next()
        except TimeoutError:
            return None

    def _fed(self, event: dict[str, Any]) -> str:
        try:
            return self._taken(event)
        except (AttributeError, TypeError, ValueError, LookupError) as error:
            what = f"an event lacks its parts, {type(error).__name__}"
            raise failures.garbled(self._host, what) from None

    def _taken(self, event: dict[str, Any]) -> str:
        if isinstance(told := event.get("usage"), dict):
            self.usage = _usage(told) or self.usage
        choices = event.get("choices", [])
        if not choices:
            return ""
        choice = choices[0]
        delta = choice.get("delta") or {}
        if choice.get("finish_reason") == "content_filter" or delta.get("refusal"):
            raise AnswerDeclined(f"The model at {self._host} declines to answer this; ask for something else.")
        if any(delta.get(key) for key in ("content", "reasoning_content", "reasoning")):
            self._watch.content()
        text = delta.get("content") or ""
        if not isinstance(text, str):
            raise TypeError("content")
        if reason := choice.get("finish_reason"):
            self._reason = "length" if reason == "length" else "end"
        shown = self._whole.feed(text)
        if self._request.schema is not None:
            self._text.append(shown)
        return shown

    def _last(self) -> str:
        if self._reason is None:
            raise transport.cut(None, self._host)
        if self._cuts_silently:
            self._all_was_read()
        rest = self._whole.end()
        if self._request.schema is not None and self._reason == "end":
            conformity.check("".join(self._text) + rest, self._request.schema, self._host)
        self.finish = self._reason
        self._over = True
        if rest:
            return rest
        raise StopAsyncIteration

    def _all_was_read(self) -> None:
        """Raise `RequestRefused` where the prompt cannot have fitted: Ollama drops what is beyond a model's window."""
        said = sum(len(message["content"].encode("utf-8", "replace")) for message in _messages(self._request))
        read = self.usage.input_tokens + self.usage.cache_read_tokens if self.usage is not None else 0
        if read and said > read * _MOST_BYTES_A_TOKEN:
            raise RequestRefused(
                f"The model at {self._host} was shown only {read:,} tokens of a request of {said:,} bytes, because the "
                "window that Ollama gives it is too small: raise num_ctx in its Modelfile, or OLLAMA_CONTEXT_LENGTH."
            )


class _Chat:
    def __init__(self, client: RemoteChat, request: ChatRequest) -> None:
        self._client = client
        self._request = request
        self._stream: RemoteChatStream | None = None

    async def __aenter__(self) -> RemoteChatStream:
        self._stream = stream = self._client.opened(self._request)
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

    async def _leave(self, stream: RemoteChatStream) -> None:
        self._client.left(stream)
        await stream.stop()


class RemoteChat:
    """A `chat.ChatClient` over a server elsewhere. The server's client is its owner's to close, unless it is alone."""

    lane: Lane = "team"
    provider = "team"

    def __init__(self, server: RemoteServer) -> None:
        """Raise `ModelRefused` where the settings name no usable address."""
        self.host = server.host
        self._server = server
        self._running: set[RemoteChatStream] = set()

    def chat(self, request: ChatRequest) -> _Chat:
        """Start an answer; see `chat.ChatClient`. An empty model name means the server's own."""
        return _Chat(self, request)

    async def models(self) -> list[ChatModel]:
        """List what can be asked for."""
        connection = self._server.connection
        reply = await connection.ask("GET", "/v1/models", patience_s=_PATIENCE_S)
        if reply.status != 200:
            raise failures.from_status(reply.status, reply.body, reply.headers, connection.host)
        if not isinstance(models := reply.part("data"), list):
            raise failures.garbled(connection.host, "no list of models")
        return [
            ChatModel(
                str(model["id"]), _size(model.get("max_model_len")) or _size((model.get("meta") or {}).get("n_ctx"))
            )
            for model in models
            if isinstance(model, dict) and "id" in model
        ]

    async def count_tokens(self, request: ChatRequest) -> int:
        """Count the prompt by the server's tokenizer; raise `RequestRefused` where it has none to ask."""
        known = await self._server.capabilities()
        messages = _messages(request)
        return await tokens.count_chat(self._server.connection, known, messages, request.model or known.model)

    async def close(self) -> None:
        """End running answers with an error and let go of the server."""
        for stream in list(self._running):
            await stream.stop()
        await self._server.close()

    def opened(self, request: ChatRequest) -> RemoteChatStream:
        """Make a stream that `close` knows of."""
        stream = RemoteChatStream(self._server, request)
        self._running.add(stream)
        return stream

    def left(self, stream: RemoteChatStream) -> None:
        """A stream is over."""
        self._running.discard(stream)


def _body(request: ChatRequest, model: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": request.model or model,
        "messages": _messages(request),
        "max_tokens": request.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.schema is not None:
        form = {"name": "answer", "strict": True, "schema": dict(request.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    return body


def _messages(request: ChatRequest) -> tokens.Messages:
    said = [("system", request.system), *((turn.role, turn.blocks) for turn in request.turns)]
    return [{"role": role, "content": text} for role, blocks in said if (text := _joined(blocks))]


def _joined(blocks: tuple[Block, ...]) -> str:
    return "".join(block.text for block in blocks)


def _usage(told: dict[str, Any]) -> ChatUsage | None:
    """What is reported; a report without a prompt, as proxies make one up, is none."""
    prompt = figures.tokens(told.get("prompt_tokens"))
    if not prompt:
        return None
    details = told.get("prompt_tokens_details")
    cached = figures.tokens(details.get("cached_tokens")) if isinstance(details, dict) else 0
    return ChatUsage(
        input_tokens=max(0, prompt - cached),
        output_tokens=figures.tokens(told.get("completion_tokens")),
        cache_read_tokens=min(prompt, cached),
    )


def _size(value: Any) -> int:
    return value if isinstance(value, int) else 0
