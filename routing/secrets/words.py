"""The few stretches of a text that could hold a key: its long words with a digit in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from .classes import WORD

_DIGIT = re.compile(rb"0(?:[%b]{7,}|(?<=[%b]{9}))" % (WORD, WORD))
"""The first digit of every word of 16 or more characters: either half of the word lies behind it or before it."""

BEFORE = 64
"""How much text before the digit comes along: the beginning of the word, and what stands before it."""


HEAD = 40
"""How much of a word comes into `heads`: a mark stands at its beginning, or not far from it."""

_PLAIN = re.compile(r"[0-9a-f.-]*")
"""Hashes, numbers and versions: no format's mark consists of such characters alone."""

_GAPS = bytes(ord("a") if number in WORD else ord(" ") for number in range(256))


@dataclass(frozen=True, slots=True)
class Words:
    """`text` has one stretch a line; `starts` are where the lines begin, `origins` where they begin in the original.

    `words` are the words alone, `heads` the beginnings of those that could begin with a mark, one a line, each once.
    """

    text: str
    words: tuple[str, ...]
    heads: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def origin(self, at: int) -> int:
        """Where the character at `at` stands in the original."""
        line = bisect_right(self.starts, at) - 1
        return self.origins[line] + at - self.starts[line]


def long_words(text: str, flat: bytes) -> Words:
    """Cut the stretches out; those that touch are one. `flat` is the text by class."""
    spans: list[tuple[int, int]] = []
    words: list[str] = []
    last = -1
    gaps = flat.translate(_GAPS)
    for hit in _DIGIT.finditer(flat):
        digit, end = hit.span()
        start = digit - BEFORE if digit > BEFORE else 0
        gap = gaps.rfind(b" ", start, digit)
        words.append(text[gap + 1 if gap != -1 else start : end])
        if start <= last:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        last = end
    starts, total = [], 0
    for start, end in spans:
        starts.append(total)
        total += end - start + 1
    pieces = [text[start:end].replace("\n", " ") for start, end in spans]
    heads = "\n".join([head for head in dict.fromkeys([word[:HEAD] for word in words]) if not _PLAIN.fullmatch(head)])
    return Words("\n".join(pieces), tuple(words), heads, tuple(starts), tuple([start for start, _ in spans]))
