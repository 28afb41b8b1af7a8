"""One counter for every comparison: how much a text costs when no model's own tokenizer is at hand."""

from __future__ import annotations

import re

_ASCII_PIECE = re.compile(
    r"[A-Z][a-z]{1,6}|[A-Z]{1,7}(?![a-z])|[A-Z]|[a-z]{1,7}"  # words: camel case, then every seven letters
    r"|[0-9]"
    r"|[^\sA-Za-z0-9]{1,2}"
    r"|[^\S\n\r ]+|  +"
)
_LETTER = r"(?:(?![A-Z])[^\W\d_])"
_ANY_PIECE = re.compile(
    rf"[A-Z]{_LETTER}{{1,6}}|[A-Z]{{1,7}}(?!{_LETTER})|[A-Z]|{_LETTER}{{1,7}}"
    r"|\d"
    r"|(?:[^\w\s]|_){1,2}"
    r"|[^\S\n\r ]+|  +"
)


def count(text: str) -> int:
    """Count the tokens of `text`, the same on every machine and for every model.

    Each line costs 1 for its break. Words are split at camel case and cut every 7 letters, each digit is 1,
    other punctuation goes in pairs, white space beyond a single space is 1. A text without lines is 0.
    """
    if not text:
        return 0
    breaks = text.count("\n") + (not text.endswith("\n"))
    pieces = _ASCII_PIECE if text.isascii() else _ANY_PIECE
    return breaks + len(pieces.findall(text))


def count_header(path: str) -> int:
    """Count the `# path` line that stands once above the snippets of each file."""
    return count(f"# {path}")
