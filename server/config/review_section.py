"""The section of the settings about review in the editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .option import option


@dataclass(frozen=True, slots=True)
class Review:
    """When what you changed is looked at by a model, and how much of it you are told; docs/review.md tells how."""

    on_save: Literal["ask", "on", "off"] = option(
        "ask",
        "Review what changed when a file is saved: `on`, `off`, or `ask`, once, when there is a model that may do it. "
        "Your answer is kept in `review.json` of your data folder.",
        "user",
        choices=("ask", "on", "off"),
    )
    pause_s: float = option(
        3.0,
        "After a review on save has begun, the next one begins no sooner than so many seconds later.",
        "user",
        low=0,
        high=3_600,
    )
    most: int = option(5, "The most findings that are told of one file, the worst first.", "workspace", low=1, high=5)
