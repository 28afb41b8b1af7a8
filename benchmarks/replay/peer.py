"""llama.cpp's own server, asked for holes: through `/infill`, and with the prompt that our engine would make."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

from twolane.clients.engine.families import STARTER
from twolane.clients.model import InfillRequest

from .holes import Hole

_BEFORE_CHARS, _AFTER_CHARS = 4_000, 1_300
"""As much as the other side sees of a file, where the model's window holds 2,048 tokens."""


def infill(url: str, hole: Hole, max_tokens: int) -> tuple[str, float]:
    """Ask `/infill` as any client does: text and milliseconds."""
    before, after = _window(hole)
    body = {"input_prefix": before, "input_suffix": after, "prompt": "", "n_predict": max_tokens}
    return _asked(f"{url}/infill", body)


def alone(url: str, hole: Hole, max_tokens: int) -> tuple[str, float]:
    """Ask for a completion of the starter's own form of prompt, without other files: text and milliseconds."""
    before, after = _window(hole)
    request = InfillRequest(before, after, hole.path.name, "", hole.path.parent.name)
    prompt = "".join(piece.text for piece in STARTER.render(request))
    return _asked(f"{url}/completion", {"prompt": prompt, "n_predict": max_tokens})


def _window(hole: Hole) -> tuple[str, str]:
    before = hole.before[-_BEFORE_CHARS:]
    if len(hole.before) > _BEFORE_CHARS:
        before = before[before.find("\n") + 1 :]
    return before, hole.after[:_AFTER_CHARS]


def _asked(url: str, body: dict[str, Any]) -> tuple[str, float]:
    data = json.dumps(body | {"temperature": 0, "cache_prompt": True}).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as answer:
        text = str(json.load(answer)["content"])
    return text, (time.perf_counter() - began) * 1000
