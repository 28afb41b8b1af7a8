"""Counting by the tokenizer of the server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ..errors import RequestRefused
from . import failures
from .connection import Connection, Reply
from .probe import Capabilities

_PATIENCE_S = 15.0
_AT_ONCE = 2

Messages = list[dict[str, str]]


async def count(connection: Connection, known: Capabilities, texts: Sequence[str]) -> list[int]:
    """Count each text, without what a server adds to a prompt; raise `RequestRefused` where it has no tokenizer."""
    if not known.tokenizer:
        raise _cannot(connection, known)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(text: str) -> int:
        bodies: dict[str, dict[str, Any]] = {
            "llama.cpp": {"content": text, "model": known.model},
            "vLLM": {"model": known.model, "prompt": text, "add_special_tokens": False},
            "TabbyAPI": {"text": text, "add_bos_token": False, "encode_special_tokens": False},
        }
        async with gate:
            return await _counted(connection, known.tokenizer, bodies[known.kind])

    return list(await asyncio.gather(*(one(text) for text in texts)))


async def count_chat(connection: Connection, known: Capabilities, messages: Messages, model: str) -> int:
    """Count a conversation as the model reads it; raise `RequestRefused` where the server cannot."""
    if known.kind == "llama.cpp":
        reply = await _asked(connection, "/apply-template", {"messages": messages, "model": model})
        body = {"content": str(reply.part("prompt") or ""), "model": model, "parse_special": True, "add_special": True}
        return await _counted(connection, "/tokenize", body)
    if known.kind == "vLLM":
        return await _counted(connection, "/tokenize", {"model": model, "messages": messages})
    if known.kind == "TabbyAPI":
        return await _counted(connection, known.tokenizer, {"text": messages})
    if known.kind == "LiteLLM":
        return await _counted(connection, "/utils/token_counter", {"model": model, "messages": messages})
    raise _cannot(connection, known)


async def _counted(connection: Connection, path: str, body: dict[str, Any]) -> int:
    reply = await _asked(connection, path, body)
    for key in ("count", "length", "total_tokens"):
        if isinstance(number := reply.part(key), int):
            return number
    if isinstance(tokens := reply.part("tokens"), list):
        return len(tokens)
    raise failures.garbled(connection.host, "no count of tokens")


async def _asked(connection: Connection, path: str, body: dict[str, Any]) -> Reply:
    reply = await connection.ask("POST", path, body, patience_s=_PATIENCE_S)
    if reply.status != 200:
        raise failures.from_status(reply.status, reply.body, reply.headers, connection.host)
    return reply


def _cannot(connection: Connection, known: Capabilities) -> RequestRefused:
    return RequestRefused(f"{connection.host} ({known.kind}) has no tokenizer that can be asked.")
