"""LSP positions: lines as LSP ends them, columns in the negotiated code units, clamped as the spec asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]
LINE_END = re.compile(r"\r\n|\r|\n")
"""The only line ends LSP knows; a form feed or U+2028 is an ordinary character."""

_PAIR = re.compile("([\ud800-\udbff])([\udc00-\udfff])")


class Column(NamedTuple):
    """A place in a line, in code points; `exact` is False where the asked place lies inside a character."""

    offset: int
    exact: bool


def negotiate(offered: object) -> Encoding:
    """Choose the first encoding the client prefers that exists; UTF-16 where it names none."""
    if isinstance(offered, Sequence) and not isinstance(offered, str):
        for name in offered:
            if name == "utf-8":
                return "utf-8"
            if name == "utf-16":
                return "utf-16"
            if name == "utf-32":
                return "utf-32"
    return "utf-16"


def column(line: str, units: int, encoding: Encoding) -> Column:
    """Find where `units` code units into `line` (without its line end) is, in code points.

    Past the end is the end; inside a character is before that character, and not exact.
    """
    if encoding == "utf-32" or line.isascii():
        return Column(min(max(units, 0), len(line)), True)
    head = line[: max(units, 0)]
    if encoding == "utf-16":
        coded = head.encode("utf-16-le", "surrogatepass")
        cut = units * 2
        inside = len(coded) > cut > 0 and coded[cut + 1] & 0xFC == 0xDC and coded[cut - 1] & 0xFC == 0xD8
        return Column(len(coded[: cut - 2 * inside].decode("utf-16-le", "surrogatepass")), not inside)
    coded = head.encode("utf-8", "surrogatepass")
    if len(coded) <= units:
        return Column(len(head), True)
    cut = units
    while cut > 0 and coded[cut] & 0xC0 == 0x80:
        cut -= 1
    return Column(len(coded[:cut].decode("utf-8", "surrogatepass")), cut == units)


def width(text: str, encoding: Encoding) -> int:
    """Count the code units of `text`."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def joined_surrogates(text: str) -> str:
    """Join halves of a pair that edits brought together, as every UTF-16 client sees them."""
    return text if encodable(text) else _PAIR.sub(_join, text)


def encodable(text: str) -> bool:
    """Tell whether a text can be written as UTF-8: half a surrogate pair cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _join(pair: re.Match[str]) -> str:
    return chr(0x10000 + ((ord(pair[1]) - 0xD800) << 10) + (ord(pair[2]) - 0xDC00))
