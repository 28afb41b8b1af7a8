"""The settings as a command uses them: what could not be used is named on stderr."""

from __future__ import annotations

from pathlib import Path

from ..config import settings
from .outcome import warn


def load_settings(root: Path | None, *, trusted: bool) -> settings.Loaded:
    """Read the settings of a workspace; name each one that could not be used."""
    loaded = settings.load(root, trusted=trusted)
    for problem in loaded.problems:
        warn(problem.message)
    return loaded
