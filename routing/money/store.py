"""The ledger's file: one SQLite database per user that never forgets silently.

Every commit is on the disk before it counts. A damaged or vanished file is replaced by one that is on hold: nothing
that costs money is allowed until a person has said what to assume.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from .. import database
from ..errors import LedgerClosed
from .schema import MIGRATIONS

FILE_NAME = "ledger.sqlite3"
BUSY_SECONDS = 5.0


def default_path() -> Path:
    """Where this user's ledger lives; XDG_DATA_HOME moves it."""
    return database.default_path(FILE_NAME)


class Store(database.Database):
    """The ledger as a file; raises only `LedgerClosed`."""

    synchronous = "FULL"
    migrations = MIGRATIONS

    def __init__(
        self,
        path: Path,
        *,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
        busy_s: float = BUSY_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(path, connect=connect, busy_s=busy_s, clock=clock)
        self._loss = ""

    @property
    def exists(self) -> bool:
        """Whether there is, or was, a ledger: reading one that never was would only make it."""
        return database.there(self.path) or self._mark.exists()

    def unusable(self, reason: str) -> LedgerClosed:
        """What is said where the ledger cannot be kept."""
        return LedgerClosed(
            f"Models elsewhere are not asked, because the ledger {self.path} cannot be kept: {reason}. "
            "The local model goes on."
        )

    def before_opening(self) -> None:
        """Find out what became of the ledger that was there, moving a damaged one aside."""
        self._loss = ""
        if not self.path.exists():
            if self._mark.exists() or self.opened_before:
                self._loss = f"{self.path.name} is gone"
        elif (moved := self.move_damaged()) is not None:
            damage, aside = moved
            self._loss = f"{self.path.name} was damaged ({damage}) and is kept as {aside.name}"

    def opened(self, connection: sqlite3.Connection) -> None:
        """Put a ledger that follows a lost one on hold."""
        if self._loss:
            connection.execute("INSERT INTO hold (since, reason) VALUES (?, ?)", (self.clock(), self._loss))
        self._mark.touch(mode=0o600)

    def judge(self, version: int) -> str:
        """An empty file where there was a ledger is a loss."""
        return "it is empty" if version == 0 and self._mark.exists() else ""

    @property
    def _mark(self) -> Path:
        return self.path.with_suffix(".seen")
