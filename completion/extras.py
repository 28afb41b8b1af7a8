"""Snippets become the pieces of other files that the model is shown, in the order of `context/blocks.py`."""

from __future__ import annotations

from itertools import groupby

from ..clients.model import Extra
from ..context.snippet import Parallel, Snippet
from .trace import Source

_FOLLOWED = "goes on from the same text"


def group(snippets: tuple[Snippet, ...]) -> tuple[Extra, ...]:
    """One extra for each run of snippets of one file, in the order given, without a line break at the end."""
    grouped = [(path, list(of_file)) for path, of_file in groupby(snippets, key=lambda snippet: snippet.path)]
    return tuple(
        Extra(
            path,
            "\n".join(snippet.text for snippet in of_file),
            (min(snippet.start_line for snippet in of_file), max(snippet.end_line for snippet in of_file)),
        )
        for path, of_file in grouped
    )


def sources(snippets: tuple[Snippet, ...]) -> tuple[Source, ...]:
    """The same snippets as the trace tells them."""
    return tuple(Source(s.path, s.start_line, s.end_line, s.symbol, s.why) for s in snippets)


class Grouping:
    """Both, put together once for snippets that are shown at many keys in a row."""

    def __init__(self) -> None:
        self._last: tuple[Snippet, ...] = ()
        self._made: tuple[tuple[Extra, ...], tuple[Source, ...]] = (), ()

    def of(self, snippets: tuple[Snippet, ...]) -> tuple[tuple[Extra, ...], tuple[Source, ...]]:
        """What the model is shown, and what the trace tells."""
        if snippets != self._last:
            self._last, self._made = snippets, (group(snippets), sources(snippets))
        return self._made


def shown(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Those that the model was shown."""
    return tuple(source for source in sources if source.why != _FOLLOWED)


def followed(parallel: Parallel | None) -> list[Source]:
    """The place that the answer goes on with, as the trace tells it."""
    if parallel is None:
        return []
    last = parallel.line + parallel.text.rstrip("\n").count("\n")
    return [Source(parallel.path, parallel.line, last, "", _FOLLOWED)]
