"""Keys written in base64, as in manifests and environment files: words that decode to text with a secret in it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from .secret import Secret
from .words import Words

_LEAST = 20
"""Characters of a word that could hold a key."""

_PROBE = 16
"""So many characters are decoded first: of a word drawn by lot they are hardly ever text."""

_TEXT = re.compile(r"[\t\r\n -~]+")
_ALPHABET = re.compile(r"[A-Za-z0-9+/_-]+")
_RUN_ON = re.compile(r"[A-Za-z0-9+/_-]+={0,2}(?:(?:\\n|\r?\n[ \t]*)[A-Za-z0-9+/_-]{16,}={0,2})*")
_PART = re.compile(r"[A-Za-z0-9+/_=-]{2,}")


def encoded(text: str, words: Words, find: Callable[[str], object]) -> Iterator[Secret]:
    """Find them; `find` tells whether there is a secret in a plain text. Lines that go on belong to it."""
    for word in dict.fromkeys(words.words):
        if len(word) < _LEAST or word.islower() or not _is_text(word) or not find(_decoded(word)):
            continue
        at = text.find(word)
        while at != -1:
            run = _RUN_ON.match(text, at)
            end = run.end() if run is not None else at + len(word)
            body = text[at:end].replace("\\n", "  ")
            parts = tuple((at + part.start(), at + part.end()) for part in _PART.finditer(body))
            yield Secret("encoded-key", parts[0][0], parts[-1][1], parts)
            at = text.find(word, end)


def _is_text(word: str) -> bool:
    """Whether the beginning decodes to plain text."""
    return _ALPHABET.fullmatch(word) is not None and _TEXT.fullmatch(_decoded(word[:_PROBE])) is not None


def _decoded(word: str) -> str:
    """The text of a word in base64, '' where it is none; what is missing at its end is left out."""
    whole = word[: len(word) // 4 * 4] if len(word) % 4 == 1 else word + "=" * (-len(word) % 4)
    try:
        found = base64.b64decode(whole.replace("-", "+").replace("_", "/").encode(), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return found.decode("latin-1")
