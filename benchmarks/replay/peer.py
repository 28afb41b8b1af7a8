"""llama.cpp's own server, asked for holes: through `/infill`, and with the prompt that our engine would make."""

from __future__ import annotations

import http
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from twolane.clients.engine.families import STARTER
from twolane.clients.model import InfillRequest
from twolane.evaluation.holes import Hole

_BEFORE_CHARS, _AFTER_CHARS = 4_000, 1_300
"""As much as the other side sees of a file, where the model's window holds 2,048 tokens."""

_SHARES = (1.0, 0.6, 0.3)


def infill(url: str, hole: Hole, max_tokens: int) -> tuple[str, float]:
    """Ask `/infill` as any client does: text and milliseconds."""

    def body(before: str, after: str) -> dict[str, Any]:
        return {"input_prefix": before, "input_suffix": after, "prompt": "", "n_predict": max_tokens}

    return _asked(f"{url}/infill", hole, body)


def alone(url: str, hole: Hole, max_tokens: int) -> tuple[str, float]:
    """Ask for a completion of the starter's own form of prompt, without other files: text and milliseconds."""

    def body(before: str, after: str) -> dict[str, Any]:
        request = InfillRequest(before, after, hole.path.name, "", hole.path.parent.name)
        prompt = "".join(piece.text for piece in STARTER.render(request))
        return {"prompt": prompt, "n_predict": max_tokens}

    return _asked(f"{url}/completion", hole, body)


def _window(hole: Hole, share: float) -> tuple[str, str]:
    most = int(_BEFORE_CHARS * share)
    before = hole.before[-most:]
    if len(hole.before) > most:
        before = before[before.find("\n") + 1 :]
    return before, hole.after[: int(_AFTER_CHARS * share)]


def _asked(url: str, hole: Hole, body: Callable[[str, str], dict[str, Any]]) -> tuple[str, float]:
    """Ask with less of the file where the server says that it is too much for its window."""
    for share in _SHARES[:-1]:
        try:
            return _sent(url, body(*_window(hole, share)))
        except urllib.error.HTTPError as error:
            if error.code != http.HTTPStatus.BAD_REQUEST:
                raise
    return _sent(url, body(*_window(hole, _SHARES[-1])))


def _sent(url: str, body: dict[str, Any]) -> tuple[str, float]:
    data = json.dumps(body | {"temperature": 0, "cache_prompt": True}).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as answer:
        text = str(json.load(answer)["content"])
    return text, (time.perf_counter() - began) * 1000
