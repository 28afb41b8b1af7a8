"""A text with what one look at each of its characters tells: their classes, and where which marks stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from .classes import classes


@dataclass(frozen=True, slots=True)
class Seen:
    """`flat` is the text by class. `marks` tells where each mark that stands in it begins, in order."""

    flat: bytes
    marks: Mapping[str, list[int]]

    def places(self, *marks: str) -> list[int]:
        """Where any of these marks begins, in order."""
        return sorted([place for mark in marks for place in self.marks.get(mark, ())])

    def any_of(self, marks: Iterable[str]) -> bool:
        """Whether one of these marks stands in the text."""
        return not self.marks.keys().isdisjoint(marks)


class Look:
    """Looks for all marks at once, by the automaton of Aho and Corasick."""

    def __init__(self, marks: Iterable[str]) -> None:
        self._marks = tuple(dict.fromkeys(marks))
        self._automaton = AhoCorasick(self._marks, implementation=Implementation.DFA, store_patterns=False)

    def at(self, text: str) -> Seen:
        """Look at a text."""
        places: dict[str, list[int]] = {}
        for number, start, _ in self._hits(text):
            mark = self._marks[number]
            if mark in places:
                places[mark].append(start)
            else:
                places[mark] = [start]
        return Seen(classes(text), places)

    def finds(self, text: str) -> bool:
        """Whether any mark stands in a text."""
        return bool(self._hits(text))

    def _hits(self, text: str) -> list[tuple[int, int, int]]:
        try:
            return self._automaton.find_matches_as_indexes(text, overlapping=True)
        except UnicodeEncodeError:  # halves of characters, which UTF-8 does not know
            plain = text.encode("utf-8", "replace").decode("utf-8")
            return self._automaton.find_matches_as_indexes(plain, overlapping=True)
