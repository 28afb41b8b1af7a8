"""Anthropic's Messages API in the mouth of a script."""

from __future__ import annotations

import json
from typing import Any

from .server import Conversation, Script

USAGE = {
    "input_tokens": 11,
    "cache_read_input_tokens": 5,
    "cache_creation_input_tokens": 3,
    "output_tokens": 1,
}


def event(kind: str, **data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()


def start() -> bytes:
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": USAGE,
    }
    return event("message_start", message=message)


def opened(index: int = 0) -> bytes:
    return event("content_block_start", index=index, content_block={"type": "text", "text": ""})


def delta(text: str, index: int = 0) -> bytes:
    return event("content_block_delta", index=index, delta={"type": "text_delta", "text": text})


def closed(index: int = 0) -> bytes:
    return event("content_block_stop", index=index)


def ending(reason: str | None = "end_turn", output_tokens: int = 7) -> bytes:
    change = {"stop_reason": reason, "stop_sequence": None}
    told = event("message_delta", delta=change, usage={"output_tokens": output_tokens})
    return told + event("message_stop")


PING = event("ping")


def answer(*texts: str, reason: str | None = "end_turn") -> bytes:
    """A whole answer in one text block."""
    return start() + opened() + b"".join(map(delta, texts)) + closed() + ending(reason)


def says(*texts: str, reason: str | None = "end_turn") -> Script:
    """Answer so, and keep the connection."""
    return sends(answer(*texts, reason=reason))


def sends(body: bytes, *, slice_to: int = 0) -> Script:
    """Send this event stream, and keep the connection."""

    async def script(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(body, slice_to=slice_to)
        await talk.end()

    return script


def refuses(status: int, kind: str = "", message: str = "no", **headers: str) -> Script:
    """Answer with an error in the API's form."""
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}

    async def script(talk: Conversation) -> None:
        await talk.whole(status, json.dumps(body).encode(), request_id="req_1", **headers)

    return script
