"""The history's tables, as numbered migrations: each brings a file from its number to the next."""

from __future__ import annotations

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
    """
    CREATE TABLE offer (
        id INTEGER PRIMARY KEY,
        workspace TEXT NOT NULL,
        expires REAL NOT NULL,
        at REAL NOT NULL,
        language TEXT NOT NULL,
        lane TEXT NOT NULL,
        model TEXT NOT NULL,
        origin TEXT NOT NULL,
        chars INTEGER NOT NULL,
        lines INTEGER NOT NULL,
        shown INTEGER NOT NULL,
        accepted_chars INTEGER NOT NULL,
        survival_30 REAL,
        survival_120 REAL,
        survival_300 REAL,
        survival_600 REAL
    );
    CREATE INDEX offer_by_expiry ON offer (expires);
    CREATE INDEX offer_by_workspace ON offer (workspace, id);
    """,
    """
    ALTER TABLE offer ADD COLUMN name TEXT;
    CREATE UNIQUE INDEX offer_by_name ON offer (name);
    """,
)
