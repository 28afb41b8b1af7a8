"""A secret in a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """Text from `start` to `end` (code points) that must not leave this machine.

    `parts` are the stretches that carry it: more than one where it is split over literals or lines, so that
    what stands between them (quotes, line breaks) can stay.
    """

    kind: str
    start: int
    end: int
    parts: tuple[tuple[int, int], ...]


def whole(kind: str, start: int, end: int) -> Secret:
    """A secret in one piece."""
    return Secret(kind, start, end, ((start, end),))
