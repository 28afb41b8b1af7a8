"""The word that the cursor stands behind is taken back from the prompt, and the answer is made to begin with it.

Typing stops inside words, and seldom where a token ends: the prompt would close with a token that the model has
hardly ever seen in front of the right continuation (token healing; the general form is token alignment, Athiwaratkun
et al. 2024).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from operator import itemgetter

import numpy as np
from cachetools import LRUCache

Tokens = np.ndarray[tuple[int], np.dtype[np.int64]]

MOST_TOKENS = 4
"""So many tokens of the prompt are taken back at most, of a longer word the last ones; no letter by half."""

_WORD = re.compile(r"[^\W_]+\Z|_+\Z")
"""What the pre-tokenizers of today's families keep together, but for the sign in front of it."""

_LONGEST_WORD = 512
"""No more letters than that are looked at: all before the cursor would take longer than to tokenize its last lines."""


class Healing:
    """Which tokens may begin with a given text, and how much of a prompt is to be taken back."""

    def __init__(self, size: int, piece: Callable[[int], bytes], ends: Callable[[int], bool]) -> None:
        """`size` is the number of tokens, `piece` spells one, `ends` tells those that are never text."""
        self._piece = piece
        known = ((spelling, token) for token in range(size) if (spelling := piece(token)) and not ends(token))
        spelt = sorted(known, key=itemgetter(0))
        self._spellings = [spelling for spelling, _ in spelt]
        self._tokens: Tokens = np.array([token for _, token in spelt], dtype=np.int64)
        self._found: LRUCache[bytes, Tokens] = LRUCache(maxsize=64)

    def take_back(self, text: str, tokens: Sequence[int]) -> tuple[int, bytes]:
        """How many of the last `tokens` of `text` to take back, and what they spell; none where no word ends it."""
        word = _WORD.search(text, max(0, len(text) - _LONGEST_WORD))
        if word is None:
            return 0, b""
        wanted, spelt, count = len(word[0].encode("utf-8", "replace")), b"", 0
        while count < len(tokens) and ((len(spelt) < wanted and count < MOST_TOKENS) or _within_a_letter(spelt)):
            count += 1
            spelt = self._piece(tokens[-count]) + spelt
        tail = text[-len(spelt) :].encode("utf-8", "replace")
        if not spelt or not tail.endswith(spelt) or not len(self.agreeing(spelt)):
            return 0, b""
        return count, spelt

    def agreeing(self, text: bytes) -> Tokens:
        """The tokens that begin with `text`, or that it begins with and that can be gone on from; `text` is not empty.

        A vocabulary need not have a token for every single byte: one that leads nowhere is left out.
        """
        found = self._found.get(text)
        if found is None:
            found = self._found[text] = self._agreeing(text)
        return found

    def _agreeing(self, text: bytes) -> Tokens:
        leads_on = [False] * len(text)
        for start in range(len(text) - 1, 0, -1):
            leads_on[start] = bool(self._longer(text[start:])) or any(
                leads_on[end] and self._same(text[start:end]) for end in range(start + 1, len(text))
            )
        places = [at for length in range(1, len(text)) if leads_on[length] for at in self._same(text[:length])]
        return self._tokens[[*places, *self._longer(text)]]

    def _same(self, text: bytes) -> range:
        """Where the tokens stand that are spelt so."""
        return range(bisect_left(self._spellings, text), bisect_right(self._spellings, text))

    def _longer(self, text: bytes) -> range:
        """Where the tokens stand that begin so."""
        return range(bisect_left(self._spellings, text), bisect_left(self._spellings, _after(text)))


def _within_a_letter(text: bytes) -> bool:
    """Whether a text begins with what goes on a letter of several bytes."""
    return bool(text) and text[0] & 0xC0 == 0x80


def _after(text: bytes) -> bytes:
    """The first text in byte order that does not begin with `text`; the end of all for one of 255s alone."""
    kept = text.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else b"\xff" * 1024
