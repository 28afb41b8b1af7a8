"""What may be spent and what is: caps, the ledger, and whether it can be written."""

from __future__ import annotations

import time
from pathlib import Path

from ...routing.ask import project_name
from ...routing.errors import LedgerClosed
from ...routing.money.amount import shown
from ...routing.money.budget import Budget, Standing
from ...routing.money.days import local_day
from ...routing.money.store import Store, default_path
from .. import spending
from ..config.settings import Loaded
from .check import Check
from .places import edit


def budget(loaded: Loaded, root: Path | None) -> Check:
    """What is spent of each cap; where nothing was ever spent no ledger is made."""
    caps = spending.caps(loaded.settings)
    store = Store(default_path())
    standing = Standing(local_day(time.time()), 0, 0, 0)
    try:
        if store.exists:
            standing = Budget(store).standing(project_name(root))
    except LedgerClosed as closed:
        return Check("budget", "error", str(closed), "twolane ledger")
    finally:
        store.close()
    if standing.held:
        detail = f"nothing is spent on models elsewhere: {standing.held}, so what was spent is not known"
        return Check("budget", "error", detail, "twolane ledger --acknowledge DOLLARS")
    spent = (
        ("today", "day", standing.spent_day, caps.day),
        ("this month", "month", standing.spent_month, caps.month),
        ("this project this month", "project", standing.spent_project, caps.project),
    )
    detail = "; ".join(f"{shown(amount)} of {shown(cap)} spent {when}" for when, _, amount, cap in spent)
    detail += f"; at most {shown(caps.request)} a request"
    if standing.ahead:
        detail += f"; the ledger is at {standing.day.isoformat()}, later than this machine's clock"
        return Check("budget", "warning", detail, "twolane ledger --accept-clock")
    if full := [key for _, key, amount, cap in spent if amount >= cap]:
        detail += ", so models that cost something are not asked"
        return Check("budget", "warning", detail, f"{edit(loaded)}  # budget.{full[0]}_dollars")
    return Check("budget", "ok", detail)
