"""pygls' protocol, mended: every request answered exactly once, nothing in threads, no text in logs."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from cattrs import Converter, transform_error
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter

from ..wire.faults import log_fault
from ..wire.messages import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    REQUEST_CANCELLED,
    Message,
    MessageId,
    Notification,
    ProtocolError,
    Request,
    Response,
    failure,
    result,
)
from ..wire.session import Outbox

_log = logging.getLogger(__name__)
_SPARED_WHEN_CONGESTED = frozenset({types.PROGRESS, types.WINDOW_LOG_MESSAGE})


class TwolaneProtocol(LanguageServerProtocol):
    """Dispatches decoded messages to the features registered with pygls' decorators.

    Handlers are plain functions, run at once and in order, or coroutine functions, run as tasks. pygls' own
    built-in handlers are left out. `on_lost` hears of a
    notification that could not be read: its method and its raw params.
    """

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self._outbox: Outbox | None = None
        self._live: dict[MessageId, asyncio.Task[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.on_lost: Callable[[str, Any], None] | None = None

    def _register_builtin_features(self) -> None:
        """Register none of pygls' own: they keep a second copy of the documents and read the disk."""

    def connect(self, outbox: Outbox) -> None:
        """Say where messages to the client go."""
        self._outbox = outbox

    @property
    def busy(self) -> bool:
        """Tell whether a request is still unanswered."""
        return bool(self._live)

    @property
    def congested(self) -> bool:
        """Tell whether the client is far behind in reading."""
        return self._outbox is not None and self._outbox.congested

    def dispatch(self, message: Message) -> None:
        """Take one message of an initialised client."""
        match message:
            case Request():
                self._call(message)
            case Notification(types.CANCEL_REQUEST, params):
                self._cancel(params.get("id") if isinstance(params, Mapping) else None)
            case Notification():
                self._note(message)
            case Response():
                self._answered(message)

    def cancel_all(self) -> None:
        """Answer every unanswered request as cancelled, and stop its work."""
        for call_id in list(self._live):
            self._cancel(call_id)

    async def finish(self) -> None:
        """Wait until every task has ended; `cancel_all` and this leave nothing running."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _call(self, request: Request) -> None:
        if request.id in self._live:
            self._send_failure(request.id, INVALID_REQUEST, "this id belongs to a request that is still running")
            return
        handler = self.fm.features.get(request.method)
        if handler is None or _is_notification(request.method):
            self._send_failure(request.id, METHOD_NOT_FOUND, f"no such method: {request.method[:100]}")
            return
        try:
            outcome = handler(self._structured(request.method, request.params))
        except ProtocolError as error:
            self._send_failure(request.id, error.code, str(error))
        except Exception as error:
            self._send_failure(request.id, INTERNAL_ERROR, log_fault(request.method, error))
        else:
            if inspect.isawaitable(outcome):
                task = self._live[request.id] = self._hold(outcome, request.method)
                task.add_done_callback(partial(self._settle, request))
            else:
                self._reply(request, outcome)

    def _settle(self, request: Request, task: asyncio.Task[Any]) -> None:
        """Answer a request whose handler is done, unless a cancel has answered it already."""
        error = None if task.cancelled() else task.exception()
        fault = ""
        if error is not None and not isinstance(error, ProtocolError):
            fault = log_fault(request.method, error)
        if self._live.get(request.id) is not task:
            return
        del self._live[request.id]
        if task.cancelled():
            self._send_failure(request.id, REQUEST_CANCELLED, "cancelled")
        elif isinstance(error, ProtocolError):
            self._send_failure(request.id, error.code, str(error))
        elif fault:
            self._send_failure(request.id, INTERNAL_ERROR, fault)
        else:
            self._reply(request, task.result())

    def _reply(self, request: Request, value: Any) -> None:
        """Answer; what a command tells is JSON already, and may be long."""
        try:
            plain = request.method == types.WORKSPACE_EXECUTE_COMMAND
            self._send(result(request.id, value if plain else self._converter.unstructure(value)))
        except (TypeError, ValueError) as error:
            self._send_failure(request.id, INTERNAL_ERROR, log_fault(request.method, error))

    def _cancel(self, call_id: object) -> None:
        """Answer at once; the work ends at its next await."""
        if not isinstance(call_id, (int, float, str)):
            return
        task = self._live.pop(call_id, None)
        if task is not None:
            task.cancel()
            self._send_failure(call_id, REQUEST_CANCELLED, "cancelled")

    def _note(self, note: Notification) -> None:
        handler = self.fm.features.get(note.method)
        if handler is None:
            return
        try:
            params = self._structured(note.method, note.params)
        except ProtocolError as error:
            _log.warning("a notification was refused: %s", error)
            if self.on_lost is not None:
                self.on_lost(note.method, note.params)
            return
        try:
            outcome = handler(params)
        except Exception as error:
            log_fault(note.method, error)
            return
        if inspect.isawaitable(outcome):
            self._hold(outcome, note.method).add_done_callback(partial(_log_failure, note.method))

    def _answered(self, response: Response) -> None:
        """Settle one of our own requests; an answer to none of them is ignored."""
        if not isinstance(response.id, str):
            return
        kind = self._result_types.pop(response.id, None)
        future = self._request_futures.pop(response.id, None)
        if future is None or future.done():
            return
        if response.error is not None:
            code, text = response.error.get("code"), response.error.get("message")
            future.set_exception(
                JsonRpcException(
                    text if isinstance(text, str) else "no reason given",
                    code if isinstance(code, int) else INTERNAL_ERROR,
                )
            )
            return
        try:
            whole = {"jsonrpc": "2.0", "id": response.id, "result": response.result}
            future.set_result(self._converter.structure(whole, kind).result if kind else response.result)
        except Exception as error:
            future.set_exception(ProtocolError(INVALID_PARAMS, _first_detail(error)))

    def _structured(self, method: str, raw: Any) -> Any:
        """Turn params into their LSP type, or leave them as they are where LSP knows none."""
        known = types.METHOD_TO_TYPES.get(method)
        if known is None or known[2] is None:
            return raw
        if raw is None:
            raw = {}
        if not isinstance(raw, Mapping):
            raise ProtocolError(INVALID_PARAMS, f"{method}: params must be an object")
        try:
            kind: Any = known[2]
            return self._converter.structure(raw, kind)
        except Exception as error:
            raise ProtocolError(INVALID_PARAMS, f"{method}: {_first_detail(error)}") from None

    def _hold(self, work: Awaitable[Any], name: str) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        task.set_name(name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _send_failure(self, call_id: MessageId, code: int, message: str) -> None:
        self._send(failure(call_id, code, message))

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._outbox is not None:
            self._outbox.send(message)

    def _send_data(self, data: Any) -> None:
        """Send a message that pygls built (a notification or a request of ours)."""
        if self.congested and getattr(data, "method", "") in _SPARED_WHEN_CONGESTED:
            return
        self._send(self._converter.unstructure(data))


class TwolaneServer(LanguageServer):
    """pygls' server object, for registering features and for calling the client."""

    protocol: TwolaneProtocol

    def window_show_message(self, params: types.ShowMessageParams) -> None:
        """Show a message without links: it may quote a stranger's file, and a click runs what VS Code makes a link."""
        params.message = params.message.replace("](", "] (")
        super().window_show_message(params)


def strict_converter() -> Converter:
    """Return pygls' converter, except that a number is no text and a text no number."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]  # pygls leaves it so
    converter.register_structure_hook(int, _whole)
    converter.register_structure_hook(str, _text)
    return converter


def warmed(converter: Converter) -> Converter:
    """The same, having read and written what every keystroke brings: for each type the first time takes 10 to 20 ms."""
    place = types.Position(0, 0)
    span, document = types.Range(place, place), types.TextDocumentIdentifier("")
    whole = types.TextDocumentContentChangeWholeDocument("")
    change = types.TextDocumentContentChangePartial(span, "")
    chosen = types.SelectedCompletionInfo(span, "")
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic, chosen)
    for params in (
        types.DidOpenTextDocumentParams(types.TextDocumentItem("", "", 0, "")),
        types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(0, ""), [change, whole]),
        types.DidSaveTextDocumentParams(document, ""),
        types.DidCloseTextDocumentParams(document),
        types.InlineCompletionParams(context, document, place),
        types.ExecuteCommandParams("", []),
    ):
        converter.structure(converter.unstructure(params), type(params))
    item = types.InlineCompletionItem("", "", span, types.Command("", "", arguments=[]))
    converter.unstructure([item])
    return converter


def _whole(value: Any, kind: type) -> Any:
    """Read an integer (2.0 is one), a boolean, or an enumeration of integers."""
    if kind is bool:
        if not isinstance(value, bool):
            raise TypeError("must be true or false")
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise TypeError("must be an integer")
    return kind(int(value))


def _text(value: Any, kind: type) -> Any:
    """Read a string, or an enumeration of strings."""
    if not isinstance(value, str):
        raise TypeError("must be a string")
    return kind(value)


def _is_notification(method: str) -> bool:
    known = types.METHOD_TO_TYPES.get(method)
    return known is not None and known[1] is None and not hasattr(known[0], "id")


def _first_detail(error: Exception) -> str:
    """Say what is wrong and where, without quoting what was sent."""
    try:
        details = transform_error(error, format_exception=_without_values)
    except Exception:
        details = []
    return details[0] if details else "the params are not what LSP asks for"


def _without_values(error: BaseException, kind: type | None) -> str:
    if isinstance(error, KeyError):
        return "a required field is missing"
    if isinstance(error, TypeError) and str(error).startswith("must be"):
        return str(error)
    name = getattr(kind, "__name__", "")
    return f"not a valid {name}" if name else "not a value that LSP allows"


def _log_failure(method: str, task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log_fault(method, error)
