"""Whether the caps would let a request pass, told before it is made: for prices shown and decisions explained."""

from __future__ import annotations

from dataclasses import replace

from .decision import LaneState
from .errors import LedgerClosed
from .money.amount import MICRO
from .money.budget import Caps, Standing, refusal_of


def with_cap(state: LaneState, provider: str, caps: Caps, standing: Standing | LedgerClosed) -> LaneState:
    """The state with the reason why no money may be spent on it, '' where it may or costs nothing."""
    if not state.price_usd:
        return state
    refusal = (
        standing
        if isinstance(standing, LedgerClosed)
        else refusal_of(provider, state.model, round(state.price_usd * MICRO), caps, standing)
    )
    return replace(state, over=str(refusal).rstrip(".")) if refusal is not None else state
