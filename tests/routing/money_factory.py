"""Calls, caps and ledgers for tests; amounts in dollars, because that is how people think of them."""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twolane.routing.money.amount import micro
from twolane.routing.money.budget import Budget, Call, Caps, Piece, Settlement
from twolane.routing.money.store import Store

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0


@dataclass
class Clock:
    """A clock that a test turns."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


def caps(request: float = 1_000, day: float = 5, month: float = 1_000, project: float = 1_000) -> Caps:
    return Caps(micro(request), micro(day), micro(month), micro(project))


def call(worst: float, *, project: str = "/work/demo", pieces: tuple[Piece, ...] = (), **others: Any) -> Call:
    given: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "ask": uuid.uuid4().hex,
        "attempt": 1,
        "task": "review",
        "lane": "far",
        "provider": "anthropic",
        "host": "api.example",
        "model": "claude-test",
        "body_bytes": 10,
        "body_sha256": "0" * 64,
    }
    return Call(project=project, worst=micro(worst), pieces=pieces, **(given | others))


@dataclass
class Till:
    """A budget in a folder, asked in dollars."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    busy_s: float = 5.0
    connect: Any = sqlite3.connect

    def __post_init__(self) -> None:
        self.store = Store(self.folder / "ledger.sqlite3", connect=self.connect, busy_s=self.busy_s, clock=self.clock)
        self.budget = Budget(self.store)

    def reserve(self, worst: float, limits: Caps | None = None, **others: Any) -> str:
        made = call(worst, **others)
        self.budget.reserve(made, limits or caps())
        return made.id

    def settle(self, reserved: str, cost: float, state: Any = "done", **others: Any) -> None:
        self.budget.settle(Settlement(reserved, state, micro(cost), **others))

    def spent(self, project: str = "/work/demo") -> tuple[float, float, float]:
        standing = self.budget.standing(project)
        return (standing.spent_day / 1e6, standing.spent_month / 1e6, standing.spent_project / 1e6)

    def close(self) -> None:
        self.store.close()


def spent(path: Path, dollars: float) -> None:
    """Write so much down as spent by now, in the ledger at `path`."""
    store = Store(path)
    Budget(store).reserve(call(dollars), caps(day=1_000_000, month=1_000_000))
    store.close()
