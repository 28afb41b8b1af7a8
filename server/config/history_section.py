"""The section of the settings that says what is remembered of past requests."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option


@dataclass(frozen=True, slots=True)
class History:
    """What happened to each request, kept on this machine for `twolane explain` and `twolane stats`; never any text."""

    keep_days: int = option(
        30,
        "How many days paths, names, numbers and reasons are kept, at most the last 5,000 requests of each workspace. "
        "0: nothing is kept, and what was kept of a workspace is deleted with the next request there.",
        "tighten",
        low=0,
        high=3_650,
    )
