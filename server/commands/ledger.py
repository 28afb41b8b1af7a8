"""`twolane ledger`: what was spent on models elsewhere, and with `--egress` what left this machine."""

from __future__ import annotations

import argparse
import time
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ...routing.ask import project_name
from ...routing.money.amount import MICRO, micro, shown
from ...routing.money.budget import Budget, Call, Caps, Standing
from ...routing.money.days import local_day
from ...routing.money.history import Entry, entries
from ...routing.money.store import Store, default_path
from ..spending import caps
from .configured import load_settings
from .files import workspace_of
from .outcome import DONE, CommandError, emit, printable, say


def run(arguments: argparse.Namespace) -> int:
    """Tell the ledger, after what the person says of it was written down."""
    root = workspace_of(Path.cwd())
    settings = load_settings(root, trusted=arguments.trust).settings
    store = Store(default_path())
    try:
        _tell(store, Budget(store, settings.budget.keep_days), caps(settings), project_name(root), arguments)
    finally:
        store.close()
    return DONE


def _tell(store: Store, budget: Budget, limits: Caps, project: str, arguments: argparse.Namespace) -> None:
    if arguments.acknowledge is not None:
        if not (store.exists and budget.standing(project).held):
            raise CommandError("Nothing is on hold, so there is nothing to acknowledge.", kind="bad-input")
        budget.acknowledge(_stated(arguments.acknowledge, project))
    if arguments.accept_clock:
        budget.accept_clock()
    standing, found = Standing(local_day(time.time()), 0, 0, 0), list[Entry]()
    if store.exists:
        budget.reclaim()
        standing = budget.standing(project)
        found = entries(store, first_day(standing.day, arguments.days), pieces=arguments.egress)
    if arguments.egress:
        left = [entry for entry in found if entry.body_bytes]
        if arguments.json:
            emit({"path": str(store.path), "egress": [_egress_document(entry) for entry in left]})
        else:
            say("\n".join(_egress_lines(left)) if left else f"nothing left this machine in {arguments.days} days")
    elif arguments.json:
        emit({**standing_document(standing, limits, store), "calls": [_document(entry) for entry in found]})
    else:
        for line in standing_lines(standing, limits):
            say(line)
        for entry in found:
            say(_line(entry))


def first_day(today: date, days: int) -> date:
    """The first of so many days that end today."""
    return today - timedelta(days=min(days, today.toordinal()) - 1)


def standing_document(standing: Standing, limits: Caps, store: Store) -> dict[str, Any]:
    """What is spent and what may be, for scripts; dollars."""
    return {
        "path": str(store.path),
        "day": standing.day.isoformat(),
        "spent_usd": {
            "day": standing.spent_day / MICRO,
            "month": standing.spent_month / MICRO,
            "project": standing.spent_project / MICRO,
        },
        "caps_usd": {
            "request": limits.request / MICRO,
            "day": limits.day / MICRO,
            "month": limits.month / MICRO,
            "project": limits.project / MICRO,
        },
        "held": standing.held,
    }


def standing_lines(standing: Standing, limits: Caps) -> list[str]:
    """What is spent and what may be, for people."""
    lines = [
        f"today         {shown(standing.spent_day)} of {shown(limits.day)}",
        f"this month    {shown(standing.spent_month)} of {shown(limits.month)}",
        f"this project  {shown(standing.spent_project)} of {shown(limits.project)} a month",
    ]
    if standing.held:
        lines.append(f"on hold       {standing.held}; `twolane ledger --acknowledge DOLLARS` goes on")
    return lines


def model_name(name: str) -> str:
    """How people are told of a model; a server may have been asked for whatever it has."""
    return name or "its own model"


def _stated(dollars: float, project: str) -> Call:
    return Call(
        id=uuid.uuid4().hex,
        ask="",
        attempt=0,
        project=project,
        task="",
        lane="far",
        provider="",
        host="",
        model="",
        worst=micro(dollars),
        body_bytes=0,
        body_sha256="",
    )


def _document(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "call": entry.id,
        "ask": entry.ask,
        "attempt": entry.attempt,
        "project": entry.project,
        "task": entry.task,
        "lane": entry.lane,
        "provider": entry.provider,
        "host": entry.host,
        "model": entry.model,
        "state": entry.state,
        "reason": entry.reason,
        "cost_usd": entry.charged / MICRO,
        "reserved_usd": entry.reserved / MICRO,
        "input_tokens": entry.usage.input_tokens,
        "output_tokens": entry.usage.output_tokens,
        "cache_read_tokens": entry.usage.cache_read_tokens,
        "cache_write_tokens": entry.usage.cache_write_tokens,
        "first_ms": entry.first_ms,
        "ms": entry.ms,
    }


def _egress_document(entry: Entry) -> dict[str, Any]:
    usage = entry.usage
    return {
        "at": entry.at,
        "call": entry.id,
        "ask": entry.ask,
        "project": entry.project,
        "host": entry.host,
        "lane": entry.lane,
        "provider": entry.provider,
        "model": entry.model,
        "task": entry.task,
        "state": entry.state,
        "bytes": entry.body_bytes,
        "sha256": entry.body_sha256,
        "tokens": usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
        "pieces": [
            {"kind": piece.kind, "path": piece.path, "start_line": piece.start_line, "end_line": piece.end_line}
            for piece in entry.pieces
        ],
    }


def _line(entry: Entry) -> str:
    if entry.state == "stated":
        return f"{_moment(entry)}  {shown(entry.charged):>9}  stated by a person"
    usage = entry.usage
    read = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return printable(
        f"{_moment(entry)}  {shown(entry.charged):>9}  {entry.lane} {model_name(entry.model)}, {entry.task}: "
        f"{_ended(entry)}, {read:,} tokens in, {usage.output_tokens:,} out"
    )


def _ended(entry: Entry) -> str:
    return entry.state if not entry.reason else f"{entry.state} ({entry.reason})"


def _egress_lines(found: list[Entry]) -> list[str]:
    lines = []
    for entry in found:
        ended = "" if entry.state == "done" else f", {_ended(entry)}"
        lines.append(
            f"{_moment(entry)}  {entry.host}  {entry.body_bytes:,} bytes for {entry.task} "
            f"by {model_name(entry.model)}{ended}  sha256 {entry.body_sha256}"
        )
        for piece in entry.pieces:
            where = f" {piece.start_line}-{piece.end_line}" if piece.start_line else ""
            lines.append(f"{'':18}{piece.path or 'no file'}{where} ({piece.kind})")
    return [printable(line) for line in lines]


def _moment(entry: Entry) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.at))
