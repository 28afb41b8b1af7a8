"""A folder into which nobody may look, also where the tests run as a user who may do anything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest


def deny(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let whatever lies in the folder be hidden, as in one of another user's."""
    look = Path.stat

    def stat(self: Path, **how: Any) -> os.stat_result:
        if folder in self.parents:
            raise PermissionError(13, "Permission denied", str(self))
        return look(self, **how)

    monkeypatch.setattr(Path, "stat", stat)
