"""The history's tables, as numbered migrations: each brings a file from its number to the next."""

from __future__ import annotations

import sqlite3

MIGRATIONS = (
    """
    CREATE TABLE pieces (
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        sources TEXT NOT NULL
    );
    CREATE TABLE request (
        id INTEGER PRIMARY KEY,
        workspace TEXT NOT NULL,
        expires REAL NOT NULL,
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        path TEXT NOT NULL,
        language TEXT NOT NULL,
        ms REAL NOT NULL,
        lane TEXT,
        model TEXT,
        prompt_tokens INTEGER NOT NULL,
        reused_tokens INTEGER NOT NULL,
        evaluated_tokens INTEGER NOT NULL,
        generated_tokens INTEGER NOT NULL,
        origin TEXT NOT NULL,
        shown INTEGER NOT NULL,
        reason TEXT NOT NULL,
        work TEXT NOT NULL,
        details TEXT NOT NULL,
        pieces INTEGER NOT NULL REFERENCES pieces (id)
    );
    CREATE INDEX request_by_workspace ON request (workspace, id);
    CREATE INDEX request_by_expiry ON request (expires);
    CREATE INDEX request_by_pieces ON request (pieces);
    """,
)


class TooNew(Exception):
    """The file was written by a later version of Twolane."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file up to date, each step in a transaction of its own; raise `TooNew`."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise TooNew
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
