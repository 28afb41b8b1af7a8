"""JSON as configuration files are written: with comments and trailing commas."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_CHARS = 1_000_000

_TOKEN = re.compile(r'("(?:[^"\\\n]|\\.)*+"?)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_TRAILING = re.compile(r'("(?:[^"\\\n]|\\.)*+"?)|,(?=\s*[}\]])', re.DOTALL)


def parse(text: str | None) -> dict[str, Any]:
    """The object that a text holds; empty where it holds none, is too large or is nested too deeply."""
    if not text or len(text) > MAX_CHARS:
        return {}
    plain = _TOKEN.sub(_kept, text.removeprefix("\ufeff"))
    try:
        value = json.loads(_TRAILING.sub(_kept, plain))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _kept(match: re.Match[str]) -> str:
    return match[1] or ""
