"""What the command line asks of the engine: how it is, to come, to go."""

from __future__ import annotations

import asyncio
from types import NoneType
from typing import Any

from ..errors import ModelUnavailable
from . import holder, trial, wire
from .client import Link, LocalEngine
from .endpoint import Endpoint, locate
from .launch import Peer, connect
from .spec import EngineOptions, ModelSpec


async def status(endpoint: Endpoint | None = None) -> dict[str, Any]:
    """Describe the running engine, or say ``{"running": False}``; nothing is started.

    Raise `ModelUnavailable` where something else sits on its socket, or an engine of another version.
    """
    endpoint = endpoint or locate()
    peer = await _peer(endpoint)
    value: dict[str, Any] = {"running": False}
    if peer:
        link = Link(peer, lambda _, __: None, lambda _: None)
        answer: object = value
        try:
            answer = await link.call({"t": "status"})
        except ModelUnavailable:
            pass  # it left while it was asked
        finally:
            await link.close()
        if answer is not value:
            value = _checked(answer, endpoint)
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
    """Ask the engine to leave and wait until it has; False where none was running. One that hangs is killed.

    What earlier engines died of is forgotten with it.
    """
    endpoint = endpoint or locate()
    try:
        peer = await _peer(endpoint)
    except ModelUnavailable:
        if await asyncio.to_thread(holder.evict, endpoint):
            trial.forget(endpoint.folder)
            return True
        raise
    if peer is None:
        trial.forget(endpoint.folder)
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


_STATUS: dict[str, type | tuple[type, ...]] = {
    "running": bool,
    "pid": int,
    "uptime_s": (int, float),
    "clients": int,
    "queue": int,
    "model": (str, NoneType),
    "device": (str, NoneType),
    "slots": list,
    "models": list,
    "memory": dict,
}
_SLOT: dict[str, type | tuple[type, ...]] = {"file": (str, NoneType), "tokens": int, "busy": bool}
_MODEL: dict[str, type | tuple[type, ...]] = {"path": str}
_MEMORY: dict[str, type | tuple[type, ...]] = {"rss_bytes": int, "models_bytes": int, "kv_bytes": int}


def _checked(value: object, endpoint: Endpoint) -> dict[str, Any]:
    """Return the engine's account of itself; raise `ModelUnavailable` where it is none."""
    if (
        isinstance(value, dict)
        and _has(value, _STATUS)
        and _has(value["memory"], _MEMORY)
        and all(_has(slot, _SLOT) for slot in value["slots"])
        and all(_has(model, _MODEL) for model in value["models"])
    ):
        return value
    raise ModelUnavailable(
        f"What answers at {endpoint.socket} does not answer as the engine of this version would: `twolane engine stop`."
    )


def _has(value: object, kinds: dict[str, type | tuple[type, ...]]) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), kind) for key, kind in kinds.items())


async def _peer(endpoint: Endpoint) -> Peer | None:
    endpoint.check()
    try:
        return await connect(endpoint)
    except (FileNotFoundError, ConnectionError):
        return None
    except OSError as error:
        raise ModelUnavailable(f"The engine cannot be asked at {endpoint.socket} ({error}).") from error
