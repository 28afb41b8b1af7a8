"""The part of a document that is shown to the model: anchored, so that typing does not shift it."""

from __future__ import annotations

import re
from dataclasses import dataclass

CHARS_PER_TOKEN = 3
"""A safe estimate for code; the engine knows the tokens exactly and trims where this was too hopeful."""

DEFAULT_CONTEXT_TOKENS = 2_048
MAX_PREFIX_CHARS = 24_000
MAX_SUFFIX_CHARS = 6_000
_OVERHEAD_TOKENS = 64
_MIN_CHARS = 256
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Window:
    """Text around the cursor with "\\n" line ends only; `eol` is how the document itself ends its lines.

    `begins_inside` says that text before the window was left out.
    """

    before: str
    after: str
    eol: str
    begins_inside: bool = False


def budget(context_tokens: int, max_tokens: int, extra_tokens: int) -> tuple[int, int]:
    """Characters for the text before and after the cursor, from a model's window of `context_tokens`.

    Three quarters go to the text before. Extras never take more than half of the window.
    """
    total = context_tokens or DEFAULT_CONTEXT_TOKENS
    left = total - max_tokens - _OVERHEAD_TOKENS - min(extra_tokens, total // 2)
    chars = max(left * CHARS_PER_TOKEN, _MIN_CHARS)
    return min(chars * 3 // 4, MAX_PREFIX_CHARS), min(chars // 4, MAX_SUFFIX_CHARS)


def _start(text: str, offset: int, chars: int) -> int:
    if offset <= chars:
        return 0
    step = max(chars // 4, 1)
    start = -(-(offset - chars) // step) * step
    line = text.find("\n", start, offset)
    return line + 1 if 0 <= line < start + step else start


def _end(text: str, offset: int, chars: int) -> int:
    tail = len(text) - offset
    if tail <= chars:
        return len(text)
    step = max(chars // 4, 1)
    end = len(text) - -(-(tail - chars) // step) * step
    line = text.rfind("\n", offset, max(end, offset))
    return line + 1 if line > end - step else max(end, offset)


def line_end(text: str) -> str:
    """How the first line of `text` ends: "\\n", "\\r\\n" or "\\r"; "\\n" for a text of one line."""
    first = text.find("\n")
    if first > 0 and text[first - 1] == "\r":
        return "\r\n"
    if first < 0 and "\r" in text:
        return "\r"
    return "\n"


def plain(text: str) -> str:
    """A text with "\n" line ends only, and nothing that cannot be written as UTF-8."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    return text


def cut(text: str, offset: int, before_chars: int, after_chars: int, since: int | None = None) -> Window:
    """Cut the window around `offset`.

    Its start lies on a line start and moves only in steps of a quarter of `before_chars` while the cursor
    moves on; its end keeps its distance from the end of the document while text is typed. It starts where that of
    a cursor at `since` does, if all that was written since is no longer than a step.
    """
    if since is None or not offset - before_chars // 4 <= since <= offset:
        since = offset
    start, end = _start(text, since, before_chars), _end(text, offset, after_chars)
    return Window(plain(text[start:offset]), plain(text[offset:end]), line_end(text), start > 0)
