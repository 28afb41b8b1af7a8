"""The order of the filters, and what each is called where a person reads about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import brackets, characters, overlap, sense, sentinels, shape
from .scene import Scene

Filter = Callable[[Scene, str], str]

FILTERS: tuple[tuple[str, Filter], ...] = (
    ("control tokens", sentinels.control_tokens),
    ("broken characters", characters.broken_characters),
    ("line ends", characters.plain_line_ends),
    ("path header", characters.path_header),
    ("start of line repeated", overlap.retyped_head),
    ("impossible start", shape.impossible_start),
    ("blanks again", sense.blanks_again),
    ("indented too far", sense.out_of_place),
    ("unfinished line", shape.unfinished_line),
    ("rest of line", overlap.rest_of_line),
    ("extra closing brackets", brackets.extra_closers),
    ("lines below", overlap.lines_below),
    ("lines above", overlap.lines_above),
    ("line below", overlap.line_below),
    ("repetition", shape.repetition),
    ("never reached", sense.unreachable),
    ("empty comment", sense.empty_comment),
    ("lone quote", sense.lone_quote),
    ("comma before a bracket", sense.hanging_comma),
    ("indentation", shape.indentation),
    ("trailing space", shape.trailing_space),
)


BEHIND = tuple(
    one
    for one in FILTERS
    if one[1]
    in (overlap.rest_of_line, brackets.extra_closers, sense.lone_quote, sense.hanging_comma, shape.trailing_space)
)
"""Those that look at what stands behind the cursor on its line."""


def clean(scene: Scene, text: str, filters: Sequence[tuple[str, Filter]] = FILTERS) -> tuple[str, list[str]]:
    """Apply every filter once; return what is left and the names of those that changed something."""
    changed: list[str] = []
    for name, apply in filters:
        result = apply(scene, text)
        if result != text:
            changed.append(name)
            text = result
        if not text:
            break
    return text, changed
