"""The history's file: one SQLite database per user, shared by all servers and commands of this user.

Nothing in it is worth waiting for: WAL with `synchronous=NORMAL`, so that a power cut may take the last seconds, never
the file. A damaged file is moved aside and a new one begun. Use a store from one thread.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .schema import TooNew, migrate

FILE_NAME = "history.sqlite3"
BUSY_SECONDS = 2.0

_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = "another process does not let go of it: close the program that holds it open"
_READ_ONLY = "it may only be read: give yourself the right to write it and its folder"
_DAMAGED = "it is damaged and will be moved aside"
_REASONS = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_FULL: "the disk is full: make room",
    sqlite3.SQLITE_IOERR: "the disk refuses to read or write it: see to the disk or its quota",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: see to its folder and its permissions",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}


class HistoryUnusable(Exception):
    """The history cannot be read or written; `str(error)` is one line that names the file and what to do."""


def default_path() -> Path:
    """Where this user's history lives; XDG_DATA_HOME moves it."""
    import platformdirs

    return Path(platformdirs.user_data_dir("twolane", appauthor=False)) / FILE_NAME


class Store:
    """Opens the file when it is first needed and gives out transactions; raises only `HistoryUnusable`.

    `connect` makes a connection as `sqlite3.connect` does. `note` says what became of a damaged file that was found.
    """

    def __init__(
        self,
        path: Path,
        *,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
        busy_s: float = BUSY_SECONDS,
    ) -> None:
        self.path = path
        self.note = ""
        self._connect = connect
        self._busy_s = busy_s
        self._connection: sqlite3.Connection | None = None
        self._identity = (0, 0)

    @property
    def exists(self) -> bool:
        """Whether there is a history: reading one that never was would only make it."""
        return self.path.exists()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that is written whole or not at all."""
        with self._reported():
            connection = self._ready()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection to read from; each statement sees what was committed before it."""
        with self._reported():
            yield self._ready()

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = _primary(error)
            if code in _CORRUPT:
                self.close()
            raise self._unusable(_REASONS.get(code, str(error))) from error
        except TimeoutError as error:
            raise self._unusable(_BUSY) from error
        except OSError as error:
            raise self._unusable(f"{error.strerror or error}: see to its folder and its permissions") from error
        except TooNew as error:
            raise self._unusable("a later version of Twolane wrote it: use that version, or update this one") from error

    def _unusable(self, reason: str) -> HistoryUnusable:
        return HistoryUnusable(f"The history of requests {self.path} cannot be kept or told: {reason}.")

    def _ready(self) -> sqlite3.Connection:
        """The open connection, to the file that is there now."""
        if self._connection is not None and self._identity == _identity(self.path):
            return self._connection
        self.close()
        self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        from filelock import FileLock

        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self.path.with_suffix(".lock"), timeout=self._busy_s):
            if self.path.exists() and (damage := self._damage()):
                self._move_aside(damage)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = self._connected()
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                migrate(connection)
            except BaseException:
                connection.close()
                raise
            self._identity = _identity(self.path)
        return connection

    def _connected(self) -> sqlite3.Connection:
        return self._connect(self.path, timeout=self._busy_s, isolation_level=None, check_same_thread=False)

    def _move_aside(self, damage: str) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        aside = self.path.with_name(f"{self.path.stem}.damaged-{stamp}{self.path.suffix}")
        for ending in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{ending}").replace(f"{aside}{ending}")
        self.note = (
            f"The history of requests was damaged ({damage}) and begins anew; the old one is {aside}: delete it, "
            "unless you want to look into it."
        )

    def _damage(self) -> str:
        """What is wrong with the file that is there; empty where it is sound."""
        connection = self._connected()
        try:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            if _primary(error) not in _CORRUPT:
                raise
            return "it is no database any more"
        finally:
            connection.close()
        return "" if verdict == "ok" else str(verdict).splitlines()[-1][:100]


def _identity(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return (0, -1)
    return (facts.st_dev, facts.st_ino)


def _primary(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
