"""What models elsewhere have cost so far, for an editor's status line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...routing.ask import project_name
from ...routing.errors import LedgerClosed
from ...routing.money.amount import MICRO
from ...routing.money.ledger import Ledger
from ...routing.money.store import default_path
from .. import spending
from ..config.settings import Settings


class Spend:
    """Looks the ledger up when it is asked; where there is none yet, nothing was spent."""

    def __init__(self) -> None:
        self._ledger: Ledger | None = None

    async def document(self, settings: Settings, root: Path | None) -> dict[str, Any]:
        """Dollars spent or reserved today, this month and in this project; `held` says why nothing may be spent."""
        told = {"day_usd": 0.0, "month_usd": 0.0, "project_usd": 0.0, "held": ""}
        if default_path().exists():
            self._ledger = self._ledger or spending.ledger(settings)
            try:
                standing = await self._ledger.standing(project_name(root))
            except LedgerClosed as closed:
                told["held"] = str(closed)
            else:
                told["day_usd"] = standing.spent_day / MICRO
                told["month_usd"] = standing.spent_month / MICRO
                told["project_usd"] = standing.spent_project / MICRO
                told["held"] = standing.held
        return told | {"day_cap_usd": settings.budget.day_dollars}

    async def close(self) -> None:
        """Let go of the ledger."""
        if self._ledger is not None:
            await self._ledger.close()
