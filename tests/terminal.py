"""One of Twolane's commands in a terminal, before a provider that answers from a script."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from tests.clients.scripted.server import Script, Scripted, serving
from twolane.server.cli import main


@dataclass
class ScriptedTerminal:
    """A project and a person's own places; `command` is what every call of `run` begins with."""

    command: ClassVar[str]

    project: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    async def run(self, scripts: Sequence[Script], *words: str) -> tuple[int, str, str, Scripted]:
        """Return the exit code, what was said on both streams, and the provider."""
        async with serving(*scripts) as server:
            self.monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
            code = await asyncio.to_thread(main, [self.command, *words])
        out, err = self.capsys.readouterr()
        return code, out, err, server


def own_places(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let settings, state and keys be those of the test."""
    for name in ("DATA_HOME", "CONFIG_HOME", "STATE_HOME", "CACHE_HOME"):
        monkeypatch.setenv(f"XDG_{name}", str(folder / name.lower()))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key-for-tests")
