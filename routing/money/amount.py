"""Money as whole micro-dollars: 1 dollar is 1,000,000; a float never holds it."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

MICRO = 1_000_000


def micro(dollars: Decimal | float) -> int:
    """Turn dollars into micro-dollars, rounded down: a cap is never wider than it was written."""
    return int((Decimal(str(dollars)) * MICRO).to_integral_value(ROUND_FLOOR))


def shown(amount: int) -> str:
    """Show micro-dollars to a person: whole cents from a dollar up, below that as many digits as matter."""
    if amount == 0:
        return "$0"
    sign, size = ("-" if amount < 0 else ""), Decimal(abs(amount)) / MICRO
    if size >= 1:
        return f"{sign}${size:,.2f}"
    return f"{sign}${size:.4f}" if size >= Decimal("0.0001") else f"{sign}${size:.6f}"
