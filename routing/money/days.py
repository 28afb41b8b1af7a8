"""The ledger's day: it moves forward only, so that a clock set back never opens a day a second time."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime


def local_day(now: float) -> date:
    """The date on this machine's wall at `now`, in Unix seconds."""
    return datetime.fromtimestamp(now, tz=UTC).astimezone().date()


def advance(connection: sqlite3.Connection, now: float) -> date:
    """Return the ledger's day, moved forward to the clock's where that is later; inside a transaction."""
    day = max(local_day(now), kept(connection) or date.min)
    connection.execute(
        "INSERT INTO day (one, ordinal) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET ordinal = excluded.ordinal",
        (day.toordinal(),),
    )
    return day


def kept(connection: sqlite3.Connection) -> date | None:
    """The day as it stands in the file; None where nothing was ever spent."""
    row = connection.execute("SELECT ordinal FROM day").fetchone()
    return None if row is None else date.fromordinal(row[0])


def accept(connection: sqlite3.Connection, now: float) -> date:
    """Believe the clock again after it was far ahead; what was spent on days to come counts for today."""
    day = local_day(now).toordinal()
    connection.execute("UPDATE day SET ordinal = ?", (day,))
    connection.execute("UPDATE call SET day = ? WHERE day > ?", (day, day))
    return date.fromordinal(day)
