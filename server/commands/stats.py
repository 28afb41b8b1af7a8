"""`twolane stats`: spend, tokens and latency of models elsewhere, by lane, model and task."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from ...routing.ask import project_name
from ...routing.money.amount import MICRO, shown
from ...routing.money.budget import Budget, Standing
from ...routing.money.days import local_day
from ...routing.money.history import Spread, Sum, entries, sums
from ...routing.money.store import Store, default_path
from ..spending import caps
from .configured import load_settings
from .files import workspace_of
from .ledger import first_day, model_name, standing_document, standing_lines
from .outcome import DONE, emit, printable, say


def run(arguments: argparse.Namespace) -> int:
    """Add up what the ledger holds of the last days."""
    root = workspace_of(Path.cwd())
    settings = load_settings(root, trusted=arguments.trust).settings
    limits, store = caps(settings), Store(default_path())
    standing, totals = Standing(local_day(time.time()), 0, 0, 0), list[Sum]()
    try:
        if store.exists:
            budget = Budget(store, settings.budget.keep_days)
            budget.reclaim()
            standing = budget.standing(project_name(root))
            totals = sums(entries(store, first_day(standing.day, arguments.days)))
    finally:
        store.close()
    if arguments.json:
        emit(
            {
                **standing_document(standing, limits, store),
                "days": arguments.days,
                "groups": [_document(total) for total in totals],
            }
        )
        return DONE
    for line in standing_lines(standing, limits):
        say(line)
    for total in totals:
        say(_line(total))
    return DONE


def _document(total: Sum) -> dict[str, Any]:
    return {
        "lane": total.lane,
        "provider": total.provider,
        "model": total.model,
        "task": total.task,
        "calls": total.calls,
        "failed": total.failed,
        "cost_usd": total.charged / MICRO,
        "input_tokens": total.usage.input_tokens,
        "output_tokens": total.usage.output_tokens,
        "cache_read_tokens": total.usage.cache_read_tokens,
        "cache_write_tokens": total.usage.cache_write_tokens,
        "first_ms": {"p50": total.first.p50, "p95": total.first.p95},
        "ms": {"p50": total.whole.p50, "p95": total.whole.p95},
    }


def _line(total: Sum) -> str:
    usage = total.usage
    read = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    failed = f", {total.failed} failed" if total.failed else ""
    return printable(
        f"{total.lane} {model_name(total.model)}, {total.task}: {total.calls} calls{failed}, {shown(total.charged)}, "
        f"{read:,} tokens in ({usage.cache_read_tokens:,} from the cache), {usage.output_tokens:,} out, "
        f"first piece {_spread(total.first)}, whole answer {_spread(total.whole)}"
    )


def _spread(spread: Spread) -> str:
    if spread.p50 is None or spread.p95 is None:
        return "-"
    return f"{spread.p50:,.0f} ms (p95 {spread.p95:,.0f})"
