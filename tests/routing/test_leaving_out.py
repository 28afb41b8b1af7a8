"""Which files no index holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.context.workspace import write
from twolane.routing.privacy.leaving_out import LeftOut


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home/.config"))


def check(root: Path, out: list[str], kept: list[str], blocked: tuple[str, ...] = ()) -> None:
    rules = LeftOut(str(root), blocked)
    asked = {path: rules(path.removesuffix("/"), path.endswith("/")) for path in [*out, *kept]}
    assert asked == {**dict.fromkeys(out, True), **dict.fromkeys(kept, False)}


def test_what_git_ignores_stays_out_with_and_without_git(tmp_path: Path) -> None:
    files = {".gitignore": "*.gen.py\n/out/\n!keep.gen.py\n", "sub/.gitignore": "local.py\n"}
    root = write(tmp_path / "work", files)
    for _ in ("without git", "with git"):
        check(
            root,
            ["a.gen.py", "sub/b.gen.py", "out/", "out/deep/x.py", "sub/local.py"],
            ["a.py", "keep.gen.py", "local.py", "sub/out/x.py", "out"],
        )
        (root / ".git").mkdir(exist_ok=True)


@pytest.mark.parametrize("name", [".cursorignore", ".codeiumignore", ".aiderignore", ".copilotignore", ".aiexclude"])
def test_what_keeps_code_from_models_keeps_it_out(tmp_path: Path, name: str) -> None:
    root = write(tmp_path / "work", {name: "secret/\n"})
    check(root, ["secret/", "secret/a.py", "sub/secret/a.py"], ["a.py", "secrets/a.py"])


def test_an_empty_aiexclude_takes_its_folder_out(tmp_path: Path) -> None:
    root = write(tmp_path / "work", {"sub/.aiexclude": ""})
    check(root, ["sub/a.py", "sub/deep/a.py"], ["a.py"])


def test_the_union_of_all_files_counts(tmp_path: Path) -> None:
    root = write(tmp_path / "work", {".cursorignore": "a.py\n", ".gitignore": "!a.py\nb.py\n"})
    check(root, ["a.py", "b.py"], ["c.py"])


def test_patterns_that_are_set_as_blocked_count(tmp_path: Path) -> None:
    root = write(tmp_path / "work", {})
    check(root, ["keys/", "keys/a.py"], ["a.py"], ("keys/",))


def test_a_repository_around_the_workspace_counts_but_never_for_all_of_it(tmp_path: Path) -> None:
    outer = write(tmp_path / "outer", {".git/HEAD": "", ".gitignore": "ignored/\n*.log.py\n"})
    root = outer / "ignored"
    root.mkdir()
    check(root, ["x.log.py", "sub/ignored/"], ["a.py", "sub/a.py"])


def test_a_rule_that_appears_counts_after_a_moment(tmp_path: Path) -> None:
    root = write(tmp_path / "work", {})
    now = [0.0]
    rules = LeftOut(str(root), clock=lambda: now[0])
    assert not rules("a.py", False)
    write(root, {".gitignore": "a.py\n"})
    now[0] = 5.0
    assert rules("a.py", False)


def test_a_path_of_thousands_of_folders_is_left_out_at_once(tmp_path: Path) -> None:
    root = write(tmp_path / "work", {".gitignore": "x\n"})
    assert LeftOut(str(root))("a/" * 1_900 + "b.py", False)
