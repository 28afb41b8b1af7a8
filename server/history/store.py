"""The history's file: one SQLite database per user, shared by all servers and commands of this user.

Nothing in it is worth waiting for: a power cut may take the last seconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from ...routing import database
from .schema import MIGRATIONS

FILE_NAME = "history.sqlite3"
BUSY_SECONDS = 2.0


class HistoryUnusable(Exception):
    """The history cannot be read or written; `str(error)` is one line that names the file and what to do."""


def default_path() -> Path:
    """Where this user's history lives; XDG_DATA_HOME moves it."""
    return database.default_path(FILE_NAME)


class Store(database.Database):
    """The history as a file; raises only `HistoryUnusable`.

    `note` says what became of a damaged file that was found.
    """

    synchronous = "NORMAL"
    migrations = MIGRATIONS

    def __init__(
        self,
        path: Path,
        *,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
        busy_s: float = BUSY_SECONDS,
    ) -> None:
        super().__init__(path, connect=connect, busy_s=busy_s)
        self.note = ""

    def unusable(self, reason: str) -> HistoryUnusable:
        """What is said where the history cannot be kept."""
        return HistoryUnusable(f"The history of requests {self.path} cannot be kept or told: {reason}.")

    def before_opening(self) -> None:
        """Move a damaged history aside and note it."""
        if (moved := self.move_damaged()) is not None:
            damage, aside = moved
            self.note = (
                f"The history of requests was damaged ({damage}) and begins anew; the old one is {aside}: delete it, "
                "unless you want to look into it."
            )
