"""The result of looking at one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "warning", "error"]
"""`note`: worth knowing; `warning`: works, but worse than it could; `error`: must be mended."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was found; `fix` is what a person can type or do, empty where nothing need be done."""

    name: str
    level: Level
    detail: str
    fix: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing need be done."""
        return self.level in ("ok", "note")
