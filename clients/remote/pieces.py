"""Text in pieces, of whole characters only."""

from __future__ import annotations


class Whole:
    """Joins surrogates that JSON escapes split over two pieces; a half that stays alone becomes U+FFFD."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: str) -> str:
        """Return what can be shown of the text so far."""
        text = self._half + piece
        self._half = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return _mended(text)

    def end(self) -> str:
        """Return what is left."""
        text, self._half = self._half, ""
        return _mended(text)


def _mended(text: str) -> str:
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
