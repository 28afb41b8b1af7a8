"""What was reviewed and what was found there, kept across restarts: unchanged content is not sent again.

Keyed by content, not by place: a region that is moved or renamed is still known. A finding holds the lines that it
quotes, so the file is this user's alone, and forgets what nobody has looked at for a while.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..routing import database
from .answer import rule_name
from .finding import SEVERITIES, Finding, Related, Replacement
from .regions import Region

FILE_NAME = "reviewed.sqlite3"
BUSY_SECONDS = 2.0
KEPT_DAYS = 30
MOST_REGIONS = 20_000
_DAY_S = 86_400.0

_MIGRATIONS = (
    """
    CREATE TABLE region (key TEXT PRIMARY KEY, at REAL NOT NULL, findings TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX region_at ON region (at);
    """,
)


class MemoryUnusable(Exception):
    """What was reviewed cannot be read or written down; `str(error)` is one line that names the file."""


class Memory(database.Database):
    """The regions that were reviewed to the end, each with its findings. From one thread at a time."""

    synchronous = "NORMAL"
    migrations = _MIGRATIONS

    def __init__(self, path: Path | None = None, *, busy_s: float = BUSY_SECONDS) -> None:
        super().__init__(path or database.default_path(FILE_NAME), busy_s=busy_s)

    def unusable(self, reason: str) -> MemoryUnusable:
        """What is said where it cannot be kept."""
        return MemoryUnusable(f"What was reviewed cannot be kept in {self.path}: {reason}.")

    def known(self, path: str, regions: Iterable[tuple[Region, str]]) -> dict[Region, tuple[Finding, ...]]:
        """Those of the regions (each with its key) of the file `path` that were reviewed, with what was found there."""
        if not self.exists:
            return {}
        found: dict[Region, tuple[Finding, ...]] = {}
        with self.read() as connection:
            for region, key in regions:
                row = connection.execute("SELECT findings FROM region WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    found[region] = _read(row[0], path, region.first)
        return found

    def keep(self, reviewed: Mapping[str, tuple[Region, Sequence[Finding]]]) -> None:
        """Remember regions by their keys, with what was found in each; forget what is old."""
        now = self.clock()
        rows = [
            (key, now, json.dumps([_told(one, region.first) for one in findings], ensure_ascii=True))
            for key, (region, findings) in reviewed.items()
        ]
        with self.write() as connection:
            connection.executemany("INSERT OR REPLACE INTO region VALUES (?, ?, ?)", rows)
            connection.execute("DELETE FROM region WHERE at < ?", (now - KEPT_DAYS * _DAY_S,))
            connection.execute(
                "DELETE FROM region WHERE key IN (SELECT key FROM region ORDER BY at DESC LIMIT -1 OFFSET ?)",
                (MOST_REGIONS,),
            )


def key(region: Region, rules: str) -> str:
    """The name of a region under some rules (the words a model is sent, the team's own): other rules, other review."""
    return hashlib.sha256(f"{region.digest}\n{rules}".encode("utf-8", "surrogatepass")).hexdigest()


def _told(one: Finding, first: int) -> dict[str, Any]:
    told = asdict(one)
    del told["path"]
    return told | {"start_line": one.start_line - first, "end_line": one.end_line - first}


def _read(text: str, path: str, first: int) -> tuple[Finding, ...]:
    """The findings of a region that begins at `first` now; what is not of this form is passed over."""
    found: list[Finding] = []
    try:
        told = json.loads(text)
        for one in told:
            fix, related = one["replacement"], one["related"]
            if one["severity"] not in SEVERITIES or one["rule"] != rule_name(one["rule"]):
                continue
            finding = Finding(
                path,
                first + int(one["start_line"]),
                first + int(one["end_line"]),
                one["rule"],
                one["severity"],
                str(one["title"]),
                str(one["why"]),
                str(one["quote"]),
                str(one["symbol"]),
                related=tuple(Related(str(each["path"]), int(each["line"]), str(each["note"])) for each in related),
            )
            fixed = Replacement(str(fix["target"]), str(fix["text"])) if fix else None
            found.append(replace(finding, replacement=fixed))
    except (ValueError, TypeError, KeyError, RecursionError):
        return tuple(found)
    return tuple(found)
