"""What several tests of reviews work with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.review.project import Terminal, repository
from tests.terminal import own_places


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    own_places(tmp_path, monkeypatch)
    project = repository(tmp_path / "project")
    monkeypatch.chdir(project)
    return Terminal(project, monkeypatch, capsys)
