"""Which folder is the workspace of a file, as the command line sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.server import cli
from twolane.server.commands.files import workspace_of


def tree(top: Path, *marks: str) -> Path:
    """Make `top/repository/package/deep` with these marks in it; return the innermost folder."""
    deep = top / "repository" / "package" / "deep"
    deep.mkdir(parents=True)
    for mark in marks:
        (top / mark).write_text("")
    return deep


@pytest.mark.parametrize(
    ("marks", "workspace"),
    [
        (["repository/twolane.toml", "repository/package/pyproject.toml"], "repository"),
        (["repository/twolane.toml", "repository/.git", "repository/package/pyproject.toml"], "repository"),
        (["repository/twolane.toml", "repository/package/twolane.toml"], "repository/package"),
        (["repository/.git", "repository/package/pyproject.toml"], "repository/package"),
        (["repository/pyproject.toml", "repository/package/pyproject.toml"], "repository/package"),
        (["repository/.git"], "repository"),
        (["twolane.toml", "repository/.git"], "repository"),
        (["twolane.toml", "repository/.git", "repository/package/pyproject.toml"], "repository/package"),
        (["repository/twolane.toml", "repository/package/.git"], "repository/package"),
    ],
)
def test_the_nearest_settings_of_the_repository_make_the_workspace(
    tmp_path: Path, marks: list[str], workspace: str
) -> None:
    deep = tree(tmp_path, *marks)
    assert workspace_of(deep) == tmp_path / workspace


def test_what_a_repository_turns_off_is_off_in_its_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATA_HOME", "STATE_HOME", "CONFIG_HOME", "RUNTIME_DIR"):
        monkeypatch.setenv(f"XDG_{name}", str(tmp_path / name))
    deep = tree(tmp_path, "repository/.git", "repository/package/pyproject.toml")
    (tmp_path / "repository" / "twolane.toml").write_text("[completion]\nenabled = false\n")
    (deep / "a.py").write_text("x = 1\n")
    monkeypatch.chdir(deep)
    assert cli.main(["complete", "a.py:1:1"]) == 0
    assert "completion.enabled" in capsys.readouterr().err
