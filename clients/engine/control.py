"""What the command line asks of the engine: how it is, to come, to go."""

from __future__ import annotations

import asyncio
from typing import Any

from ..errors import ModelUnavailable
from . import holder, wire
from .client import Link, LocalEngine
from .endpoint import Endpoint, locate
from .launch import Peer, connect
from .spec import EngineOptions, ModelSpec


async def status(endpoint: Endpoint | None = None) -> dict[str, Any]:
    """Describe the running engine, or say ``{"running": False}``; nothing is started.

    Raise `ModelUnavailable` where something else sits on its socket.
    """
    endpoint = endpoint or locate()
    peer = await _peer(endpoint)
    value: dict[str, Any] = {"running": False}
    if peer:
        link = Link(peer, lambda _: None, lambda _: None)
        try:
            value = await link.call({"t": "status"})
        except ModelUnavailable:
            pass  # it left while it was asked
        finally:
            await link.close()
    return {**value, "socket": str(endpoint.socket), "log": str(endpoint.log)}


async def start(model: ModelSpec, options: EngineOptions, endpoint: Endpoint | None = None) -> dict[str, Any]:
    """Start the engine if need be, load `model`, and answer as `status`; raise `ModelError`."""
    engine = LocalEngine(model, options, endpoint=endpoint)
    try:
        await engine.info()
    finally:
        await engine.close()
    return await status(endpoint)


async def stop(endpoint: Endpoint | None = None) -> bool:
    """Ask the engine to leave and wait until it has; False where none was running. One that hangs is killed."""
    endpoint = endpoint or locate()
    try:
        peer = await _peer(endpoint)
    except ModelUnavailable:
        if await asyncio.to_thread(holder.evict, endpoint):
            return True
        raise
    if peer is None:
        return False
    peer.writer.write(wire.encode({"t": "stop", "id": 1}))
    try:
        async with asyncio.timeout(10.0):
            while await wire.read(peer.reader) is not None:
                pass
    except TimeoutError as error:
        raise ModelUnavailable(f"The engine (process {peer.pid}) does not leave: kill it.") from error
    finally:
        await peer.close()
    return True


async def _peer(endpoint: Endpoint) -> Peer | None:
    endpoint.check()
    try:
        return await connect(endpoint)
    except (FileNotFoundError, ConnectionError):
        return None
    except OSError as error:
        raise ModelUnavailable(f"The engine cannot be asked at {endpoint.socket} ({error}).") from error
