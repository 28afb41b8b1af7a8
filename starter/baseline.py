"""What can be had without a model: an n-gram back-off over the visible text, nearest match first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .holes import Kind

_LEXEME = re.compile(r"\w+|[^\w\s]|\n[ \t]*|[ \t]+")
_LONGEST = 8
_LIMIT = 40
_LIMIT_OF_SEVERAL = 120


class Baseline:
    """Continues a prefix with what followed its longest repeated end, in the text that a user could see.

    The visible text is suffix, extras and prefix; of equally long matches the one nearest before the cursor
    counts, and the most frequent continuation among the three nearest. It knows which kind of hole it
    fills, whether of several lines, and where the rest of the document begins: an advantage that the model does not
    have.
    """

    def __init__(self, prefix: str, suffix: str, extras: Sequence[str]) -> None:
        self._prefix = prefix
        self._suffix = suffix
        self._seen = _LEXEME.findall("\n".join([*extras, suffix, ""])) + _LEXEME.findall(prefix)
        self._typed = ""
        if prefix and (prefix[-1].isalnum() or prefix[-1] == "_") and self._seen:
            self._typed = self._seen.pop()
        self._follow: dict[tuple[str, ...], list[int]] = {}
        for order in range(1, _LONGEST + 1):
            for at in range(order, len(self._seen)):
                self._follow.setdefault(tuple(self._seen[at - order : at]), []).append(at)

    def complete(self, kind: Kind, *, several: bool) -> str:
        """The missing text, as far as repetition tells; without a line break unless it has `several` lines."""
        history = list(self._seen)
        made: list[str] = []
        for _ in range(_LIMIT_OF_SEVERAL if several else _LIMIT):
            word = self._next(history, self._typed if not made else "")
            if word is None or (not several and word.startswith("\n")):
                break
            if kind == "argument" and word == ")" and made.count("(") <= made.count(")"):
                break
            if several and "".join([*made, word]).endswith(self._suffix[:40].rstrip() or "\0"):
                break
            made.append(word)
            history.append(word)
        return "".join(made)[len(self._typed) :]

    def _next(self, history: list[str], typed: str) -> str | None:
        for order in range(min(_LONGEST, len(history)), 0, -1):
            places = self._follow.get(tuple(history[-order:]), [])
            words = [self._seen[at] for at in reversed(places) if self._seen[at].startswith(typed)][:3]
            if words:
                return max(words, key=words.count)
        if typed:
            return next((word for word in reversed(self._seen) if word.startswith(typed)), None)
        return None
