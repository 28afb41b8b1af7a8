"""What a person may see next once a suggestion is shown: the states that follow its acceptance.

Accepting a part, a word or a line, needs nothing new: the rest of the answer still holds there. After the whole
of it comes what follows on, and where that is nothing, the line below, as Enter begins it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..context.document import Snapshot
from . import languages
from .filters.indentation import unit
from .generation import Generation
from .question import Question, typed_since
from .window import line_end

_LONGEST_DOCUMENT = 400_000
"""Characters; in a longer document the copies that futures need would cost more than they bring."""

_INDENT_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Future:
    """The document as it may become: the cursor stands at `offset` of `snapshot`."""

    snapshot: Snapshot
    offset: int


@dataclass(slots=True)
class Ahead:
    """The work ahead for one document: begun where `shown` was suggested at `origin`."""

    origin: Question
    shown: str
    generation: Generation

    def leads_on(self, question: Question) -> bool:
        """Whether the document, as it is now, may still become what is being worked on."""
        typed = typed_since(self.origin, question)
        if typed is not None and self.shown.startswith(typed):
            return True
        return self.generation.agrees(question) is not None


def accepted(snapshot: Snapshot, offset: int, text: str) -> Future | None:
    """The document with `text` inserted at `offset`; None where it is too long."""
    if len(snapshot.text) > _LONGEST_DOCUMENT:
        return None
    whole = snapshot.text[:offset] + text + snapshot.text[offset:]
    return Future(replace(snapshot, text=whole), offset + len(text))


def next_line(future: Future) -> Future | None:
    """The document after Enter at the future's cursor; None where the line is not at its end or is blank."""
    text, offset = future.snapshot.text, future.offset
    if text[offset : offset + 1] not in ("", "\n", "\r"):
        return None
    line = text[max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1 : offset]
    if not line.strip():
        return None
    shape = languages.shape(future.snapshot.language)
    indent = line[: len(line) - len(line.lstrip())]
    if shape is not None and shape.opens_block(line):
        indent += unit(text[max(0, offset - _INDENT_CHARS) : offset]) or " " * 4
    return accepted(future.snapshot, offset, line_end(text) + indent)
