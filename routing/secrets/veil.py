"""Secrets replaced by placeholders on the way out and put back on the way in.

A placeholder is `Veiled_` + six letters drawn for the session + `_` + four characters that count the secrets: an
identifier of fixed length whose only capital letter is its first, so that no two can overlap and nothing around
one can be taken for a part of it. Text that looks like one of this session's is veiled like a secret.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable, Iterator
from functools import lru_cache
from threading import Lock

from .randomness import drawn, varied
from .scan import scan, united

_DIGITS = string.digits + string.ascii_lowercase
_PLACES = 4
MOST = len(_DIGITS) ** _PLACES
"""How many different secrets one session can hide."""


_FIRST = re.compile(r"[A-Za-z0-9_+/=~.-]*")
_LAST = re.compile(r"[A-Za-z0-9_+/=~.-]*\Z")
_LONGEST_HALF = 4_000
_TURNS = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])|(?<=[a-z])(?=[A-Z])")
_LEAST = 8
"""Characters of a secret that is looked for in other texts; shorter ones may be words."""


_PLACEHOLDER = re.compile(rf"Veiled_[a-z]{{6}}_[0-9a-z]{{{_PLACES}}}")

_TEXTS_KEPT = 64
_LONGEST_KEPT = 20_000
"""Texts and their characters for which it is remembered where secrets stand: with each key most pieces come again."""


class VeilFullError(RuntimeError):
    """There are more different secrets than placeholders; nothing was let through."""


class Veil:
    """Hides and restores the secrets of one session; the same secret always has the same placeholder.

    Secrets are kept in memory only. Restore an answer after its JSON has been parsed: a secret may hold quotes.
    May be used from any thread.
    """

    def __init__(self) -> None:
        self._tag = "Veiled_" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(6)) + "_"
        self._own = re.compile(re.escape(self._tag) + f"[0-9a-z]{{{_PLACES}}}")
        self._lock = Lock()
        self._by_secret: dict[str, str] = {}
        self._by_placeholder: dict[str, str] = {}
        self._remembered: tuple[str, ...] = ()
        self._scanned = lru_cache(_TEXTS_KEPT)(_parts)

    def __repr__(self) -> str:
        return f"<Veil over {len(self._by_secret)} secrets>"

    @property
    def length(self) -> int:
        """Characters of a placeholder."""
        return len(self._tag) + _PLACES

    def cover(self, text: str) -> str:
        """Replace every secret; line breaks, quotes and all else stay, so lines keep their numbers."""
        return self._replaced(text, self._hidden(text))

    def hides(self, text: str) -> bool:
        """Tell whether a text holds a secret, by itself or one that was covered before."""
        return any(known in text for known in self._remembered) or bool(scan(text))

    def cover_around(self, before: str, after: str, *, edges: bool = False) -> tuple[str, str]:
        """Replace every secret on both sides of a cursor, each half of one that the cursor stands in too.

        With `edges` the text is a part of a longer one: a word at its beginning or end that could be what is left of a
        key is replaced too.
        """
        cursor = len(before)
        across = self._hidden(before + after)
        if edges:
            across = list(united([*across, *_halves(before + after)]))
        left = [(start, min(end, cursor)) for start, end in across if start < cursor]
        right = [(max(start, cursor) - cursor, end - cursor) for start, end in across if end > cursor]
        return (
            self._replaced(before, united([*left, *self._hidden(before)])),
            self._replaced(after, united([*right, *self._hidden(after)])),
        )

    def restore(self, text: str) -> str:
        """Put the secrets back; what looks like a placeholder and is none stays."""
        return self._own.sub(lambda match: self._by_placeholder.get(match[0], match[0]), text)

    def restorer(self) -> Restorer:
        """A restorer for a text that comes in pieces."""
        return Restorer(self)

    def unfinished(self, text: str) -> int:
        """How many characters at the end of `text` could be the beginning of a placeholder."""
        capital = text.rfind(self._tag[0], max(0, len(text) - self.length + 1))
        if capital == -1:
            return 0
        tail = text[capital:]
        begun = self._tag.startswith(tail) or (
            tail.startswith(self._tag) and all(char in _DIGITS for char in tail[len(self._tag) :])
        )
        return len(tail) if begun else 0

    def _replaced(self, text: str, parts: Iterable[tuple[int, int]]) -> str:
        pieces: list[str] = []
        at = 0
        for start, end in parts:
            pieces += (text[at:start], self._placeholder(text[start:end]))
            at = end
        pieces.append(text[at:])
        return "".join(pieces)

    def _hidden(self, text: str) -> list[tuple[int, int]]:
        """Where the secrets stand, and what would be taken for a placeholder on the way back.

        A value that was a secret once is one wherever it stands: what gave it away may be cut off here.
        """
        parts = list(self._scanned(text) if len(text) <= _LONGEST_KEPT else _parts(text))
        again = [span for known in self._remembered if known in text for span in _places(text, known)]
        if any(not any(a <= start and end <= b for a, b in parts) for start, end in again):
            parts = list(united([*parts, *again]))
        if self._tag in text:
            alike = [match.span() for match in self._own.finditer(text)]
            parts += [(start, end) for start, end in alike if not any(a < end and start < b for a, b in parts)]
        return sorted(parts)

    def _placeholder(self, secret: str) -> str:
        with self._lock:
            known = self._by_secret.get(secret)
            if known is None:
                number = len(self._by_secret)
                if number >= MOST:
                    raise VeilFullError(f"more than {MOST} different secrets in one session")
                known = self._tag + "".join(_DIGITS[number // 36**place % 36] for place in range(_PLACES))
                self._by_secret[secret] = known
                self._by_placeholder[known] = secret
                if len(secret) >= _LEAST and self._tag not in secret:
                    self._remembered = (*self._remembered, secret)
        return known


def in_words(veiled: str) -> str:
    """What a model says, as it wrote it, for people: an ellipsis in the place of each secret.

    Sentences are read in logs and by others than those who may know the secrets, so nothing is put back into them.
    """
    return _PLACEHOLDER.sub("\N{HORIZONTAL ELLIPSIS}", veiled)


def _parts(text: str) -> tuple[tuple[int, int], ...]:
    """Where the secrets of a text stand."""
    return tuple(part for secret in scan(text) for part in secret.parts)


def _halves(text: str) -> Iterator[tuple[int, int]]:
    """The words at both ends that look drawn by lot; a word that was written by a person does not."""
    for word in (_FIRST.match(text), _LAST.search(text, max(0, len(text) - _LONGEST_HALF))):
        if word is not None and word[0] and (drawn(word[0]) or (len(word[0]) >= _LEAST and _mixed(word[0]))):
            yield word.span()


def _mixed(word: str) -> bool:
    """Whether letters of both cases and digits take turns in a short word."""
    return len(_TURNS.findall(word)) >= 3 and varied(word, 6)


def _places(text: str, word: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    while at != -1:
        yield at, at + len(word)
        at = text.find(word, at + len(word))


class Restorer:
    """Restores a stream: a piece that may end within a placeholder is held back until that is known."""

    def __init__(self, veil: Veil) -> None:
        self._veil = veil
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take the next piece; return what is certain by now."""
        text = self._held + piece
        keep = self._veil.unfinished(text)
        self._held = text[len(text) - keep :]
        return self._veil.restore(text[: len(text) - keep])

    def end(self) -> str:
        """The end of the stream: return what was held back."""
        text, self._held = self._held, ""
        return self._veil.restore(text)
