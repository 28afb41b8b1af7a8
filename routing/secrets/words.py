"""The few stretches of a text that could hold a key: its long words with a digit in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_DIGIT = re.compile(r"[0-9](?:[A-Za-z0-9_+/.~-]{7,}|(?<=[A-Za-z0-9_+/.~-]{9}))")
"""The first digit of every word of 16 or more characters: either half of the word lies behind it or before it."""

BEFORE = 64
"""How much text before the digit comes along: the beginning of the word, and what stands before it."""


HEAD = 40
"""How much of a word comes into `heads`: a mark stands at its beginning, or not far from it."""

_PLAIN = re.compile(r"[0-9a-f.-]*")
"""Hashes, numbers and versions: no format's mark consists of such characters alone."""

_BACKWARDS = re.compile(r"[A-Za-z0-9_+/.~-]*")


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


def long_words(text: str) -> Words:
    """Cut the stretches out; those that touch are one."""
    spans: list[tuple[int, int]] = []
    words: list[str] = []
    last = -1
    for hit in _DIGIT.finditer(text):
        digit, end = hit.span()
        start = digit - BEFORE if digit > BEFORE else 0
        word = _BACKWARDS.match(text[start:digit][::-1])
        words.append(text[digit - word.end() : end] if word is not None else text[digit:end])
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
    heads = "\n".join(dict.fromkeys([word[:HEAD] for word in words if _PLAIN.fullmatch(word) is None]))
    return Words("\n".join(pieces), tuple(words), heads, tuple(starts), tuple([start for start, _ in spans]))
