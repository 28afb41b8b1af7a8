from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.context.graph.built import built, garden, indexed
from twolane.context.graph import history

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(root: Path, *words: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *who, *words), cwd=root, check=True, capture_output=True, env=environment)


def commit(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with (root / path).open("a") as file:
            file.write("x = 1\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "change")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    root.mkdir()
    git(root, "init", "-q")
    commit(root, "a.py", "b.py", "c.py")
    commit(root, "a.py", "b.py")
    commit(root, "a.py", "ä b.py")
    commit(root, "a.py", "ä b.py")
    commit(root, "c.py")
    return root


def test_files_that_are_committed_together_are_known_best_first(repository: Path) -> None:
    together = history.changed_together(str(repository), history.head(str(repository)), ["a.py", "b.py", "ä b.py"])
    assert [path for path, _ in together["a.py"]] == ["ä b.py", "b.py"]
    assert [path for path, _ in together["b.py"]] == ["a.py"]
    assert all(0 < weight <= 1 for _, weight in together["a.py"])


def test_a_workspace_within_a_repository_has_its_own_paths(repository: Path) -> None:
    commit(repository, "sub/one.py", "sub/two.py", "a.py")
    commit(repository, "sub/one.py", "sub/two.py")
    root = str(repository / "sub")
    together = history.changed_together(root, history.head(root), ["one.py", "two.py"])
    assert [path for path, _ in together["one.py"]] == ["two.py"]


def test_a_commit_of_many_files_says_nothing(repository: Path) -> None:
    many = [f"m{n}.py" for n in range(40)]
    commit(repository, *many)
    commit(repository, *many)
    together = history.changed_together(str(repository), history.head(str(repository)), many)
    assert not any(together.values())


def test_without_git_or_history_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert history.head(str(tmp_path)) == ""
    assert history.changed_together(str(tmp_path), "HEAD", ["a.py"]) == {}
    assert history.head(str(tmp_path / "gone")) == ""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert history.head(str(tmp_path)) == ""


def test_a_hostile_repository_runs_nothing(repository: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "pager.rev-list", "pager.diff-tree", "core.sshCommand", "gpg.program",
        "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge",
        "filter.evil.process", "core.editor", "core.askPass", "credential.helper", "uploadpack.packObjectsHook",
        "alias.rev-list", "alias.diff-tree", "alias.rev-parse",
    ):  # fmt: skip
        git(repository, "config", key, f"!{script}" if key.startswith("alias") else str(script))
    git(repository, "config", "core.hooksPath", str(tmp_path))
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "protocol.ext.allow", "always")
    git(repository, "config", "remote.origin.url", f"ext::{script}")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "extensions.partialClone", "origin")
    (repository / ".git/info/attributes").write_text("* diff=evil filter=evil\n")
    tree = subprocess.run(("git", "rev-parse", "HEAD~1:"), cwd=repository, check=True, capture_output=True, text=True)
    name = tree.stdout.strip()
    (repository / ".git/objects" / name[:2] / name[2:]).unlink()
    root = str(repository)
    assert history.head(root)
    history.changed_together(root, history.head(root), ["a.py", "b.py"])
    assert not mark.exists()


def test_the_environment_of_git_does_not_count(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = history.head(str(repository))
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "nonsense")
    assert history.head(str(repository)) == right


def test_the_index_has_the_history_of_its_commit(tmp_path: Path) -> None:
    root = garden(tmp_path)
    git(root, "init", "-q")
    commit(root, "garden/tree.py", "garden/shed.py")
    workspace = indexed(root)
    assert workspace.changed_with("garden/tree.py") == []
    commit(root, "garden/tree.py", "garden/shed.py")
    built(workspace)
    assert [path for path, _ in workspace.changed_with("garden/tree.py")] == ["garden/shed.py"]
