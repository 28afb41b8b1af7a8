"""Nothing invisible comes in: no control characters, none that turn text round, none that take no room."""

from __future__ import annotations

import re
from collections import Counter

from ..faults import Fault
from ..original import Change

_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed; a carriage return only in a line end
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_EMOJI_STYLE = "\ufe0f"


def faults(change: Change) -> list[Fault]:
    """Name each line into which such a character would come; those that stood there before may stay."""
    found: list[Fault] = []
    original = change.original
    if original is None:
        pairs = [(change.text, "", 1)]
    else:
        pairs = [
            (edit.text, original.text[edit.start : edit.end], original.line_of(original.to_plain(edit.start)))
            for edit in change.edits
        ]
    for new, old, line in pairs:
        more = _count(new) - _count(old)
        if more:
            names = ", ".join(f"U+{ord(char):04X}" for char in sorted(more)[:5])
            found.append(
                Fault("characters", f"The text for {change.path} holds {names}, which nobody sees.", change.path, line)
            )
    return found


def _count(text: str) -> Counter[str]:
    if text.isascii() and text.isprintable():
        return Counter()
    return Counter(char for char in _UNWANTED.findall(text.replace("\r\n", "\n")) if char != _EMOJI_STYLE)
