"""The engine: whether it has a place of its own, whether it answers, whether something else sits there."""

from __future__ import annotations

import asyncio
import shlex
from typing import Any

from ... import __version__
from ...clients.engine import control, holder
from ...clients.engine.endpoint import Endpoint, locate
from ...clients.errors import ModelError
from .check import Check

_ANSWER_SECONDS = 10.0
_ELSEWHERE = "export XDG_RUNTIME_DIR=$(mktemp -d)"


def engine() -> list[Check]:
    """Find the engine's folder and ask the engine for its state; nothing is started."""
    try:
        endpoint = locate()
    except ModelError as error:
        return [Check("runtime", "error", str(error), _ELSEWHERE)]
    return [Check("runtime", "ok", str(endpoint.folder)), _answering(endpoint)]


def _answering(endpoint: Endpoint) -> Check:
    try:
        answer = asyncio.run(_status(endpoint))
        if not answer["running"] and (lock := holder.lock(endpoint)):
            lock.release()
    except TimeoutError:
        detail = f"runs but does not answer within {_ANSWER_SECONDS:.0f} s"
        return Check("engine", "error", detail, "twolane engine stop")
    except ModelError as error:
        in_the_way = endpoint.unix and endpoint.socket.exists() and not endpoint.socket.is_socket()
        fix = f"rm -r {shlex.quote(str(endpoint.socket))}" if in_the_way else _ELSEWHERE
        return Check("engine", "error", str(error), fix)
    if not answer["running"]:
        return Check("engine", "ok", f"not running; it starts when it is needed, on {answer['socket']}")
    others = answer["clients"] - 1
    model = answer["model"] or "no model yet"
    detail = f"process {answer['pid']} answers: {model}, {others} other client{'' if others == 1 else 's'}"
    if (version := answer.get("version")) != __version__:
        detail += f"; it is of Twolane {version}, and this is {__version__}"
        return Check("engine", "warning", detail, "twolane engine stop")
    return Check("engine", "ok", detail)


async def _status(endpoint: Endpoint) -> dict[str, Any]:
    async with asyncio.timeout(_ANSWER_SECONDS):
        return await control.status(endpoint)
