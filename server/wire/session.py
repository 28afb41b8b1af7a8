"""One client's conversation: what may be said when, and an answer to `initialize` before anything heavy loads."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from . import handshake
from .faults import log_fault
from .framing import Damage, Frame
from .handshake import Hello
from .messages import (
    INVALID_REQUEST,
    REQUEST_CANCELLED,
    SERVER_NOT_INITIALIZED,
    Message,
    Notification,
    ProtocolError,
    Request,
    decode,
    failure,
    result,
)

_log = logging.getLogger(__name__)
_METHOD = re.compile(rb'"method"\s*:\s*"([^"]{1,100})')
_DOCUMENT_METHODS = (b"textDocument/did", b"notebookDocument/did")


class Outbox(Protocol):
    """The way to the client."""

    @property
    def congested(self) -> bool:
        """Tell whether to spare the client what it can do without."""
        ...

    def send(self, message: Mapping[str, Any]) -> None:
        """Queue one JSON-RPC message; never blocks."""
        ...


class Peer(Protocol):
    """What answers an initialised client."""

    @property
    def busy(self) -> bool:
        """Tell whether a request is still unanswered."""
        ...

    def dispatch(self, message: Message) -> None:
        """Take one message; a request is answered exactly once, now or later."""
        ...

    def doubt(self, reason: str) -> None:
        """A message may have been lost: nothing that is known of the documents is certain any more."""
        ...

    def shutdown(self) -> None:
        """Answer what is unanswered, as cancelled."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


class _State(Enum):
    NEW = "new"
    READY = "ready"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A lost message, in its place among those that wait."""

    reason: str


class Session:
    """Reads frames, keeps the order of LSP's life cycle, and hands the rest to a `Peer`.

    `load` builds the peer once the client is greeted; until it is there, messages wait in order. `begun` is called
    when the client says that it is ready, however far that is. `stop` is called with the exit code and the reason, when
    the client asks for the end or there is nothing to go on with.
    """

    def __init__(
        self,
        outbox: Outbox,
        load: Callable[[Hello, Outbox], Awaitable[Peer]],
        greeted: Callable[[Hello], None],
        begun: Callable[[], None],
        stop: Callable[[int, str], None],
    ) -> None:
        self._outbox = outbox
        self._load = load
        self._greeted = greeted
        self._begun = begun
        self._stop = stop
        self._state = _State.NEW
        self._peer: Peer | None = None
        self._loading: asyncio.Task[None] | None = None
        self._waiting: list[Message | _Doubt] = []
        self._unreadable = False

    @property
    def exit_code(self) -> int:
        """What the process ends with if it ends now: 0 only after `shutdown`."""
        return 0 if self._state is _State.DOWN else 1

    @property
    def busy(self) -> bool:
        """Tell whether an answer is still owed."""
        return bool(self._waiting) or (self._peer is not None and self._peer.busy)

    def receive(self, frame: Frame | Damage) -> None:
        """Take the next frame of the stream; never raises for anything a client can send."""
        if isinstance(frame, Damage):
            self._damaged(frame)
            return
        try:
            message = decode(frame.body)
        except ProtocolError as error:
            _log.warning("a message was refused: %s", error)
            self._outbox.send(failure(error.id, error.code, str(error)))
            self._unreadable = True
            found = _METHOD.search(frame.body)
            if found is not None and found[1].startswith(_DOCUMENT_METHODS):
                self._doubt("a message about a document could not be read")
            return
        self._unreadable = False
        self._take(message)

    async def close(self) -> None:
        """End the loading or the peer, whichever there is."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait([self._loading])
        if self._peer is not None:
            self._peer.shutdown()
            await self._peer.close()

    def _damaged(self, damage: Damage) -> None:
        _log.warning("the message stream is damaged: %s", damage.reason)
        if damage.refused:
            self._outbox.send(failure(None, INVALID_REQUEST, damage.reason))
        if damage.refused or not self._unreadable:
            self._doubt(damage.reason)

    def _doubt(self, reason: str) -> None:
        if self._peer is not None:
            self._peer.doubt(reason)
        elif self._state is _State.READY:
            self._waiting.append(_Doubt(reason))

    def _take(self, message: Message) -> None:
        if isinstance(message, Notification) and message.method == "exit":
            self._stop(self.exit_code, "the client said exit")
        elif isinstance(message, Request):
            self._request(message)
        elif self._state is _State.READY:
            if isinstance(message, Notification) and message.method == "initialized":
                self._begun()
            self._pass_on(message)

    def _request(self, request: Request) -> None:
        if request.method == "initialize":
            self._initialize(request)
        elif self._state is _State.NEW:
            self._refuse(request, SERVER_NOT_INITIALIZED, "initialize comes first")
        elif self._state is _State.DOWN:
            self._refuse(request, INVALID_REQUEST, "the server is shut down; only exit may follow")
        elif request.method == "shutdown":
            self._shutdown()
            self._outbox.send(result(request.id, None))
        else:
            self._pass_on(request)

    def _refuse(self, request: Request, code: int, reason: str) -> None:
        self._outbox.send(failure(request.id, code, reason))

    def _initialize(self, request: Request) -> None:
        if self._state is not _State.NEW:
            self._refuse(request, INVALID_REQUEST, "initialize was answered already")
            return
        try:
            hello = handshake.read(request.params)
        except ProtocolError as error:
            self._refuse(request, error.code, str(error))
            return
        self._outbox.send(result(request.id, handshake.answer(hello)))
        self._state = _State.READY
        self._greeted(hello)
        self._loading = asyncio.get_running_loop().create_task(self._prepare(hello), name="load")

    async def _prepare(self, hello: Hello) -> None:
        try:
            peer = await self._load(hello, self._outbox)
        except Exception as error:
            self._stop(1, log_fault("loading the language server", error))
            return
        self._peer = peer
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self._pass_on(message)

    def _pass_on(self, message: Message | _Doubt) -> None:
        if self._peer is None:
            self._waiting.append(message)
        elif isinstance(message, _Doubt):
            self._peer.doubt(message.reason)
        else:
            self._peer.dispatch(message)

    def _shutdown(self) -> None:
        self._state = _State.DOWN
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            if isinstance(message, Request):
                self._refuse(message, REQUEST_CANCELLED, "the server is shutting down")
        if self._peer is not None:
            self._peer.shutdown()
