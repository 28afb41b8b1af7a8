"""One SQLite file of this user, shared by all processes: opened when needed, never mended in place.

WAL, every write in one `BEGIN IMMEDIATE`. A damaged file is moved aside and a new one begun. What kind of file it is, a
subclass says: its tables, how much a commit is worth, what a person is told.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = "another process does not let go of it: close the program that holds it open"
_READ_ONLY = "it may only be read: give yourself the right to write it and its folder"
_DAMAGED = "it is damaged; it is moved aside when it is next needed"
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


def default_path(file_name: str) -> Path:
    """Where a file of this user's data lives; XDG_DATA_HOME moves it."""
    import platformdirs

    return Path(platformdirs.user_data_dir("twolane", appauthor=False)) / file_name


class Database(ABC):
    """Gives out transactions; raises only what `unusable` makes. Use it from one thread.

    `connect` makes a connection as `sqlite3.connect` does, `busy_s` is how long a write waits for others, `clock` tells
    Unix seconds.
    """

    synchronous: ClassVar[Literal["FULL", "NORMAL"]]
    """FULL: a commit is on the disk before it counts; NORMAL: a power cut may take the last seconds, never the file."""

    migrations: ClassVar[Sequence[str]]
    """The tables as numbered steps: each brings a file from its number to the next."""

    def __init__(
        self,
        path: Path,
        *,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
        busy_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self.clock = clock
        self._connect = connect
        self._busy_s = busy_s
        self._connection: sqlite3.Connection | None = None
        self._identity = (0, 0)

    @abstractmethod
    def unusable(self, reason: str) -> Exception:
        """The error for a file that cannot be kept; `reason` says what is wrong and what to do."""

    def before_opening(self) -> None:
        """Look at the file, or its absence, before it is opened or made; the lock is held."""
        self.move_damaged()

    def opened(self, connection: sqlite3.Connection) -> None:  # noqa: B027 - most kinds of file have nothing to add
        """The file is open and up to date; the lock is still held."""

    @property
    def exists(self) -> bool:
        """Whether there is a file: reading one that never was would only make it."""
        return there(self.path)

    @property
    def opened_before(self) -> bool:
        """Whether this object has had a file open."""
        return self._identity != (0, 0)

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

    def move_damaged(self) -> tuple[str, Path] | None:
        """Move a damaged file aside; return what was wrong with it and where it is now, None where all is well."""
        if not self.path.exists() or not (damage := self.damage()):
            return None
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self.clock()))
        aside = self.path.with_name(f"{self.path.stem}.damaged-{stamp}{self.path.suffix}")
        for ending in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{ending}").replace(f"{aside}{ending}")
        return damage, aside

    def damage(self) -> str:
        """What is wrong with the file that is there; empty where it is sound."""
        connection = self._connected()
        try:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            if _primary(error) not in _CORRUPT:
                raise
            return "it is no database any more"
        except UnicodeDecodeError:  # the damage is in the text of SQLite's own error
            return "it is no database any more"
        finally:
            connection.close()
        return self.judge(version) if verdict == "ok" else str(verdict).splitlines()[-1][:100]

    def judge(self, version: int) -> str:  # noqa: ARG002 - most kinds of file have nothing against any version
        """What is wrong with a sound file of this version; empty where nothing is."""
        return ""

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = _primary(error)
            if code in _CORRUPT:
                self.close()
            raise self.unusable(_REASONS.get(code, str(error))) from error
        except UnicodeDecodeError as error:
            self.close()
            raise self.unusable(_DAMAGED) from error
        except TimeoutError as error:
            raise self.unusable(_BUSY) from error
        except OSError as error:
            raise self.unusable(f"{error.strerror or error}: see to its folder and its permissions") from error
        except _TooNew as error:
            raise self.unusable("a later version of Twolane wrote it: use that version, or update this one") from error

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
            self.before_opening()
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = self._connected()
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute(f"PRAGMA synchronous={self.synchronous}")
                connection.execute("PRAGMA foreign_keys=ON")
                self._migrate(connection)
                self.opened(connection)
            except BaseException:
                connection.close()
                raise
            self._identity = _identity(self.path)
        return connection

    def _connected(self) -> sqlite3.Connection:
        return self._connect(self.path, timeout=self._busy_s, isolation_level=None, check_same_thread=False)

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the file up to date, each step in a transaction of its own."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(self.migrations):
            raise _TooNew
        for number, script in enumerate(self.migrations[version:], version + 1):
            connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")


class _TooNew(Exception):
    """The file was written by a later version of Twolane."""


def there(path: Path) -> bool:
    """Whether there is a file, or could be: of a place that nobody may look at, reading it says more."""
    try:
        return path.exists()
    except OSError:
        return True


def _identity(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return (0, -1)
    return (facts.st_dev, facts.st_ino)


def _primary(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
