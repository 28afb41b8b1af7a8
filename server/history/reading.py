"""The history read again: the last requests of a workspace."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from .rows import COLUMNS, told
from .store import Store
from .writing import workspace_name


def last_requests(store: Store, root: Path | None, count: int, *, everywhere: bool = False) -> list[dict[str, Any]]:
    """The last `count` requests about files below `root`, newest last, each with its `workspace`.

    A request counts wherever the editor saw the workspace: at `root`, below it, or above it. Without `root` those
    outside of any workspace; `everywhere` tells all of this user. Raises `HistoryUnusable`.
    """
    with store.read() as connection:
        where, values = ("1", []) if everywhere else _below(connection, workspace_name(root))
        cursor = connection.execute(
            f"SELECT workspace, {', '.join(COLUMNS)}, sources FROM request JOIN pieces ON pieces.id = request.pieces "  # noqa: S608 - our own names
            f"WHERE {where} ORDER BY request.id DESC LIMIT ?",
            (*values, count),
        )
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
    return [told(row) | {"workspace": row["workspace"]} for row in reversed(rows)]


def _below(connection: sqlite3.Connection, folder: str) -> tuple[str, Sequence[str | int]]:
    """The condition that tells requests about files below a folder, and its values."""
    workspaces = [name for (name,) in connection.execute("SELECT DISTINCT workspace FROM request")]
    parts, values = ["0"], list[str | int]()
    for name in workspaces:
        if name == folder or (folder and name and PurePath(name).is_relative_to(folder)):
            parts.append("workspace = ?")
            values.append(name)
        elif folder and name and PurePath(folder).is_relative_to(name):
            start = PurePath(folder).relative_to(name).as_posix() + "/"
            parts.append("(workspace = ? AND substr(path, 1, ?) = ?)")
            values += [name, len(start), start]
    return " OR ".join(parts), values
