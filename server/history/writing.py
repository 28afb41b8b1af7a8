"""What goes into the history, and what leaves it: by age, by number, or because nothing is to be kept."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ...completion.trace import Trace
from .rows import COLUMNS, row, sources
from .store import Store

KEPT = 5_000
"""How many requests are kept for one workspace."""

_DAY_S = 86_400
_NAMES = ("workspace", "expires", "pieces", *COLUMNS)
_INSERT = f"INSERT INTO request ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"  # noqa: S608 - our own column names


def workspace_name(root: Path | None) -> str:
    """The name under which a workspace's requests are kept: where it really lies; empty for files outside of any."""
    return os.fsencode(root.resolve()).decode("utf-8", "replace") if root is not None else ""


def append(
    store: Store, traces: Sequence[tuple[Path | None, Trace]], keep_days: int, now: float, most: int = KEPT
) -> None:
    """Write traces with the folders of their workspaces, oldest first, and let go of what is too old or too many.

    `now` is Unix seconds. Raises `HistoryUnusable`.
    """
    names = {root: workspace_name(root) for root, _ in traces}
    lasting_s = keep_days * _DAY_S
    with store.write() as connection:
        for root, trace in traces:
            pieces = _pieces(connection, sources(trace))
            connection.execute(_INSERT, (names[root], trace.at + lasting_s, pieces, *row(trace)))
        connection.execute("DELETE FROM request WHERE expires < ?", (now,))
        for name in set(names.values()):
            connection.execute("DELETE FROM request WHERE workspace = ? AND at < ?", (name, now - lasting_s))
            connection.execute(
                "DELETE FROM request WHERE workspace = ? AND id <= "
                "(SELECT id FROM request WHERE workspace = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (name, name, most),
            )
        _drop_unused(connection)


def forget(store: Store, root: Path | None) -> None:
    """Delete what was kept for a workspace. Raises `HistoryUnusable`."""
    with store.write() as connection:
        connection.execute("DELETE FROM request WHERE workspace = ?", (workspace_name(root),))
        _drop_unused(connection)


def _pieces(connection: sqlite3.Connection, told: str) -> int:
    """The number under which a list of sources is kept, once for all requests that had it."""
    name = hashlib.sha256(told.encode()).hexdigest()
    connection.execute("INSERT INTO pieces (sha256, sources) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, told))
    (number,) = connection.execute("SELECT id FROM pieces WHERE sha256 = ?", (name,)).fetchone()
    return int(number)


def _drop_unused(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM pieces WHERE NOT EXISTS (SELECT 1 FROM request WHERE request.pieces = pieces.id)")
