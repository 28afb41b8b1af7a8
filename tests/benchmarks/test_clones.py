"""Commits of a real clone become a history."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from benchmarks.typing.clones import from_clone
from benchmarks.typing.history import Change, NoHistory


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    run(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "first", {"a.py": b"one\n", "data.bin": b"\0\1", "naïve name.py": b"1\n"})
    commit(tmp_path, "second", {"a.py": b"one\ntwo\n", "README": b"words\n"})
    commit(tmp_path, "only words", {"README": b"more words\n"})
    commit(tmp_path, "third", {"naïve name.py": b"2\n", "b.py": b"new\n", "latin.py": b"\xe9\n"})
    return tmp_path


def run(folder: Path, *arguments: str) -> None:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=A Person", "-c", "user.email=person@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, env=env, check=True, capture_output=True)


def commit(folder: Path, subject: str, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    run(folder, "add", "--all")
    run(folder, "commit", "--quiet", "--message", subject)


def test_the_last_commits_are_told_oldest_first(clone: Path) -> None:
    history = from_clone(clone)
    assert history.files == {"a.py": "one\n", "naïve name.py": "1\n"}
    assert [commit.name.partition(" ")[2] for commit in history.commits] == ["second", "third"]
    assert history.commits[0].changes == (Change("a.py", "one\n", "one\ntwo\n"),)
    assert set(history.commits[1].changes) == {Change("naïve name.py", "1\n", "2\n"), Change("b.py", "", "new\n")}


def test_fewer_commits_begin_later(clone: Path) -> None:
    history = from_clone(clone, commits=1)
    assert history.files["a.py"] == "one\ntwo\n"
    assert len(history.commits) == 1


def test_a_folder_without_history_is_named(tmp_path: Path, clone: Path) -> None:
    with pytest.raises(NoHistory, match="git cannot read"):
        from_clone(tmp_path / "missing")
    with pytest.raises(NoHistory, match="change no source file"):
        from_clone(clone, commits=1, revision="HEAD~1")
    with pytest.raises(NoHistory, match="fewer than two commits"):
        from_clone(clone, revision="HEAD~3")
