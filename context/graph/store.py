"""The index's file: one SQLite database per workspace, derived from the disk, so that it may be lost at any moment.

WAL with `synchronous=NORMAL`: a killed process harms nothing, a power cut takes the last seconds. Facts are kept under
a digest of the content they were read from, so that a branch that was here before costs no parsing. The name says the
format, so that versions of Twolane that are used side by side have a file, and a lock, each. A file that is of another
format for all that, or a damaged one, is removed and built again. One process writes (it holds the lock); any number
read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = 7
"""Raised whenever the tables, `coding`, `naming`, `tables` or what the languages' queries find changes."""

BUSY_SECONDS = 5.0
_VERSION = FORMAT * 10 + (sys.byteorder == "big")
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    path TEXT PRIMARY KEY, language TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    fact INTEGER NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, symbols INTEGER NOT NULL, names BLOB NOT NULL,
    body BLOB NOT NULL);
CREATE TABLE imports (path TEXT PRIMARY KEY, fact INTEGER NOT NULL, targets TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE parts (name TEXT PRIMARY KEY, data BLOB NOT NULL);
"""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_TROUBLES = (sqlite3.Error, UnicodeDecodeError)
"""What a query may raise: where the damage is in the text of an error, Python cannot even read that."""

_REASONS = {
    sqlite3.SQLITE_BUSY: "another process does not let go of it",
    sqlite3.SQLITE_LOCKED: "another process does not let go of it",
    sqlite3.SQLITE_READONLY: "it may only be read",
    sqlite3.SQLITE_PERM: "it may only be read",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk refuses to read or write it",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_NOTADB: "it is damaged",
}


class StoreUnusable(Exception):
    """The file cannot be written or read; `str(error)` is one line that names it and why.

    `damaged` says that it has to be built again.
    """

    def __init__(self, message: str, *, damaged: bool = False) -> None:
        super().__init__(message)
        self.damaged = damaged


def damaged(path: Path | None) -> StoreUnusable:
    """The error for an index that holds what nobody wrote."""
    reason = _REASONS[sqlite3.SQLITE_CORRUPT]
    return StoreUnusable(f"the index {path or 'in memory'}: {reason}", damaged=True)


class Row(NamedTuple):
    """What is known of a file: its stamp, and its facts' number (0: left out because of `reason`)."""

    path: str
    language: str
    size: int
    mtime_ns: int
    fact: int
    reason: str


def default_path(root: str) -> Path:
    """Where the index of the workspace at the real path `root` lives; XDG_DATA_HOME moves it."""
    import platformdirs

    name = re.sub(r"[^\w.-]+", "-", Path(root).name, flags=re.ASCII)[:40] or "root"
    key = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
    return Path(platformdirs.user_data_dir("twolane", appauthor=False)) / "index" / f"{name}-{key}{own_ending()}"


def own_ending() -> str:
    """How the name of every index ends that is of this version's format; those of others end otherwise."""
    return f"-{_VERSION}.sqlite3"


class Store:
    """An open index. `path` is None for one in memory. Use it from one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def writing(cls, path: Path) -> Store:
        """Open or make the file to write; raises `StoreUnusable`. The caller holds the lock."""
        with _reported(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists() and not _sound(path):
                remove(path)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                _migrate(connection)
            except BaseException:
                connection.close()
                raise
        return cls(connection, path)

    @classmethod
    def reading(cls, path: Path) -> Store | None:
        """Open the file to read; None where there is none of this format, or none that may be read."""
        try:
            if not path.is_file():
                return None
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=0.5,
                isolation_level=None,
                check_same_thread=False,
            )
        except (sqlite3.Error, OSError):
            return None
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except _TROUBLES:
            version = 0
        if version != _VERSION:
            connection.close()
            return None
        return cls(connection, path)

    @classmethod
    def in_memory(cls, data: bytes = b"") -> Store:
        """An index that no disk holds, from what `dump` gave. Raises `StoreUnusable`."""
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        with _reported(None):
            if data:
                connection.deserialize(data)
            _migrate(connection)
        return cls(connection, None)

    def dump(self) -> bytes:
        """The whole index, for `in_memory`."""
        return self._connection.serialize()

    def close(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction that is written whole or not at all; raises `StoreUnusable`."""
        with _reported(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self) -> dict[str, Row]:
        """All files, by path."""
        with _reported(self.path):
            query = "SELECT path, language, size, mtime_ns, fact, reason FROM files"
            return {row[0]: Row(*row) for row in self._connection.execute(query)}

    def fact(self, digest: bytes) -> int | None:
        """The number of the facts under a digest."""
        found: int | None = self._one("SELECT id FROM facts WHERE digest = ?", digest)
        return found

    def body(self, fact: int) -> bytes | None:
        """Encoded facts."""
        found: bytes | None = self._one("SELECT body FROM facts WHERE id = ?", fact)
        return found

    def names(self, fact: int) -> bytes | None:
        """The names of a file, packed."""
        found: bytes | None = self._one("SELECT names FROM facts WHERE id = ?", fact)
        return found

    def all_names(self) -> Iterator[tuple[int, int, bytes]]:
        """The number, the count of symbols and the packed names of the facts of every indexed file."""
        with _reported(self.path):
            query = "SELECT id, symbols, names FROM facts WHERE id IN (SELECT fact FROM files)"
            yield from self._connection.execute(query)

    def count_symbols(self) -> int:
        """How many definitions there are in all files."""
        query = "SELECT coalesce(sum(symbols), 0) FROM files JOIN facts ON facts.id = files.fact"
        with _reported(self.path):
            return int(self._connection.execute(query).fetchone()[0])

    def targets(self) -> dict[str, tuple[int, str]]:
        """Where the imports of each file led: the number of the facts they come from, and the paths, one a line."""
        with _reported(self.path):
            return {path: (fact, targets) for path, fact, targets in self._connection.execute("SELECT * FROM imports")}

    def meta(self, key: str) -> str:
        """A remembered word; '' where there is none."""
        return str(self._one("SELECT value FROM meta WHERE key = ?", key) or "")

    def parts(self) -> dict[str, bytes]:
        """The compact tables, all of one moment; none where they were never written, or cannot be read."""
        try:
            return dict(self._connection.execute("SELECT name, data FROM parts"))
        except _TROUBLES:
            return {}

    def add_facts(self, rows: Iterable[tuple[bytes, int, bytes, bytes]], files: Iterable[tuple[Row, bytes]]) -> None:
        """Write new facts (digest, symbols, names, body), and files with the digest of theirs (b'': left out)."""
        with self._unpublished() as connection:
            connection.executemany(
                "INSERT INTO facts (digest, symbols, names, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", rows
            )
            connection.executemany(
                "INSERT OR REPLACE INTO files SELECT ?, ?, ?, ?, "
                "coalesce((SELECT id FROM facts WHERE digest = ?), 0), ?",
                [(row.path, row.language, row.size, row.mtime_ns, digest, row.reason) for row, digest in files],
            )

    def remove_files(self, paths: Iterable[str]) -> None:
        """Forget files that are gone."""
        with self._unpublished() as connection:
            connection.executemany("DELETE FROM files WHERE path = ?", [(path,) for path in paths])
            connection.execute("DELETE FROM imports WHERE path NOT IN (SELECT path FROM files)")

    def add_targets(self, rows: Iterable[tuple[str, int, str]]) -> None:
        """Write where the imports of files lead."""
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO imports VALUES (?, ?, ?)", rows)

    def publish(self, parts: Mapping[str, bytes], meta: Mapping[str, str]) -> None:
        """Replace these compact tables and remembered words at once; whoever reads sees all or none."""
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO parts VALUES (?, ?)", parts.items())
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())

    def drop_unused(self, most: int) -> None:
        """Remove facts that no file has any more, where there are more than `most` of them; the oldest go first."""
        unused = "FROM facts WHERE id NOT IN (SELECT fact FROM files)"
        with self.transaction() as connection:
            (count,) = connection.execute(f"SELECT count(*) {unused}").fetchone()
            if count > most:
                connection.execute(
                    f"DELETE FROM facts WHERE id IN (SELECT id {unused} ORDER BY id LIMIT ?)",  # noqa: S608 - as above
                    (count - most // 2,),
                )

    @contextlib.contextmanager
    def _unpublished(self) -> Iterator[sqlite3.Connection]:
        """A transaction after which the compact tables are behind: whoever ends before `publish` leaves that to do."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM meta WHERE key = 'complete'")
            yield connection

    def _one(self, query: str, value: object) -> Any:
        try:
            row = self._connection.execute(query, (value,)).fetchone()
        except _TROUBLES:
            return None
        return row[0] if row is not None else None


def remove(path: Path) -> None:
    """Delete an index with all that belongs to it; raises `OSError`."""
    for ending in ("-wal", "-shm", ""):
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != _VERSION:
        connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version={_VERSION};COMMIT;")


def _sound(path: Path) -> bool:
    """Whether the file that is there is whole and of this format."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if _code(error) in _DAMAGED:
            return False
        raise
    except UnicodeDecodeError:
        return False
    finally:
        connection.close()
    return bool(version == _VERSION and verdict == "ok")


@contextlib.contextmanager
def _reported(path: Path | None) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        code = _code(error)
        reason = f"the index {path or 'in memory'}: {_REASONS.get(code, str(error))}"
        raise StoreUnusable(reason, damaged=code in _DAMAGED) from error
    except UnicodeDecodeError as error:
        raise damaged(path) from error
    except OSError as error:
        raise StoreUnusable(f"the index {path or 'in memory'}: {error.strerror or error}") from error


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
