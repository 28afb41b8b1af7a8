"""Characters that no one typed."""

from __future__ import annotations

import re

from .scene import Scene

_BROKEN = re.compile("[\ufffd\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\u202a-\u202e\u2066-\u2069\u200b\ufeff]")


def broken_characters(_scene: Scene, text: str) -> str:
    """Cut at the first half character, control character or invisible direction mark."""
    found = _BROKEN.search(text)
    return text[: found.start()] if found is not None else text


def plain_line_ends(_scene: Scene, text: str) -> str:
    """Turn every line end into "\\n"."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
