"""Caps that hold: the worst case is written down before the first byte leaves, the real cost afterwards.

Every call is one row of the ledger, and what it is charged counts from the moment of its reservation. So nothing
that happens to a process can make spend disappear: a row that nobody settles stays charged at its worst case.
All amounts are micro-dollars. Blocks on the disk; `Ledger` is the face for an event loop.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ...clients.chat import ChatUsage
from ...clients.model import Lane
from ..errors import CapReached, LedgerClosed, Refused
from . import days
from .amount import shown
from .owner import Owner, this_process
from .store import Store

State = Literal["open", "done", "failed", "cancelled", "lost", "stated"]
"""open: under way; lost: its process died, charged at the worst case; stated: a person said it was spent."""

NOTHING = ChatUsage(0, 0)


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be spent: on one request, in a day, in a month, in a month for one project."""

    request: int
    day: int
    month: int
    project: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Where a piece of what was sent comes from; lines count from 1, and are 0 where it has none."""

    kind: str
    path: str
    start_line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One request about to leave this machine: for whom, where to, at most how much, made of what.

    `ask` groups the attempts for one question; `body_bytes` and `body_sha256` are of the text as it is sent.
    """

    id: str
    ask: str
    attempt: int
    project: str
    task: str
    lane: Lane
    provider: str
    host: str
    model: str
    worst: int
    body_bytes: int
    body_sha256: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a call ended and what it is charged; times are milliseconds, None where it never came so far."""

    call: str
    state: State
    charged: int
    usage: ChatUsage = NOTHING
    reason: str = ""
    first_ms: float | None = None
    ms: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is spent or reserved, as the caps count it. `held` says why nothing may be spent, empty where it may.

    `day` is the ledger's; it is later than the clock's where the clock was set back, and `ahead` says so.
    """

    day: date
    spent_day: int
    spent_month: int
    spent_project: int
    held: str = ""
    ahead: bool = False


class Budget:
    """Reserves and settles in the shared file; `owner` tells which process does."""

    def __init__(self, store: Store, keep_days: int = 400, owner: Callable[[], Owner] = this_process) -> None:
        self._store = store
        self._keep_days = keep_days
        self._owner = owner
        self._self: Owner | None = None

    def reserve(self, call: Call, caps: Caps) -> None:
        """Write the call down with its worst case, or raise `CapReached` or `LedgerClosed`.

        A call that cannot cost anything is written down too, and no cap stops it.
        """
        if self._self is None:
            self._self = self._owner()
            self.reclaim()
        with self._store.write() as connection:
            before, now = days.kept(connection), self._store.clock()
            day = days.advance(connection, now)
            if before is not None and before != day:
                _forget(connection, before.toordinal() - self._keep_days)
            if call.worst:
                standing = _standing(connection, day, call.project, days.local_day(now))
                if (refusal := refusal_of(call.provider, call.model, call.worst, caps, standing)) is not None:
                    raise refusal
            _insert(connection, call, now, day, self._self)

    def settle(self, settlement: Settlement) -> None:
        """Write down how a call ended; it may have been given up for lost meanwhile. A second time changes it."""
        usage = settlement.usage
        with self._store.write() as connection:
            connection.execute(
                "UPDATE call SET state = ?, reason = ?, charged = ?, input_tokens = ?, output_tokens = ?, "
                "cache_read_tokens = ?, cache_write_tokens = ?, first_ms = ?, ms = ? WHERE id = ?",
                (
                    settlement.state,
                    settlement.reason,
                    settlement.charged,
                    usage.input_tokens,
                    usage.output_tokens,
                    usage.cache_read_tokens,
                    usage.cache_write_tokens,
                    settlement.first_ms,
                    settlement.ms,
                    settlement.call,
                ),
            )

    def standing(self, project: str) -> Standing:
        """Say what is spent now; moves nothing."""
        with self._store.read() as connection:
            today = days.local_day(self._store.clock())
            return _standing(connection, max(today, days.kept(connection) or today), project, today)

    def reclaim(self) -> int:
        """Give up the calls of dead processes for lost, charged as they were reserved; return how many."""
        with self._store.read() as connection:
            rows = connection.execute("SELECT id, pid, process_started FROM call WHERE state = 'open'").fetchall()
        dead = [(call,) for call, pid, started in rows if not Owner(pid, started).alive]
        if dead:
            with self._store.write() as connection:
                connection.executemany(
                    "UPDATE call SET state = 'lost', reason = 'its process died' WHERE id = ? AND state = 'open'", dead
                )
        return len(dead)

    def acknowledge(self, call: Call) -> None:
        """End a hold; `call.worst` is what the person says was spent meanwhile, counted for today."""
        with self._store.write() as connection:
            now = self._store.clock()
            day = days.advance(connection, now)
            connection.execute("DELETE FROM hold")
            if call.worst:
                _insert(connection, call, now, day, self._owner())
                connection.execute(
                    "UPDATE call SET state = 'stated', reason = 'stated by a person' WHERE id = ?", (call.id,)
                )

    def accept_clock(self) -> date:
        """Believe this machine's clock again, where the ledger's day has run ahead of it."""
        with self._store.write() as connection:
            return days.accept(connection, self._store.clock())


def refusal_of(provider: str, model: str, worst: int, caps: Caps, standing: Standing) -> Refused | None:
    """Why a request that may cost `worst` micro-dollars is not made as things stand; None where it may be."""
    if not worst:
        return None
    if standing.held:
        return _on_hold(standing.held)
    rules = (
        ("budget.request_dollars", "one request", caps.request, 0, ""),
        ("budget.day_dollars", "today", caps.day, standing.spent_day, ", or wait until tomorrow"),
        ("budget.month_dollars", "this month", caps.month, standing.spent_month, ", or wait until next month"),
        ("budget.project_dollars", "this project this month", caps.project, standing.spent_project, ""),
    )
    name = model or f"the {provider}'s own model"
    for key, what, cap, spent, otherwise in rules:
        if spent + worst <= cap:
            continue
        late = (
            f" The ledger is at {standing.day.isoformat()}, later than this machine's clock: if the clock is right, "
            "`twolane ledger --accept-clock` says so."
            if standing.ahead and spent
            else ""
        )
        return CapReached(
            f"{name} could cost up to {shown(worst)}, and of the {shown(cap)} for {what} "
            f"{shown(max(0, cap - spent))} is left: ask for less, raise {key} in your own settings{otherwise}.{late}",
            key,
            cap,
            spent,
            worst,
        )
    return None


def _standing(connection: sqlite3.Connection, day: date, project: str, today_here: date) -> Standing:
    today, first = day.toordinal(), day.replace(day=1).toordinal()
    by_day, by_month = connection.execute(
        "SELECT coalesce(sum(charged) FILTER (WHERE day = ?), 0), coalesce(sum(charged), 0) "
        "FROM call WHERE day BETWEEN ? AND ?",
        (today, first, today),
    ).fetchone()
    (by_project,) = connection.execute(
        "SELECT coalesce(sum(charged), 0) FROM call WHERE project = ? AND day BETWEEN ? AND ?",
        (_kept(project), first, today),
    ).fetchone()
    held = connection.execute("SELECT reason FROM hold ORDER BY since").fetchone()
    return Standing(day, by_day, by_month, by_project, held[0] if held else "", day > today_here)


def _on_hold(reason: str) -> LedgerClosed:
    return LedgerClosed(
        f"Nothing is spent for now: {reason}, so what was spent already is not known. "
        "`twolane ledger --acknowledge DOLLARS`, with what you assume was spent today, goes on."
    )


def _insert(connection: sqlite3.Connection, call: Call, now: float, day: date, owner: Owner) -> None:
    connection.execute(
        "INSERT INTO call (id, ask, attempt, at, day, project, task, lane, provider, host, model, state, reserved, "
        "charged, body_bytes, body_sha256, pid, process_started) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)",
        (
            call.id,
            call.ask,
            call.attempt,
            now,
            day.toordinal(),
            _kept(call.project),
            call.task,
            call.lane,
            call.provider,
            call.host,
            call.model,
            call.worst,
            call.worst,
            call.body_bytes,
            call.body_sha256,
            owner.pid,
            owner.started,
        ),
    )
    connection.executemany(
        "INSERT INTO piece (call, position, kind, path, start_line, end_line) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (call.id, position, piece.kind, _kept(piece.path), piece.start_line, piece.end_line)
            for position, piece in enumerate(call.pieces)
        ],
    )


def _kept(name: str) -> str:
    """A file's name as the ledger keeps it: bytes that are no UTF-8, as some file names have, are spelt out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _forget(connection: sqlite3.Connection, before: int) -> None:
    """Delete what is older; counted from the day that ends, so that a clock far ahead for once deletes nothing."""
    connection.execute("DELETE FROM call WHERE day < ?", (before,))
