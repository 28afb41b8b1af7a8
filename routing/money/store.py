"""The ledger's file: one SQLite database per user that never forgets silently.

Shared by all processes of this user: WAL, every commit on the disk before it counts (`synchronous=FULL`), every
write in one `BEGIN IMMEDIATE`. A damaged or vanished file is moved aside, never mended in place, and the new one
is on hold: nothing that costs money is allowed until a person has said what to assume. Use it from one thread.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import LedgerClosed
from .schema import TooNew, migrate

FILE_NAME = "ledger.sqlite3"
BUSY_SECONDS = 5.0

_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_REASONS = {
    sqlite3.SQLITE_BUSY: "another process does not let go of it: close the program that holds it open",
    sqlite3.SQLITE_LOCKED: "another process does not let go of it: close the program that holds it open",
    sqlite3.SQLITE_READONLY: "it may only be read: give yourself the right to write it and its folder",
    sqlite3.SQLITE_PERM: "it may only be read: give yourself the right to write it and its folder",
    sqlite3.SQLITE_FULL: "the disk is full: make room",
    sqlite3.SQLITE_IOERR: "the disk refuses to read or write it: see to the disk or its quota",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: see to its folder and its permissions",
    sqlite3.SQLITE_CORRUPT: "it is damaged; the next request moves it aside",
    sqlite3.SQLITE_NOTADB: "it is damaged; the next request moves it aside",
}


def default_path() -> Path:
    """Where this user's ledger lives; XDG_DATA_HOME moves it."""
    import platformdirs

    return Path(platformdirs.user_data_dir("twolane", appauthor=False)) / FILE_NAME


class Store:
    """Opens the file when it is first needed and gives out transactions; raises only `LedgerClosed`.

    `connect` makes a connection as `sqlite3.connect` does, `busy_s` is how long a write waits for others,
    `clock` tells Unix seconds.
    """

    def __init__(
        self,
        path: Path,
        *,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
        busy_s: float = BUSY_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self.clock = clock
        self._connect = connect
        self._busy_s = busy_s
        self._connection: sqlite3.Connection | None = None
        self._identity = (0, 0)

    @property
    def exists(self) -> bool:
        """Whether there is, or was, a ledger: reading one that never was would only make it."""
        return self.path.exists() or self._mark.exists()

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

    @property
    def _mark(self) -> Path:
        return self.path.with_suffix(".seen")

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = _primary(error)
            if code in _CORRUPT:
                self.close()
            raise self._closed(_REASONS.get(code, str(error))) from error
        except TimeoutError as error:
            raise self._closed(_REASONS[sqlite3.SQLITE_BUSY]) from error
        except OSError as error:
            raise self._closed(f"{error.strerror or error}: see to its folder and its permissions") from error
        except TooNew as error:
            raise self._closed("a later version of Twolane wrote it: use that version, or update this one") from error

    def _closed(self, reason: str) -> LedgerClosed:
        return LedgerClosed(
            f"Models elsewhere are not asked, because the ledger {self.path} cannot be kept: {reason}. "
            "The local model goes on."
        )

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
            loss = self._loss()
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = self._connected()
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA foreign_keys=ON")
                migrate(connection)
                if loss:
                    connection.execute("INSERT INTO hold (since, reason) VALUES (?, ?)", (self.clock(), loss))
                self._mark.touch(mode=0o600)
            except BaseException:
                connection.close()
                raise
            self._identity = _identity(self.path)
        return connection

    def _connected(self) -> sqlite3.Connection:
        return self._connect(self.path, timeout=self._busy_s, isolation_level=None, check_same_thread=False)

    def _loss(self) -> str:
        """Say what became of the ledger that was there, moving a damaged one aside; empty where all is well."""
        if not self.path.exists():
            known = self._mark.exists() or self._identity != (0, 0)
            return f"{self.path.name} is gone" if known else ""
        if not (damage := self._damage()):
            return ""
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self.clock()))
        aside = self.path.with_name(f"{self.path.stem}.damaged-{stamp}{self.path.suffix}")
        for ending in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{ending}").replace(f"{aside}{ending}")
        return f"{self.path.name} was damaged ({damage}) and is kept as {aside.name}"

    def _damage(self) -> str:
        connection = self._connected()
        try:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            if _primary(error) not in _CORRUPT:
                raise
            return "it is no database any more"
        finally:
            connection.close()
        if verdict != "ok":
            return str(verdict).splitlines()[-1][:100]
        return "it is empty" if version == 0 and self._mark.exists() else ""


def _identity(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return (0, -1)
    return (facts.st_dev, facts.st_ino)


def _primary(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
