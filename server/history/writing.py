"""What goes into the history, and what leaves it: by age, by number, or because nothing is to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...completion.trace import Trace
from .rows import COLUMNS, row
from .store import Store

KEPT = 5_000
"""How many requests are kept for one workspace."""

_DAY_S = 86_400
_NAMES = ("workspace", "expires", *COLUMNS)
_INSERT = f"INSERT INTO request ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"  # noqa: S608 - our own column names


def workspace_name(root: Path | None) -> str:
    """The name under which a workspace's requests are kept: where it really lies; empty for files outside of any."""
    return str(root.resolve()) if root is not None else ""


def append(
    store: Store, traces: Sequence[tuple[Path | None, Trace]], keep_days: int, now: float, most: int = KEPT
) -> None:
    """Write traces with the folders of their workspaces, oldest first, and let go of what is too old or too many.

    `now` is Unix seconds. Raises `HistoryUnusable`.
    """
    names = {root: workspace_name(root) for root, _ in traces}
    lasting_s = keep_days * _DAY_S
    with store.write() as connection:
        connection.executemany(_INSERT, [(names[root], trace.at + lasting_s, *row(trace)) for root, trace in traces])
        connection.execute("DELETE FROM request WHERE expires < ?", (now,))
        for name in set(names.values()):
            connection.execute("DELETE FROM request WHERE workspace = ? AND at < ?", (name, now - lasting_s))
            connection.execute(
                "DELETE FROM request WHERE workspace = ? AND id <= "
                "(SELECT id FROM request WHERE workspace = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (name, name, most),
            )


def forget(store: Store, root: Path | None) -> None:
    """Delete what was kept for a workspace. Raises `HistoryUnusable`."""
    with store.write() as connection:
        connection.execute("DELETE FROM request WHERE workspace = ?", (workspace_name(root),))
