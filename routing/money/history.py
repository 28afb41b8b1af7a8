"""What the ledger tells afterwards: each call, each byte that left, and the sums of both."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...clients.chat import ChatUsage
from .budget import Piece
from .store import Store

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_COLUMNS = (
    *("id", "ask", "attempt", "at", "day", "project", "task", "lane", "provider", "host", "model"),
    *("state", "reason", "reserved", "charged", *_TOKENS, "first_ms", "ms", "body_bytes", "body_sha256"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One call as it stands in the ledger; amounts are micro-dollars, `at` is Unix seconds."""

    id: str
    ask: str
    attempt: int
    at: float
    day: date
    project: str
    task: str
    lane: str
    provider: str
    host: str
    model: str
    state: str
    reason: str
    reserved: int
    charged: int
    usage: ChatUsage
    first_ms: float | None
    ms: float | None
    body_bytes: int
    body_sha256: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of times in milliseconds; None where there is nothing to tell."""

    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Sum:
    """All calls of one lane, model and task."""

    lane: str
    provider: str
    model: str
    task: str
    calls: int
    failed: int
    charged: int
    usage: ChatUsage
    first: Spread
    whole: Spread


def entries(store: Store, since: date, *, pieces: bool = False) -> list[Entry]:
    """Return the calls since a day of the ledger, oldest first; with `pieces`, what each was made of."""
    with store.read() as connection:
        rows = connection.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM call WHERE day >= ? ORDER BY at, attempt",  # noqa: S608 - our own column names
            (since.toordinal(),),
        ).fetchall()
        made = _pieces(connection, since) if pieces else {}
    return [_entry(row, made.get(row[0], ())) for row in rows]


def sums(all_entries: Sequence[Entry]) -> list[Sum]:
    """Add up by lane, model and task, dearest first."""
    groups: dict[tuple[str, str, str, str], list[Entry]] = defaultdict(list)
    for entry in all_entries:
        if entry.state != "stated":
            groups[entry.lane, entry.provider, entry.model, entry.task].append(entry)
    totals = [_sum(*key, group) for key, group in groups.items()]
    return sorted(totals, key=lambda total: (-total.charged, -total.calls, total.model, total.task))


def _sum(lane: str, provider: str, model: str, task: str, group: Sequence[Entry]) -> Sum:
    done = [entry for entry in group if entry.state == "done"]
    return Sum(
        lane=lane,
        provider=provider,
        model=model,
        task=task,
        calls=len(group),
        failed=sum(entry.state in ("failed", "lost") for entry in group),
        charged=sum(entry.charged for entry in group),
        usage=ChatUsage(
            input_tokens=sum(entry.usage.input_tokens for entry in group),
            output_tokens=sum(entry.usage.output_tokens for entry in group),
            cache_read_tokens=sum(entry.usage.cache_read_tokens for entry in group),
            cache_write_tokens=sum(entry.usage.cache_write_tokens for entry in group),
        ),
        first=_spread(entry.first_ms for entry in done),
        whole=_spread(entry.ms for entry in done),
    )


def _spread(times: Iterator[float | None]) -> Spread:
    known = sorted(time for time in times if time is not None)
    if not known:
        return Spread(None, None)
    return Spread(*(round(known[min(len(known) - 1, int(share * len(known)))], 1) for share in (0.5, 0.95)))


def _pieces(connection: sqlite3.Connection, since: date) -> dict[str, tuple[Piece, ...]]:
    found: dict[str, list[Piece]] = defaultdict(list)
    rows = connection.execute(
        "SELECT call, kind, path, start_line, end_line FROM piece "
        "JOIN call ON call.id = piece.call WHERE call.day >= ? ORDER BY call, position",
        (since.toordinal(),),
    )
    for call, kind, path, start, end in rows:
        found[call].append(Piece(kind, path, start, end))
    return {call: tuple(parts) for call, parts in found.items()}


def _entry(row: tuple[Any, ...], pieces: tuple[Piece, ...]) -> Entry:
    told = dict(zip(_COLUMNS, row, strict=True))
    day = date.fromordinal(told.pop("day"))
    usage = ChatUsage(**{name: told.pop(name) for name in _TOKENS})
    return Entry(**told, day=day, usage=usage, pieces=pieces)
