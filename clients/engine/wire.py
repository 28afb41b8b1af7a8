"""What client and engine say to each other; the only module both sides share, but for `proof` on loopback.

A frame is four bytes of big-endian length and that many bytes of ASCII JSON holding one object, at most
`MAX_FRAME` bytes. `t` names the message. JSON escapes carry any Python string, lone surrogates included.

client → engine                                       engine → client
hello   {protocol, number, idle_exit_s}               welcome {protocol, version, pid}
        `idle_exit_s` may be absent: then the client has no say in when the engine leaves
        `number` stands there on loopback only; there the welcome comes after
                                                      challenge {number, proof}
proof   {proof}
infill  {id, model, request}                          text {id, text, usage} …, then done {id, usage} or error;
        stops the older infills of this connection that it makes pointless: those of the same file and a lower
        priority, or both live, or both warm
cancel  {id}                                          (the infill answers with done, finish "cancelled")
info    {id, model}      waits for the model          result {id, value}, or error
count   {id, model, texts}                            result {id, value}, or error
status  {id}                                          result {id, value}
ping    {id}                                          result {id, value: null}
stop    {id}                                          result {id, value: null}, then bye to everybody
                                                      loading {model, progress, refused}
                                                      bye {reason}   the engine leaves on purpose
loading ends with progress 1.0; `refused` is then why there is no model after all, else empty.
error is {id, kind, message, progress}; its kinds are those of `errors`.
"""

from __future__ import annotations

import asyncio
import json
import struct
from dataclasses import is_dataclass
from typing import Any, cast, get_args

from .. import errors
from ..model import Extra, InfillRequest, ModelInfo, Priority, Usage
from .spec import ModelSpec

PROTOCOL = 7
MAX_FRAME = 32 << 20

Message = dict[str, Any]

_NOT_OURS = "The engine answers what this version does not understand: `twolane engine stop`, then ask again."
_LENGTH = struct.Struct(">I")
_LONGEST_STAY_SECONDS = 1e9
_ERRORS: dict[str, type[errors.ModelError]] = {
    kind.kind: kind
    for kind in (
        errors.ModelUnavailable,
        errors.ModelCrashed,
        errors.ModelTimeout,
        errors.ModelRefused,
        errors.RequestRefused,
    )
}


class BrokenFrame(Exception):
    """The other side does not speak this protocol; the connection is of no more use."""


def encode(message: Message) -> bytes:
    """Make the frame of `message`."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    return _LENGTH.pack(len(body)) + body


async def read(reader: asyncio.StreamReader, longest: int = MAX_FRAME) -> Message | None:
    """Read one message, of at most `longest` bytes; None at the end of the stream. Raise `BrokenFrame` on all else."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(4))
        if length > longest:
            raise BrokenFrame(f"a frame of {length} bytes")
        message = json.loads(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except (ValueError, RecursionError) as error:
        raise BrokenFrame("a frame that is not JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("t"), str):
        raise BrokenFrame("a frame that is not a message")
    return message


def to_wire(value: Any) -> Any:
    """Make the JSON form of one of the seam's records; anything else is returned as it is."""
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple):
        return [to_wire(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_wire(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def idle_exit_from_wire(hello: Message) -> float | None:
    """How long a client wants the engine to stay while nobody asks for anything; None where it does not say."""
    seconds = hello.get("idle_exit_s")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= _LONGEST_STAY_SECONDS:
        return None
    return float(seconds)


def request_from_wire(value: Message) -> InfillRequest:
    """Rebuild an infill request; raise `RequestRefused` where a field is missing or of the wrong kind."""
    try:
        extras = tuple(Extra(path=str(extra["path"]), text=str(extra["text"])) for extra in value["extras"])
        return InfillRequest(
            prefix=str(value["prefix"]),
            suffix=str(value["suffix"]),
            path=str(value["path"]),
            workspace=str(value["workspace"]),
            repository=str(value["repository"]),
            extras=extras,
            max_tokens=_count(value["max_tokens"]),
            time_limit_ms=_count(value["time_limit_ms"]),
            stop=tuple(str(stop) for stop in value["stop"]),
            priority=_priority(value["priority"]),
            heals=bool(value["heals"]),
            alternative=_count(value["alternative"]),
            hypotheses=_count(value["hypotheses"]),
            copies=bool(value["copies"]),
            onward=str(value["onward"]),
            document=str(value["document"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise errors.RequestRefused(f"The infill request is malformed ({error!r}).") from error


def _count(value: Any) -> int:
    count = int(value)
    if count < 0:
        raise ValueError(f"a number below zero: {value!r}")
    return count


def _priority(value: object) -> Priority:
    for known in get_args(Priority):
        if value == known:
            return cast(Priority, known)
    raise ValueError(f"no such priority: {value!r}")


def spec_from_wire(value: Any) -> ModelSpec:
    """Rebuild a specification; raise `RequestRefused` where it is malformed."""
    try:
        return ModelSpec.rebuilt(value)
    except (KeyError, TypeError, ValueError) as error:
        raise errors.RequestRefused(f"The model's specification is malformed ({error!r}).") from error


def usage_from_wire(value: Message) -> Usage:
    """Rebuild a usage record; raise `ModelUnavailable` where it is malformed."""
    try:
        return Usage(**value)
    except TypeError as error:
        raise errors.ModelUnavailable(_NOT_OURS) from error


def info_from_wire(value: Message) -> ModelInfo:
    """Rebuild a model's description; raise `ModelUnavailable` where it is malformed."""
    try:
        return ModelInfo(**value)
    except TypeError as error:
        raise errors.ModelUnavailable(_NOT_OURS) from error


def error_to_wire(error: errors.ModelError) -> Message:
    """Make the fields of an error message."""
    progress = error.progress if isinstance(error, errors.ModelLoading) else None
    return {"kind": error.kind, "message": str(error), "progress": progress}


def error_from_wire(message: Message) -> errors.ModelError:
    """Rebuild the error that the engine raised."""
    text = str(message.get("message", ""))
    if message.get("kind") == errors.ModelLoading.kind:
        return errors.ModelLoading(text, float(message.get("progress") or 0.0))
    return _ERRORS.get(str(message.get("kind")), errors.ModelError)(text)
