"""What is asked of the policy and what it answers: plain values, so that it knows no client."""

from __future__ import annotations

from dataclasses import dataclass

from ..clients.model import Lane
from .privacy.tier import ANYWHERE, Verdict
from .task import Task


@dataclass(frozen=True, slots=True)
class Question:
    """A request: `path` relative to the workspace, the file's size in UTF-8 bytes, the tier of what it shows."""

    task: Task
    path: str = ""
    language: str = ""
    size_bytes: int = 0
    privacy: Verdict = ANYWHERE


@dataclass(frozen=True, slots=True)
class LaneState:
    """One model that could be asked, as things stand.

    `missing` says what it lacks before it can be asked at all, `available` and `reason` tell its health, `over` which
    cap refuses this request. `price_usd` is the worst case for this request, None where the model has no price;
    `expected_ms` the time its answer is expected to take, None where nobody knows.
    """

    lane: Lane
    model: str
    available: bool = True
    reason: str = ""
    price_usd: float | None = 0.0
    expected_ms: float | None = None
    missing: str = ""
    over: str = ""

    @property
    def name(self) -> str:
        """How people are told of it."""
        return f"{self.lane} ({self.model})" if self.model else self.lane


@dataclass(frozen=True, slots=True)
class Step:
    """What took part in a decision and its effect, one sentence ("rule 3 (src/**)", "far removed: …")."""

    by: str
    effect: str

    def __str__(self) -> str:
        return f"{self.by}: {self.effect}"


@dataclass(frozen=True, slots=True)
class Decision:
    """The candidates in order of choice, and how it came to that.

    `max_price_usd` and `deadline_s` hold for the request whichever candidate answers; None: no such limit.
    `reason` says why nothing is left, '' where something is.
    """

    candidates: tuple[LaneState, ...]
    steps: tuple[Step, ...]
    max_price_usd: float | None = None
    deadline_s: float | None = None
    reason: str = ""

    @property
    def chosen(self) -> LaneState | None:
        """The first choice."""
        return self.candidates[0] if self.candidates else None
