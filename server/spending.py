"""What the settings say of money, as the gateway and the commands use it."""

from __future__ import annotations

from ..routing.money import prices
from ..routing.money.amount import micro
from ..routing.money.budget import Caps
from ..routing.money.ledger import Ledger
from ..routing.money.store import Store, default_path
from .config.settings import Settings


def caps(settings: Settings) -> Caps:
    """The most that may be spent."""
    budget = settings.budget
    return Caps(
        request=micro(budget.request_dollars),
        day=micro(budget.day_dollars),
        month=micro(budget.month_dollars),
        project=micro(budget.project_dollars),
    )


def price_table(settings: Settings) -> tuple[prices.PriceTable, tuple[str, ...]]:
    """The prices that hold, and one line for each of the person's own that cannot be used."""
    good: list[str] = []
    problems: list[str] = []
    for words in settings.budget.prices:
        try:
            prices.parse(words)
        except prices.UnusablePrice as error:
            problems.append(f"budget.prices: {error}")
        else:
            good.append(words)
    return prices.load(good), tuple(problems)


def ledger(settings: Settings) -> Ledger:
    """This user's ledger; nothing is opened before it is first used."""
    return Ledger(Store(default_path()), settings.budget.keep_days)
