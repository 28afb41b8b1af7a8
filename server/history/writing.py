"""What goes into the history, and what leaves it: by age, by number, or because nothing is to be kept."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ...completion.trace import Trace
from .offers import Offer, insert
from .rows import COLUMNS, row, sources
from .store import Store

KEPT = 5_000
"""How many requests are kept for one workspace."""

_DAY_S = 86_400
_TABLES = ("request", "offer")
_NAMES = ("workspace", "expires", "pieces", *COLUMNS)
_INSERT = f"INSERT INTO request ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"  # noqa: S608 - our own column names


def workspace_name(root: Path | None) -> str:
    """The name under which a workspace's requests are kept: where it really lies; empty for files outside of any."""
    return os.fsencode(root.resolve()).decode("utf-8", "replace") if root is not None else ""


def append(
    store: Store, traces: Sequence[tuple[Path | None, Trace | Offer]], keep_days: int, now: float, most: int = KEPT
) -> None:
    """Write traces and offers with the folders of their workspaces, oldest first; let go of the too old and too many.

    `now` is Unix seconds. Raises `HistoryUnusable`.
    """
    names = {root: workspace_name(root) for root, _ in traces}
    lasting_s = keep_days * _DAY_S
    with store.write() as connection:
        for root, trace in traces:
            if isinstance(trace, Offer):
                insert(connection, names[root], trace.at + lasting_s, trace)
                continue
            pieces = _pieces(connection, sources(trace))
            connection.execute(_INSERT, (names[root], trace.at + lasting_s, pieces, *row(trace)))
        for table in _TABLES:
            connection.execute(f"DELETE FROM {table} WHERE expires < ?", (now,))  # noqa: S608 - our own table names
            for name in set(names.values()):
                _thin(connection, table, name, now - lasting_s, most)
        _drop_unused(connection)


def forget(store: Store, root: Path | None) -> None:
    """Delete what was kept for a workspace. Raises `HistoryUnusable`."""
    with store.write() as connection:
        for table in _TABLES:
            connection.execute(f"DELETE FROM {table} WHERE workspace = ?", (workspace_name(root),))  # noqa: S608 - as above
        _drop_unused(connection)


def _thin(connection: sqlite3.Connection, table: str, workspace: str, since: float, most: int) -> None:
    """Let go of a workspace's rows from before `since`, and of the oldest beyond `most`."""
    connection.execute(f"DELETE FROM {table} WHERE workspace = ? AND at < ?", (workspace, since))  # noqa: S608 - as above
    connection.execute(
        f"DELETE FROM {table} WHERE workspace = ? AND id <= "  # noqa: S608 - as above
        f"(SELECT id FROM {table} WHERE workspace = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (workspace, workspace, most),
    )


def _pieces(connection: sqlite3.Connection, told: str) -> int:
    """The number under which a list of sources is kept, once for all requests that had it."""
    name = hashlib.sha256(told.encode()).hexdigest()
    connection.execute("INSERT INTO pieces (sha256, sources) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, told))
    (number,) = connection.execute("SELECT id FROM pieces WHERE sha256 = ?", (name,)).fetchone()
    return int(number)


def _drop_unused(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM pieces WHERE NOT EXISTS (SELECT 1 FROM request WHERE request.pieces = pieces.id)")
