"""Characters that no one typed, and the header lines of other files."""

from __future__ import annotations

import re

from .scene import Scene

_BROKEN = re.compile("[\ufffd\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\u202a-\u202e\u2066-\u2069\u200b\ufeff]")
_HEADER = re.compile(r"(?:#|//|--|;|/\*)?\s*(?P<path>(?:[\w.@-]+/)+[\w.@-]+\.\w{1,5})\s*(?:\*/)?$")
_OWN = re.compile(r"(?:#|//|--|;)\s*(?P<path>[\w.@/-]+\.\w{1,5})$")


def broken_characters(_scene: Scene, text: str) -> str:
    """Cut at the first half character, control character or invisible direction mark."""
    found = _BROKEN.search(text)
    return text[: found.start()] if found is not None else text


def plain_line_ends(_scene: Scene, text: str) -> str:
    """Turn every line end into "\\n"."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def path_header(scene: Scene, text: str) -> str:
    """Cut where the model begins another file: a line that is only a path, commented out or not."""
    kept: list[str] = []
    for number, line in enumerate(text.split("\n")):
        whole = scene.head + line if number == 0 else line
        if number == 0 and scene.head.strip():
            kept.append(line)
            continue
        stripped = whole.strip()
        found = _HEADER.match(stripped) or _OWN.match(stripped)
        if found is not None and (
            ("/" in found["path"] and not stripped.startswith(found["path"]))
            or found["path"] in scene.shown_paths
            or scene.path.endswith(found["path"])
        ):
            return "\n".join(kept)
        kept.append(line)
    return text
