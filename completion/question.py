"""A place to complete: the window around the cursor, and how much is wanted there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..context.document import Snapshot
from . import languages, mode, window
from .mode import Mode, Place, Setting, undecided
from .window import Window

Key = tuple[str, str]
"""A document: its workspace and its path there; outside any workspace its URI stands for that."""

_CLOSERS = frozenset(")]}>\"'`")
_MOST_CLOSERS = 4


@dataclass(frozen=True, slots=True)
class Question:
    """One state of a document at its cursor. `key` names the document, `shape` is its `language`'s.

    `multiline` is what was set when it was asked, `mode` what that means here; `lines` are the first and the last line
    of the document in the window, from 1.
    """

    key: Key
    view: Window
    place: Place
    shape: languages.Shape | None
    multiline: Setting
    mode: Mode
    lines: tuple[int, int] = (0, 0)
    language: str = ""

    @property
    def one_line(self) -> bool:
        """Whether the end of the line is the end of the answer, whatever a syntax tree says."""
        how = self.mode
        return how.kind == "line" and not how.may_open and not undecided(self.place, self.shape, self.multiline)

    def in_its_lines(self, text: str) -> str:
        """A text with the line ends of the document."""
        eol = self.view.eol
        return text.replace("\n", eol) if eol != "\n" else text


def name_of(uri: str, path: str, root: Path | None) -> Key:
    """Name a document by what a snapshot of it says."""
    return str(root) if root is not None else uri, path


def key_of(snapshot: Snapshot) -> Key:
    """Name the document of a snapshot."""
    return name_of(snapshot.uri, snapshot.path, snapshot.root)


def pose(
    snapshot: Snapshot, offset: int, size: tuple[int, int], multiline: Setting, since: int | None = None
) -> Question:
    """Look at `offset`, with at most `size` characters before and after it, `since` as in `window.cut`."""
    view = window.cut(snapshot.text, offset, *size, since)
    place = mode.look(view.before, view.after)
    shape = languages.shape(snapshot.language)
    how = mode.decide(place, shape, multiline)
    cursor = 1 + snapshot.text.count("\n", 0, offset)
    lines = cursor - view.before.count("\n"), cursor + view.after.count("\n")
    return Question(key_of(snapshot), view, place, shape, multiline, how, lines, snapshot.language)


def typed_since(asked: Question, asking: Question) -> str | None:
    """What was typed at the cursor between two states of a document; None where anything else changed.

    Its language and what is set are part of that. Brackets and quotes that an editor closes by itself may have
    appeared behind the cursor.
    """
    if asked.shape is not asking.shape or asked.multiline != asking.multiline:
        return None
    earlier, now = asked.view, asking.view
    if not now.before.startswith(earlier.before):
        return None
    typed = now.before[len(earlier.before) :]
    if now.after == earlier.after:
        return typed
    closed = len(now.after) - len(earlier.after)
    if typed and 0 < closed <= _MOST_CLOSERS and _CLOSERS.issuperset(now.after[:closed]):
        return typed if now.after.endswith(earlier.after) else None
    return None
