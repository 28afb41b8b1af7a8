"""A text as bytes of a few classes of characters, in which what may be a secret is found several times as fast.

The engine of regular expressions looks for a single first character several times as fast as for one of a set. So all
digits become `0`, all quotes `"`, and every character of the text is one byte, at the same place.
"""

from __future__ import annotations

import string

WORD = rb"a0+./"
"""The classes that a long word is made of: letters, digits and `_~-`, and three signs that stand for themselves."""

_CLASSES = {
    string.digits: "0",
    string.ascii_letters + "_~-": "a",
    "\"'`": '"',
    "<>": "<",
    "&|\\": "&",
    "\n": "\n",
    " \t\r\f\v\x1c\x1d\x1e\x1f\x85\xa0": " ",
    **dict(zip("+./=#(", "+./=#(", strict=True)),
}
"""Whatever is not here is `,`; what is no ASCII and no blank is `u`."""

_WIDE_BLANKS = "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def _table() -> bytes:
    table = bytearray(b"," * 128 + b"u" * 128)
    for chars, name in _CLASSES.items():
        for char in chars:
            table[ord(char)] = ord(name)
    return bytes(table)


_PLAIN = _table()
_WIDE = _PLAIN[: ord("?")] + b"u" + _PLAIN[ord("?") + 1 :]
"""For texts with other characters than Latin-1, which come as question marks."""


def classes(text: str) -> bytes:
    """The class of each character."""
    if text.isascii():
        return text.encode("ascii").translate(_PLAIN)
    for blank in _WIDE_BLANKS:
        if blank in text:
            text = text.replace(blank, " ")
    return text.replace("?", "!").encode("latin-1", "replace").translate(_WIDE)
