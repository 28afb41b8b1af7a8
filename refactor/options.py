"""What the settings say of refactoring."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..clients.chat import Deadlines
from .checks.plan import Plan


@dataclass(frozen=True, slots=True)
class Options:
    """`context_tokens` is the size of what a model is shown. `tries` answers of the team's model are tried for the
    tasks `tries_for` before a model of the far lane is asked, where a check can decide; 0 or 1: none."""

    context_tokens: int = 12_000
    tries: int = 0
    tries_for: tuple[str, ...] = ("tests", "types", "fix", "simplify")
    plan: Plan = field(default_factory=Plan)
    deadlines: Deadlines = field(default_factory=Deadlines)
