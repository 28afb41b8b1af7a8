"""What other tools say about a file, as the client sends it along, so that a review does not say it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...refactor.command import Diagnostic
from .review_marks import SOURCE

_MOST = 300
"""Messages of one file that are kept, the newest."""
_MOST_FILES = 200


class Others:
    """By URI: each message with the text of the line that it stood at, by which it is found again after edits."""

    def __init__(self) -> None:
        self._said: dict[str, dict[tuple[str, str], int]] = {}

    def heard(self, uri: str, text: str, told: Iterable[Diagnostic]) -> None:
        """The client sends these along; `text` is the file's."""
        rows = text.split("\n")
        known = self._said.pop(uri, {})
        for one in told:
            if one.source != SOURCE and 0 < one.first_line <= len(rows):
                place = rows[one.first_line - 1].strip(), one.message
                known.pop(place, None)
                known[place] = one.first_line
        for place in list(known)[: max(0, len(known) - _MOST)]:
            del known[place]
        self._said[uri] = known
        for other in list(self._said)[: max(0, len(self._said) - _MOST_FILES)]:
            del self._said[other]

    def on(self, uri: str, text: str) -> Mapping[int, Sequence[str]]:
        """The messages by the line that they are about now; one whose line has changed is forgotten."""
        known = self._said.get(uri)
        if not known:
            return {}
        places: dict[str, list[int]] = {}
        for number, row in enumerate(text.split("\n"), 1):
            places.setdefault(row.strip(), []).append(number)
        found: dict[int, list[str]] = {}
        for (row, message), line in known.items():
            if there := places.get(row):
                found.setdefault(min(there, key=lambda one: abs(one - line)), []).append(message)
        return found
