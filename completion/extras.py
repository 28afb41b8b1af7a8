"""Snippets become the pieces of other files that the model is shown, kept steady while the cursor moves."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from ..clients.model import Extra
from ..context.document import Snapshot
from ..context.snippet import Packed, Snippet
from .question import Key, key_of
from .trace import Source

if TYPE_CHECKING:
    from ..context.index import ContextIndex

STEADY_LINES = 12
MAX_HELD = 64


def group(snippets: tuple[Snippet, ...]) -> tuple[Extra, ...]:
    """One extra for each file, its snippets in the order given, without a line break at the end."""
    grouped = [(path, list(of_file)) for path, of_file in groupby(snippets, key=lambda snippet: snippet.path)]
    return tuple(
        Extra(
            path,
            "\n".join(snippet.text for snippet in of_file),
            (min(snippet.start_line for snippet in of_file), max(snippet.end_line for snippet in of_file)),
        )
        for path, of_file in grouped
    )


def sources(snippets: tuple[Snippet, ...]) -> list[Source]:
    """The same snippets as the trace tells them."""
    return [Source(s.path, s.start_line, s.end_line, s.symbol, s.why) for s in snippets]


def settled(held: Packed, fresh: Packed, budget: int, *, same_code: bool) -> Packed:
    """Put a fresh choice into the order of the one that is in the model's cache, file by file.

    Files of which the same lines are chosen keep their place; changed and new ones stand behind. Where there is room
    within `budget`, lines that were chosen before stay even if they are not chosen now, as long as they are still
    what stands in their file (`same_code`).
    """
    wanted = {path: tuple(of_file) for path, of_file in groupby(fresh.snippets, key=lambda snippet: snippet.path)}
    spare = budget - fresh.tokens
    kept: list[Snippet] = []
    for path, of_file in groupby(held.snippets, key=lambda snippet: snippet.path):
        before, now = tuple(of_file), wanted.get(path, ())
        more = _places(before) - _places(now)
        cost = sum(snippet.tokens for snippet in before if _place(snippet) in more)
        if _places(now) - _places(before) or (more and not (same_code and cost <= spare)):
            continue
        spare -= cost
        kept += before if more else now
        wanted.pop(path, None)
    behind = [snippet for of_file in wanted.values() for snippet in of_file]
    return Packed((*kept, *behind), budget - spare, fresh.ms)


def _places(snippets: tuple[Snippet, ...]) -> set[tuple[str, int, str]]:
    return set(map(_place, snippets))


def _place(snippet: Snippet) -> tuple[str, int, str]:
    return snippet.path, snippet.start_line, snippet.text


@dataclass(frozen=True, slots=True)
class _Held:
    revision: object
    budget: int
    line: int
    packed: Packed


class SteadyContext:
    """Chooses snippets again only where it pays: what was chosen stays in the model's cache.

    A choice holds while the cursor stays within `STEADY_LINES` lines of where it was made and the imported
    code has not changed. The next choice keeps the order of the last one as far as it can: what stands first in the
    prompt and stays need not be read again.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[Key, _Held] = OrderedDict()

    def snippets(self, index: ContextIndex, snapshot: Snapshot, offset: int, budget: int) -> Packed:
        """The snippets for the cursor at `offset`, those of the last call for this file if they still hold."""
        key = key_of(snapshot)
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
        if held is not None:
            packed = settled(held.packed, packed, budget, same_code=held.revision is revision)
        self._held[key] = _Held(revision, budget, line, packed)
        self._held.move_to_end(key)
        if len(self._held) > MAX_HELD:
            self._held.popitem(last=False)
        return packed

    def forget(self, key: Key) -> None:
        """Let go of what is held for a file."""
        self._held.pop(key, None)
