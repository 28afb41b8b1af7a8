"""The JSON-RPC envelope: bodies to messages and back, with nothing but the standard library."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeGuard

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800

MessageId = int | float | str


@dataclass(frozen=True, slots=True)
class Request:
    """A call that must be answered exactly once."""

    id: MessageId
    method: str
    params: Any


@dataclass(frozen=True, slots=True)
class Notification:
    """A call that is never answered."""

    method: str
    params: Any


@dataclass(frozen=True, slots=True)
class Response:
    """The client's answer to a call of ours; `error` is None where it succeeded."""

    id: MessageId
    result: Any
    error: Mapping[str, Any] | None


Message = Request | Notification | Response


class ProtocolError(Exception):
    """A call that is answered with an error: `code` as JSON-RPC and LSP number them, one line for people.

    `id` is the call's own where it could be read, else None.
    """

    def __init__(self, code: int, message: str, id: MessageId | None = None) -> None:  # noqa: A002 - its name
        super().__init__(message)
        self.code = code
        self.id = id


def decode(body: bytes) -> Message:
    """Read one message; raise `ProtocolError` where it is none. The error never quotes the body."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ProtocolError(PARSE_ERROR, f"the message is not UTF-8 (byte {error.start})") from None
    except RecursionError:
        raise ProtocolError(PARSE_ERROR, "the message is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ProtocolError(PARSE_ERROR, f"the message is not JSON (character {error.pos})") from None
    except ValueError:
        raise ProtocolError(PARSE_ERROR, "the message holds a number that JSON does not allow") from None
    if isinstance(value, list):
        raise ProtocolError(INVALID_REQUEST, "LSP has no batches: send one message at a time")
    if not isinstance(value, dict):
        raise ProtocolError(INVALID_REQUEST, "a message is a JSON object")
    return _message(value)


def _message(value: dict[str, Any]) -> Message:
    given = value.get("id")
    call_id = given if _usable_id(given) else None
    method = value.get("method")
    if value.get("jsonrpc") != "2.0":
        raise ProtocolError(INVALID_REQUEST, 'a message says "jsonrpc": "2.0"', call_id)
    if "method" in value:
        if not isinstance(method, str):
            raise ProtocolError(INVALID_REQUEST, "a method is a string", call_id)
        if "id" not in value:
            return Notification(method, value.get("params"))
        if call_id is None:
            raise ProtocolError(INVALID_REQUEST, "a request's id is a number or a string")
        return Request(call_id, method, value.get("params"))
    error = value.get("error")
    if call_id is None or ("result" not in value and not isinstance(error, dict)):
        raise ProtocolError(INVALID_REQUEST, "the message is neither a call nor an answer", call_id)
    return Response(call_id, value.get("result"), error if isinstance(error, dict) else None)


def _usable_id(value: Any) -> TypeGuard[MessageId]:
    """Whether an answer can carry it: JSON reads 1e999 as infinity, and has no way to write that."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def encode(message: Mapping[str, Any]) -> bytes:
    """Write one framed message, plain ASCII, so that any text survives (lone surrogates too).

    Raise `TypeError` or `ValueError` for what is not JSON.
    """
    body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii")
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def result(call_id: MessageId, value: Any) -> dict[str, Any]:
    """Answer a request."""
    return {"jsonrpc": "2.0", "id": call_id, "result": value}


def failure(call_id: MessageId | None, code: int, message: str) -> dict[str, Any]:
    """Answer a request that cannot be served, or (id None) a message that could not be read."""
    return {"jsonrpc": "2.0", "id": call_id, "error": {"code": code, "message": message}}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
