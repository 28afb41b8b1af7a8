"""Answers about texts, kept as long as they are not too many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_MAX_REMEMBERED = 20_000


class Remembered(Generic[T]):
    """A function of a text, with its answers kept as long as they are not too many."""

    def __init__(self, function: Callable[[str], T]) -> None:
        self._function = function
        self._known: dict[str, T] = {}

    def __call__(self, text: str) -> T:
        """The answer for a text, asked for once."""
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            found = self._known[text] = self._function(text)
        return found
