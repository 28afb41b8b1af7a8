"""The three tiers: no model, only this machine's, any."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from ...clients.model import Lane
from ..task import REMOTE

Tier = Literal["blocked", "near-only", "anywhere"]
"""Strictest first."""

TIERS: tuple[Tier, ...] = get_args(Tier)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A tier and why, as the end of a sentence ("matches privacy.blocked `keys/**`"); '' for "anywhere"."""

    tier: Tier
    reason: str = ""

    def allows(self, lane: Lane) -> bool:
        """Whether text of this tier may be shown to a model of `lane`."""
        return self.tier == "anywhere" or (self.tier == "near-only" and lane not in REMOTE)


ANYWHERE = Verdict("anywhere")


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """The first of the strictest verdicts; "anywhere" where there is none."""
    return min(verdicts, key=lambda verdict: TIERS.index(verdict.tier), default=ANYWHERE)
