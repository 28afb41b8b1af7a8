"""HTTP to one server: questions with one answer, and answers that come as server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, ModelTimeout, ModelUnavailable
from ..remote import transport
from ..remote.address import Address
from ..remote.deadlines import Watch
from . import failures

if TYPE_CHECKING:
    import httpx2

_MOST_BYTES = 8 << 20
_LAST_WORDS_S = 0.1
_MET_CLOSED_S = 0.5
"""A server that had closed the connection says so within so long; one that fails over the request takes longer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole: `body` is its JSON, None where it is none; `headers` have names in lower case."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    def part(self, *keys: str) -> Any:
        """Look into nested objects; None where there is nothing."""
        found = self.body
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found


class Events:
    """One streamed answer, a context manager; leaving it early closes the connection."""

    def __init__(self, connection: Connection, path: str, body: dict[str, Any], watch: Watch) -> None:
        self._connection = connection
        self._watch = watch
        self._path = path
        self._body = body
        self._response: httpx2.Response | None = None
        self._source: AsyncIterator[httpx2.ServerSentEvent] | None = None

    async def __aenter__(self) -> Events:
        import httpx2

        response = await self._watch.wait(self._connection.send("POST", self._path, self._body))
        self._response = response
        try:
            if response.status_code != 200:
                reply = await self._watch.wait(self._connection.read(response))
                raise failures.from_status(reply.status, reply.body, reply.headers, self._connection.host)
            if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
                raise failures.garbled(self._connection.host, "no stream of events")
            self._source = aiter(httpx2.EventSource(response, _MOST_BYTES))
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def next(self) -> dict[str, Any] | None:
        """Return the next event's object; None at the end of the stream, or at the server's own word for it.

        Raise `AnswerCut` where the connection breaks, what an error in the stream says, `AnswerGarbled` else.
        """
        import httpx2

        host = self._connection.host
        while self._source is not None:
            try:
                event = await anext(self._source, None)
                if event is None:
                    return None
                if event.data.strip() == "[DONE]":
                    await self._end()
                    return None
                value = json.loads(event.data) if event.data else {}
            except httpx2.SSEError:
                raise failures.garbled(host, "an event without end") from None
            except (httpx2.TransportError, httpx2.StreamError, OSError) as error:
                raise transport.cut(error, host) from None
            except (ValueError, RecursionError):
                raise failures.garbled(host, "an event that is no JSON") from None
            if not isinstance(value, dict):
                raise failures.garbled(host, "an event that is no object")
            if trouble := value.get("error"):
                raise failures.from_event(trouble, host)
            if value:
                return value
        return None

    async def _end(self) -> None:
        """Read what little may follow the last word, so that the connection can be used again."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_LAST_WORDS_S):
                while self._source is not None and await anext(self._source, None) is not None:
                    pass

    async def _close(self) -> None:
        with contextlib.suppress(Exception):
            if self._response is not None:
                await self._response.aclose()
        with contextlib.suppress(Exception):
            if self._source is not None:
                await self._source.aclose()  # type: ignore[attr-defined]


class Connection:
    """Opens nothing before it is first used; `key` may be slow and is called off the event loop."""

    def __init__(self, address: Address, key: Callable[[], str | None]) -> None:
        self.host = address.host
        self._address = address
        self._key = key
        self._http: httpx2.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None, *, patience_s: float) -> Reply:
        """Ask for one answer, whatever its status; raise `ModelError` where none comes."""
        try:
            async with asyncio.timeout(patience_s):
                response = await self.send(method, path, body)
                try:
                    return await self.read(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise ModelTimeout(f"{self.host} did not answer within {patience_s:g} s; its log may say why.") from None

    def events(self, path: str, body: dict[str, Any], watch: Watch) -> Events:
        """Ask for an answer that comes in pieces; nothing is sent before the context is entered."""
        return Events(self, path, body, watch)

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        """Send a request and return its answer, of which only the head has been read.

        A connection that was kept may be closed by the server in the moment in which it is used again, as by
        llama.cpp's after each stream; then another takes its place, once. On a new one the server has read what it was
        asked, and may have done it.
        """
        http = await self._opened()
        import httpx2

        content = None if body is None else _sendable(body)
        headers = {"Content-Type": "application/json"} if content is not None else None
        new = False

        async def heard(event: str, _: object) -> None:
            nonlocal new
            new = new or event.startswith("connection.connect")

        request = http.build_request(
            method, self._address.url + path, content=content, headers=headers, extensions={"trace": heard}
        )
        began = asyncio.get_running_loop().time()
        try:
            try:
                return await http.send(request, stream=True)
            except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
                if new or self._closed or asyncio.get_running_loop().time() - began > _MET_CLOSED_S:
                    raise
                return await http.send(request, stream=True)
        except Exception as error:
            raise self._failed(error) from None

    async def read(self, response: httpx2.Response) -> Reply:
        """Read an answer whole; raise `AnswerCut` where it breaks off, `AnswerGarbled` where it is too large."""
        content = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _MOST_BYTES:
                    raise failures.garbled(self.host, "more than 8 MiB")
        except ModelError:
            raise
        except Exception as error:
            raise transport.cut(error, self.host) from None
        try:
            body = json.loads(content)
        except (ValueError, RecursionError):
            body = None
        return Reply(response.status_code, body, {name.lower(): value for name, value in response.headers.items()})

    async def close(self) -> None:
        """Let go of all connections."""
        self._closed = True
        if self._http is not None:
            await self._http.aclose()

    async def _opened(self) -> httpx2.AsyncClient:
        async with self._opening:
            if self._closed:
                raise ModelUnavailable(f"The connection to {self.host} was closed.")
            if self._http is None:
                self._http = await asyncio.to_thread(self._open)
            return self._http

    def _open(self) -> httpx2.AsyncClient:
        http = transport.open_client(self._address)
        if key := self._key():
            http.headers["Authorization"] = f"Bearer {key}"
        return http

    def _failed(self, error: Exception) -> ModelError:
        if self._closed:
            return ModelUnavailable(f"The connection to {self.host} was closed.")
        return transport.not_reached(error, self.host)


def _sendable(body: dict[str, Any]) -> bytes:
    """The body as JSON; halves of characters, as in file names that are no UTF-8, become question marks."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")
