"""The order of the filters, and what each is called where a person reads about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from . import brackets, characters, indentation, overlap, repetition, sense, sentinels, shape
from .scene import Scene

Filter = Callable[[Scene, str], str]

FILTERS: tuple[tuple[str, Filter], ...] = (
    ("control tokens", sentinels.control_tokens),
    ("broken characters", characters.broken_characters),
    ("line ends", characters.plain_line_ends),
    ("path header", sentinels.path_header),
    ("start of line repeated", overlap.retyped_head),
    ("impossible start", shape.impossible_start),
    ("blanks again", sense.blanks_again),
    ("indented too far", sense.out_of_place),
    ("unfinished line", shape.unfinished_line),
    ("rest of line", overlap.rest_of_line),
    ("extra closing brackets", brackets.extra_closers),
    ("indentation", indentation.indentation),
    ("lines below", overlap.lines_below),
    ("lines above", overlap.lines_above),
    ("line below", overlap.line_below),
    ("repetition", repetition.repetition),
    ("one name over and over", repetition.same_names),
    ("number without end", sense.endless_number),
    ("imported again", sense.imported_again),
    ("never reached", sense.unreachable),
    ("empty comment", sense.empty_comment),
    ("lone quote", sense.lone_quote),
    ("comma before a bracket", sense.hanging_comma),
    ("trailing space", shape.trailing_space),
    ("glued to a word", sense.glued),
)


BEHIND = tuple(
    one
    for one in FILTERS
    if one[1]
    in (
        overlap.rest_of_line,
        brackets.extra_closers,
        sense.lone_quote,
        sense.hanging_comma,
        shape.trailing_space,
        sense.glued,
    )
)
"""Those that look at what stands behind the cursor on its line."""


def told(changed: Mapping[str, int]) -> tuple[str, ...]:
    """What the filters did, for people: each with the characters that came or went."""
    return tuple(f"{name} ({characters:+})" for name, characters in changed.items())


def clean(scene: Scene, text: str, filters: Sequence[tuple[str, Filter]] = FILTERS) -> tuple[str, dict[str, int]]:
    """Apply every filter once; return what is left, and by how many characters each changed it, in order."""
    changed: dict[str, int] = {}
    for name, apply in filters:
        result = apply(scene, text)
        if result != text:
            changed[name] = len(result) - len(text)
            text = result
        if not text:
            break
    return text, changed
