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
_JOINED = re.compile("(?<=[A-Za-z0-9_$])[\u200c\u200d]+(?=[A-Za-z0-9_$])")
"""Nobody sees them in a name; between letters of other scripts, and in pictures, they have a meaning."""

_LIKE_LATIN = (
    "\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"  # Greek, of what looks so
    "\u0400-\u052f\u0531-\u0589\u13a0-\u13fd\uff21-\uff5a"  # Cyrillic, Armenian, Cherokee, wide letters
)
_MIXED = re.compile(f"(?=\\w*[{_LIKE_LATIN}])(?=\\w*[A-Za-z])\\b\\w+")
"""Words of Latin letters and of others that look the same: two names that nobody can tell apart."""


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
            said = f"The text for {change.path} holds {names}, which nobody sees."
            found.append(Fault("characters", said, change.path, line))
        elif strange := _mixed(new, original.text if original is not None else ""):
            said = f"The text for {change.path} holds {strange!a}, which mixes letters that look alike."
            found.append(Fault("characters", said, change.path, line))
    return found


def _count(text: str) -> Counter[str]:
    if text.isascii() and text.isprintable():
        return Counter()
    found = Counter(char for char in _UNWANTED.findall(text.replace("\r\n", "\n")) if char != _EMOJI_STYLE)
    return found + Counter(char for run in _JOINED.findall(text) for char in run)


def _mixed(new: str, before: str) -> str:
    """A word of letters that look alike and that the file did not have; '' without one."""
    if new.isascii():
        return ""
    return next((word for word in _MIXED.findall(new) if word not in before), "")
