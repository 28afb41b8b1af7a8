"""One thing that a person does in an editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["jump", "key", "erase", "accept", "delete", "undo", "redo", "save", "pull"]
"""`jump` puts the cursor somewhere, in a file that is opened where need be; `key` and `erase` are single strokes,
`accept` takes a suggestion, `delete` a selection; `save` writes the file; a `pull` brings others' work to disk."""

_STROKES = frozenset(("key", "erase", "accept", "delete", "undo", "redo"))


@dataclass(frozen=True, slots=True)
class Event:
    """`wait_s` after the event before, the text from `start` to `end` of `path` becomes `text`.

    Offsets are in code points. The cursor is then at `start + len(text)`.
    """

    wait_s: float
    kind: Kind
    path: str
    start: int
    end: int
    text: str

    @property
    def cursor(self) -> int:
        """Where the cursor stands afterwards, as an offset."""
        return self.start + len(self.text)

    @property
    def is_stroke(self) -> bool:
        """Whether the person changed the text, so that an editor asks for a suggestion."""
        return self.kind in _STROKES

    def apply(self, text: str) -> str:
        """Return the document after the event."""
        return text[: self.start] + self.text + text[self.end :]
