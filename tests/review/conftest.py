"""What several tests of reviews work with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.review.project import Terminal, repository


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    for name in ("DATA_HOME", "CONFIG_HOME", "STATE_HOME", "CACHE_HOME"):
        monkeypatch.setenv(f"XDG_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key-for-tests")
    project = repository(tmp_path / "project")
    monkeypatch.chdir(project)
    return Terminal(project, monkeypatch, capsys)
