"""Model servers that speak OpenAI's API, each with what only it answers, in the mouth of a script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .server import Conversation, Script


def sse(*events: object, done: bool = True) -> bytes:
    """An event stream of these objects (bytes go as they are), ended as OpenAI's is."""
    parts = [event if isinstance(event, bytes) else f"data: {json.dumps(event)}\n\n".encode() for event in events]
    return b"".join(parts) + (b"data: [DONE]\n\n" if done else b"")


def completion(*texts: str, finish: str | None = "stop", prompt_tokens: int = 9) -> bytes:
    """A streamed answer of /v1/completions."""
    pieces = [{"choices": [{"index": 0, "text": text, "finish_reason": None}]} for text in texts]
    end = {"choices": [{"index": 0, "text": "", "finish_reason": finish}]}
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": len(texts),
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    return sse(*pieces, end, {"choices": [], "usage": usage})


def conversation(*texts: str, finish: str | None = "stop", **last: Any) -> bytes:
    """A streamed answer of /v1/chat/completions."""
    pieces = [{"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in texts]
    end = {"choices": [{"index": 0, "delta": last, "finish_reason": finish}]}
    usage = {"prompt_tokens": 20, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 16}}
    return sse(*pieces, end, {"choices": [], "usage": usage})


Routes = Mapping[str, object]


def serves(routes: Routes, **headers: str) -> Script:
    """Answer by path: an object is sent as JSON, a number is a status, bytes are an event stream, a script runs.

    A question with an empty body to a path that is there is refused, as by servers that check their input.
    """

    async def script(talk: Conversation) -> None:
        answer = routes.get(talk.request.path, 404)
        probing = talk.request.method == "POST" and talk.request.body == b"{}"
        if callable(answer):
            await answer(talk)
        elif answer == 404:
            await talk.whole(404, b'{"detail": "Not Found"}')
        elif probing or isinstance(answer, int):
            status = 400 if probing else answer
            assert isinstance(status, int)
            await talk.whole(status, b'{"error": {"message": "no"}}', **headers)
        elif isinstance(answer, bytes):
            await talk.head()
            await talk.chunk(answer)
            await talk.end()
        else:
            await talk.whole(200, json.dumps(answer).encode(), **headers)

    return script


def models(*names: str, **more: Any) -> dict[str, Any]:
    return {"object": "list", "data": [{"id": name, "object": "model", **more} for name in names]}
