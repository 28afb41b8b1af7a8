"""What a check found, as the trace tells it and the figures count it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Finding = Literal["fits", "closed", "cut", "withheld", "unchecked"]
"""Nothing speaks against the text; what it had left open was closed; its end was left out; all of it was; nobody could
tell."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of a text may be shown: empty where all of it is withheld. `why` is a few words, empty where it fits."""

    check: str
    finding: Finding
    text: str
    why: str = ""

    def __str__(self) -> str:
        """One line for the trace; it never holds document text."""
        return f"{self.check}: {self.finding}" + (f" ({self.why})" if self.why else "")
