"""What became of the suggestions: shown, accepted, and how much of them is still there later. Numbers and names."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from .store import Store

AFTER_S = (30, 120, 300, 600)
"""When an accepted text is looked for again, in seconds."""

_NEWS = ("shown", "accepted_chars", *(f"survival_{seconds}" for seconds in AFTER_S))
"""What may be another at each writing."""

_COLUMNS = ("at", "language", "lane", "model", "origin", "chars", "lines", "name", *_NEWS)


@dataclass(slots=True)
class Offer:
    """One suggestion that was handed to the editor, `chars` long over `lines` lines.

    `shown` is what the editor said, where it says so. `accepted_chars` counts what was taken of it, from its start.
    `survival` holds, for each of `AFTER_S` that passed with the document open, the share of it that was still there.
    By its `name` it is known when it is written again, with what has become of it.
    """

    at: float
    language: str
    lane: str
    model: str
    origin: str
    chars: int
    lines: int
    shown: bool = False
    accepted_chars: int = 0
    survival: dict[int, float] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The suggestions in one language by one model. `partly` of them were accepted up to a word or line.

    `rejected` were shown and not accepted; editors that do not say what they show have none. `survival` is the mean
    share that is still there after so many seconds, `followed` the number of texts in each mean.
    """

    language: str
    model: str
    offered: int
    shown: int
    accepted: int
    partly: int
    rejected: int
    survival: dict[int, float]
    followed: dict[int, int]


def insert(connection: sqlite3.Connection, workspace: str, expires: float, offer: Offer) -> None:
    """Write an offer down, in the place of what was written of it before, within a transaction."""
    values = (
        offer.at,
        offer.language[:100],
        offer.lane[:100],
        offer.model[:100],
        offer.origin[:100],
        offer.chars,
        offer.lines,
        offer.name or None,
        int(offer.shown),
        offer.accepted_chars,
        *(offer.survival.get(seconds) for seconds in AFTER_S),
    )
    names = ("workspace", "expires", *_COLUMNS)
    connection.execute(
        f"INSERT INTO offer ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608 - our own names
        f"ON CONFLICT (name) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _NEWS)}",
        (workspace, expires, *values),
    )


def acceptance(store: Store, since: float) -> tuple[Acceptance, ...]:
    """Add up the offers of all workspaces since a moment in Unix seconds, the most first. Raises `HistoryUnusable`."""
    means = ", ".join(f"AVG(survival_{seconds}), COUNT(survival_{seconds})" for seconds in AFTER_S)
    query = f"""
        SELECT language, model, COUNT(*), SUM(shown OR accepted_chars), SUM(accepted_chars >= chars),
               SUM(accepted_chars AND accepted_chars < chars), SUM(shown AND NOT accepted_chars), {means}
        FROM offer WHERE at >= ? GROUP BY language, model ORDER BY COUNT(*) DESC, language, model
    """  # noqa: S608 - our own names
    with store.read() as connection:
        return tuple(_told(row) for row in connection.execute(query, (since,)))


def _told(row: Sequence[object]) -> Acceptance:
    language, model, *counts = row[:7]
    means, numbers = row[7::2], row[8::2]
    offered, shown, accepted, partly, rejected = (int(str(count)) for count in counts)
    return Acceptance(
        str(language),
        str(model),
        offered,
        shown,
        accepted,
        partly,
        rejected,
        {s: round(float(str(mean)), 3) for s, mean in zip(AFTER_S, means, strict=True) if mean is not None},
        {s: int(str(number)) for s, number in zip(AFTER_S, numbers, strict=True) if number},
    )
