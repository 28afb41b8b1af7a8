"""Snippets become the pieces of other files that the model is shown, kept steady while the cursor moves."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from ..clients.model import Extra
from ..context.document import Snapshot
from ..context.snippet import Packed, Snippet
from .trace import Source

if TYPE_CHECKING:
    from ..context.index import ContextIndex

STEADY_LINES = 12
MAX_HELD = 64


def group(snippets: tuple[Snippet, ...]) -> tuple[Extra, ...]:
    """One extra for each file, its snippets in the order given, without a line break at the end."""
    return tuple(
        Extra(path, "\n".join(snippet.text for snippet in of_file))
        for path, of_file in groupby(snippets, key=lambda snippet: snippet.path)
    )


def sources(snippets: tuple[Snippet, ...]) -> list[Source]:
    """The same snippets as the trace tells them."""
    return [Source(s.path, s.start_line, s.end_line, s.symbol, s.why) for s in snippets]


@dataclass(frozen=True, slots=True)
class _Held:
    revision: object
    budget: int
    line: int
    packed: Packed


class SteadyContext:
    """Chooses snippets again only where it pays: what was chosen stays in the model's cache.

    A choice holds while the cursor stays within `STEADY_LINES` lines of where it was made and the imported
    code has not changed.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], _Held] = OrderedDict()

    def snippets(self, index: ContextIndex, snapshot: Snapshot, offset: int, budget: int) -> Packed:
        """The snippets for the cursor at `offset`, those of the last call for this file if they still hold."""
        key = (snapshot.workspace, snapshot.path)
        line = snapshot.text.count("\n", 0, offset)
        revision = index.revision(snapshot.path)
        held = self._held.get(key)
        if (
            held is not None
            and held.revision is revision
            and held.budget == budget
            and abs(held.line - line) <= STEADY_LINES
        ):
            return Packed(held.packed.snippets, held.packed.tokens, 0.0)
        packed = index.snippets(snapshot, offset, budget)
        self._held[key] = _Held(revision, budget, line, packed)
        self._held.move_to_end(key)
        if len(self._held) > MAX_HELD:
            self._held.popitem(last=False)
        return packed

    def forget(self, workspace: str, path: str) -> None:
        """Let go of what is held for a file."""
        self._held.pop((workspace, path), None)
