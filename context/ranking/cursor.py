"""What stands around a cursor: which names how far away, and what is typed before it on its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ABOVE_CHARS, _BELOW_CHARS = 3_000, 1_500
_WORD = re.compile(r"[^\W\d]\w*")
_IMPORT_LINE = re.compile(r"\s*(?:from|import|use|using|package|#\s*include|require|pub use)\b")
_TYPED = re.compile(r"(?P<receiver>[\w.()\[\]>$:?-]*?)(?P<dot>\.|->|::|\?\.)?(?P<prefix>[^\W\d]\w*)?$")
_RECEIVER_CHARS = 120


@dataclass(frozen=True, slots=True)
class View:
    """`near` maps names to the distance in lines of the nearest use; `line` is the cursor's, 0-based.

    `receiver` is the text before the dot that the cursor follows, `dot` that dot, `prefix` what is typed of the
    name; all '' where there is none. `middle` says that something else stands before the cursor on its line.
    """

    line: int
    near: Mapping[str, int]
    receiver: str = ""
    dot: str = ""
    prefix: str = ""
    middle: bool = False


def look(text: str, offset: int) -> View:
    """Look around `offset`."""
    line = text.count("\n", 0, offset)
    above = text[max(0, offset - _ABOVE_CHARS) : offset].split("\n")[::-1]
    below = text[offset : offset + _BELOW_CHARS].split("\n")
    typed = _TYPED.search(above[0][-_RECEIVER_CHARS:]) if above[0].strip() else None
    receiver, dot, prefix = ("", "", "")
    if typed is not None:
        receiver, dot, prefix = typed["receiver"] or "", typed["dot"] or "", typed["prefix"] or ""
        if not dot:
            receiver = ""
    near: dict[str, int] = {}
    own = above[0][: len(above[0]) - len(prefix)]
    for lines in ([own, *above[1:]], below):
        for distance, content in enumerate(lines):
            if distance and _IMPORT_LINE.match(content):
                continue
            for word in _WORD.findall(content):
                if near.get(word, distance + 1) > distance:
                    near[word] = distance
    middle = bool(above[0].strip()) and typed is not None
    return View(line, near, receiver.lstrip("("), dot, prefix, middle)
