"""What followed the same text before, told where a small model would only nearly repeat it.

Code says the same things again, and a model of a few million weights knows when, but often slips in the midst of it:
behind twenty letters that stood in the text before, what followed them then is right more often than what it thinks.
The model still says where a line and the answer end. Grave et al. 2017 ("Improving Neural Language Models with a
Continuous Cache") mix both at every word; here one of them speaks, so that what is copied is copied whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..model import InfillRequest

_ALIKE = 20
"""So many bytes that are no white space must be the same before. With 16 as many right answers are lost as gained, with
24 fewer are gained (300 holes of one line in packages that nothing was trained on)."""

_LONGEST_ALIKE = 200
"""White space and all; what is stretched further is not looked for."""

_PLACES = 3
"""The nearest places that must all go on alike."""

_REACH = 48
"""Bytes behind each place that are looked at."""

_BREAK = b"\0"
_PARAGRAPH = re.compile(rb"[ \t]*\n[ \t]*\n")


class Pieces:
    """The tokens of a vocabulary that are text, by what they spell."""

    def __init__(self, size: int, piece: Callable[[int], bytes], ends: Callable[[int], bool]) -> None:
        self._tokens = {spelt: token for token in range(size) if (spelt := piece(token)) and not ends(token)}
        self._spelt = {token: spelt for spelt, token in self._tokens.items()}
        self._longest = max(map(len, self._tokens), default=0)

    def first(self, text: bytes) -> int | None:
        """The token that spells most of the beginning of `text`; None where none does."""
        for length in range(min(self._longest, len(text)), 0, -1):
            if (token := self._tokens.get(text[:length])) is not None:
                return token
        return None

    def spell(self, text: bytes, most: int) -> list[int]:
        """At most so many tokens that spell the beginning of `text`."""
        tokens: list[int] = []
        while len(tokens) < most and (token := self.first(text)) is not None:
            tokens.append(token)
            text = text[len(self._spelt[token]) :]
        return tokens


class Copying:
    """One answer's text so far behind all that its request shows: other files, the text below, the text above."""

    def __init__(self, request: InfillRequest, taken: bytes) -> None:
        """The answer is to begin with `taken`, the end of the text above."""
        shown = [*(extra.text for extra in request.extras), request.suffix, request.prefix]
        text = "\0".join(shown).encode("utf-8", "replace")
        self._text = bytearray(text[: len(text) - len(taken)])
        self._shown = len(self._text)
        onward = request.onward.encode("utf-8", "replace")
        self._onward = taken + onward if onward else b""
        self._known: tuple[int, bytes] = (-1, b"")

    def said(self, spelling: bytes) -> None:
        """Note a token of the answer."""
        self._text += spelling

    def instead(self, spelling: bytes, *, ends: bool, taken: bytes) -> bytes:
        """What to say in place of a token of the model's, of which `taken` is to begin; empty where that is well.

        Of what is shown the model knows best where a line or the answer ends. Another place that is followed says so
        itself, but for the end of the answer where a paragraph ends.
        """
        led = self._led()
        stays = (
            ends and _PARAGRAPH.match(led) is not None if led else ends or (not taken and spelling.startswith(b"\n"))
        )
        follows = b"" if stays else self.follows()
        return follows if follows.startswith(taken) else b""

    def _led(self) -> bytes:
        """What comes next at the other place; empty once the answer is another."""
        said = self._text[self._shown :]
        return self._onward[len(said) : len(said) + _REACH] if self._onward.startswith(said) else b""

    def follows(self) -> bytes:
        """What comes next if the answer goes on as the same text did before; empty where nothing says so.

        What the answer itself says is not copied: that would not end.
        """
        if self._known[0] != len(self._text):
            self._known = len(self._text), self._led() or self._follows()
        return self._known[1]

    def _follows(self) -> bytes:
        alike = self._end()
        found: list[bytes] = []
        at = self._text.rfind(alike, 0, self._shown - 1) if alike else -1
        while at >= 0 and len(found) < _PLACES:
            behind = at + len(alike)
            found.append(bytes(self._text[behind : min(behind + _REACH, self._shown)]).partition(_BREAK)[0])
            at = self._text.rfind(alike, 0, behind - 1)
        return _common(found)

    def _end(self) -> bytes:
        """The last bytes of the text: as many as say something, none where a part of what is shown begins in them."""
        last = bytes(self._text[-_LONGEST_ALIKE:]).rpartition(_BREAK)[2]
        letters = 0
        for at in range(len(last) - 1, -1, -1):
            letters += not last[at : at + 1].isspace()
            if letters == _ALIKE:
                return last[at:]
        return b""


def _common(texts: list[bytes]) -> bytes:
    """What all of them begin with."""
    if not texts:
        return b""
    low, high = min(texts), max(texts)
    length = next((at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    return low[:length]
