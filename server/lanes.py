"""Who can be asked, as the policy is told of it, and which lane completes in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ..clients.errors import KeyRefused
from ..clients.model import Lane
from ..routing.decision import LaneState
from ..routing.errors import PriceUnknown
from ..routing.money.amount import MICRO
from ..routing.task import Task
from .config import keys
from .config.settings import Settings
from .near import model_path
from .spending import price_table

ANSWER_TOKENS = 4_096
"""The length of answer that a price counts with where a task sets none."""

PROVIDERS: dict[Lane, str] = {"near": "near", "team": "team", "far": "anthropic"}
"""Under which name prices and ledger know whom a lane asks."""

WINDOW_BYTES = 30_000
"""The most of a file that a keystroke shows a model."""

_NOT_ASKED = "the model on this machine fills in the middle; it is not asked in words"


def set_up(settings: Settings, task: Task, size_bytes: int) -> Iterator[LaneState]:
    """What is set up for a task about a file of so many bytes, as far as can be told without asking it."""
    near = task == "completion"
    size, answer = (
        (min(size_bytes, WINDOW_BYTES), settings.completion.max_tokens) if near else (size_bytes, ANSWER_TOKENS)
    )
    yield LaneState("near", model_path(settings).stem, missing="" if near else _NOT_ASKED)
    if settings.team.url:
        yield _priced(settings, LaneState("team", settings.team.model), size, answer)
    if settings.far.enabled and not near:
        try:
            missing = "" if keys.anthropic() else keys.none_for_anthropic()
        except KeyRefused as error:
            missing = str(error)
        state = LaneState("far", settings.far.model, missing=missing)
        yield _priced(settings, state, size, answer)


def _priced(settings: Settings, state: LaneState, size_bytes: int, answer_tokens: int) -> LaneState:
    table, _ = price_table(settings)
    try:
        rate = table.rate(PROVIDERS[state.lane], state.model, date.today())  # noqa: DTZ011 - prices hold by the user's calendar
    except PriceUnknown:
        return replace(state, price_usd=None)
    return replace(state, price_usd=rate.bound(size_bytes, 0, answer_tokens).worst / MICRO)
