"""On loopback both ends prove that they know the token before anything else is said, and neither says it.

Whoever listens on the port of an engine that has died cannot, and so gets neither the token nor anybody's code. Each
proof is over a number that the other end has just drawn, so that none can be used twice.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from typing import Literal

from . import wire

End = Literal["client", "engine"]


def number() -> str:
    """A number that nobody could have known before."""
    return secrets.token_urlsafe(24)


def proof(end: End, token: str, client: str, engine: str) -> str:
    """What `end` says to show that it knows `token`, given the numbers that both ends have drawn."""
    return hmac.digest(token.encode(), "\n".join((end, client, engine)).encode("utf-8", "replace"), "sha256").hex()


def proves(told: wire.Message, end: End, token: str, client: str, engine: str) -> bool:
    """Whether a message holds the proof of `end`."""
    said = str(told.get("proof", "")).encode("utf-8", "replace")
    return hmac.compare_digest(said, proof(end, token, client, engine).encode())


async def as_client(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str, hello: wire.Message
) -> wire.Message | None:
    """Say hello; return what is answered in the end. Raise `BrokenFrame` where the other end cannot prove anything."""
    if not token:
        writer.write(wire.encode(hello))
        return await wire.read(reader)
    own = number()
    writer.write(wire.encode({**hello, "number": own}))
    told = await wire.read(reader)
    if told is None:
        return None
    other = str(told.get("number", ""))
    if told["t"] != "challenge" or not proves(told, "engine", token, own, other):
        raise wire.BrokenFrame("an answer without the proof that the token is known")
    writer.write(wire.encode({"t": "proof", "proof": proof("client", token, own, other)}))
    return await wire.read(reader)


async def as_engine(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str, hello: wire.Message, longest: int
) -> bool:
    """Whether who said hello knows the token; raise `BrokenFrame` where what is said then is no message."""
    other = hello.get("number")
    if not token or not isinstance(other, str):  # a client of an older version says the token itself
        return hmac.compare_digest(str(hello.get("token", "")).encode("utf-8", "replace"), token.encode())
    own = number()
    writer.write(wire.encode({"t": "challenge", "number": own, "proof": proof("engine", token, other, own)}))
    told = await wire.read(reader, longest)
    return told is not None and told["t"] == "proof" and proves(told, "client", token, other, own)
