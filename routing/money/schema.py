"""The ledger's tables, as numbered migrations: each brings a file from its number to the next."""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE day (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        ordinal INTEGER NOT NULL
    );
    CREATE TABLE hold (
        since REAL NOT NULL,
        reason TEXT NOT NULL
    );
    CREATE TABLE call (
        id TEXT PRIMARY KEY,
        ask TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        at REAL NOT NULL,
        day INTEGER NOT NULL,
        project TEXT NOT NULL,
        task TEXT NOT NULL,
        lane TEXT NOT NULL,
        provider TEXT NOT NULL,
        host TEXT NOT NULL,
        model TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        reserved INTEGER NOT NULL,
        charged INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL DEFAULT 0,
        output_tokens INTEGER NOT NULL DEFAULT 0,
        cache_read_tokens INTEGER NOT NULL DEFAULT 0,
        cache_write_tokens INTEGER NOT NULL DEFAULT 0,
        first_ms REAL,
        ms REAL,
        body_bytes INTEGER NOT NULL,
        body_sha256 TEXT NOT NULL,
        pid INTEGER NOT NULL,
        process_started REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX call_by_day ON call (day, charged);
    CREATE INDEX call_by_project ON call (project, day, charged);
    CREATE INDEX call_open ON call (state) WHERE state = 'open';
    CREATE TABLE piece (
        call TEXT NOT NULL REFERENCES call (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        path TEXT NOT NULL,
        start_line INTEGER NOT NULL,
        end_line INTEGER NOT NULL,
        PRIMARY KEY (call, position)
    ) WITHOUT ROWID;
    """,
)
