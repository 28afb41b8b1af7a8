"""Snippets become the pieces of other files that the model is shown, in the order of `context/blocks.py`."""

from __future__ import annotations

from itertools import groupby

from ..clients.model import Extra
from ..context.snippet import Snippet
from .trace import Source


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


def sources(snippets: tuple[Snippet, ...]) -> list[Source]:
    """The same snippets as the trace tells them."""
    return [Source(s.path, s.start_line, s.end_line, s.symbol, s.why) for s in snippets]
