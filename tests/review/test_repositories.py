"""What a repository can be like when a review begins: it says what it looked at, and what not, and why."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.review.project import AFTER, BEFORE, CLAIM, Terminal, found, git, holds
from twolane.server.changed import committed


def committed_all(terminal: Terminal, message: str = "more") -> None:
    git(terminal.project, "add", ".")
    git(terminal.project, "commit", "-q", "-m", message)


async def test_a_file_that_only_got_another_name_is_not_sent_and_of_a_changed_one_only_the_change(
    terminal: Terminal,
) -> None:
    body = "".join(f"def step_{number}(a):\n    return a + {number}\n\n\n" for number in range(30))
    (terminal.project / "stats.py").write_text(body + BEFORE)
    committed_all(terminal)
    git(terminal.project, "mv", "stats.py", "figures.py")
    code, out, _, server = await terminal.run([found()])
    assert (code, out, server.requests) == (0, "nothing found in 0 files, free of charge\n", [])
    assert committed(terminal.project, "figures.py") == body + BEFORE
    (terminal.project / "figures.py").write_text(body + AFTER)
    claim = {**CLAIM, "path": "figures.py", "start_line": 123, "end_line": 123}
    code, _, _, server = await terminal.run([found(claim), holds(1)])
    assert code == 1
    assert "step_4" not in server.requests[0].body.decode()


async def test_a_huge_file_that_changed_keeps_no_other_from_being_reviewed(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twolane.context.git.MAX_BYTES", 2_000_000)
    (terminal.project / "huge.dat").write_bytes(b"x" * 2_000_000)
    committed_all(terminal)
    (terminal.project / "huge.dat").write_bytes(b"y" * 2_000_000)
    (terminal.project / "stats.py").write_text(BEFORE)
    code, out, _, server = await terminal.run([found()], "--diff", "HEAD", "--json")
    assert code == 0
    assert list(json.loads(out)["skipped"].values()) == [1]
    assert len(server.requests) == 1


async def test_a_new_file_that_is_like_nothing_that_went_is_new(terminal: Terminal) -> None:
    git(terminal.project, "rm", "-q", "-f", "stats.py")
    (terminal.project / "fresh.py").write_text("def fresh():\n    return 1\n")
    git(terminal.project, "add", ".")
    _, _, _, server = await terminal.run([found()])
    assert "def fresh" in server.requests[0].body.decode()


async def test_before_the_first_commit_all_that_git_knows_is_new(terminal: Terminal, tmp_path: Path) -> None:
    project = tmp_path / "young"
    project.mkdir()
    git(project, "init", "-q")
    (project / "stats.py").write_text(AFTER)
    terminal.monkeypatch.chdir(project)
    code, out, _, server = await terminal.run([found()])
    assert (code, server.requests) == (0, [])
    assert "1 file not reviewed (stats.py): git does not know it yet" in out
    git(project, "add", ".")
    assert (await terminal.run([found(CLAIM), holds(1)]))[0] == 1


async def test_without_a_repository_or_a_commit_it_says_which(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    terminal.monkeypatch.chdir(folder)
    code, _, err, _ = await terminal.run([])
    assert code == 1
    assert "plain is in no git repository" in err
    (folder / "pyproject.toml").unlink()
    code, _, err, _ = await terminal.run([])
    assert code == 1
    assert "belongs to no workspace" in err


async def test_a_repository_of_another_user_is_read_where_the_person_trusts_it(
    terminal: Terminal, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n')
    program.chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.touch()
    terminal.monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    terminal.monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    code, _, err, _ = await terminal.run([])
    assert code == 1
    assert f"git config --global --add safe.directory {terminal.project}" in err
    settings.write_text(f"[safe]\n\tdirectory = {terminal.project}\n")
    assert (await terminal.run([found(CLAIM), holds(1)]))[0] == 1
    assert committed(terminal.project, "stats.py") == BEFORE


async def test_the_marks_of_a_merge_are_for_a_person(terminal: Terminal) -> None:
    git(terminal.project, "checkout", "-q", "-b", "other")
    committed_all(terminal)
    git(terminal.project, "checkout", "-q", "main")
    (terminal.project / "stats.py").write_text(BEFORE.replace("return 0", "return None"))
    committed_all(terminal)
    with pytest.raises(Exception, match="merge"):
        git(terminal.project, "merge", "other")
    code, out, _, server = await terminal.run([found()])
    assert (code, server.requests) == (0, [])
    assert "1 file not reviewed (stats.py): it holds the marks of a merge conflict" in out


async def test_a_file_of_another_repository_within_is_left_to_that_one(terminal: Terminal) -> None:
    inner = terminal.project / "lib"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "a.py").write_text(AFTER)
    code, out, _, server = await terminal.run([found()], "lib/a.py", "--json")
    assert (code, server.requests) == (0, [])
    assert "another repository" in next(iter(json.loads(out)["skipped"]))


async def test_a_folder_stands_for_what_changed_in_it(terminal: Terminal) -> None:
    package = terminal.project / "package"
    package.mkdir()
    (package / "a.py").write_text(BEFORE)
    committed_all(terminal)
    (package / "a.py").write_text(AFTER)
    (package / "b.py").write_text(AFTER)
    (terminal.project / "stats.py").write_text(BEFORE)
    _, out, _, server = await terminal.run([found()], "package")
    assert len(server.requests) == 1
    assert "package/b.py" in out
    terminal.monkeypatch.chdir(package)
    assert len((await terminal.run([found()], "."))[3].requests) == 1
    code, _, err, _ = await terminal.run([], "gone")
    assert code == 1
    assert "no such file or folder" in err


@pytest.mark.parametrize(
    "words",
    [
        ("--output", "gone/x.json"),
        ("--write-baseline", "gone/x.json"),
        ("--baseline", "gone.json"),
        ("--output", "."),
        ("--write-baseline", "."),
    ],
)
async def test_what_is_in_the_way_of_the_report_is_found_out_before_anything_is_paid(
    terminal: Terminal, words: tuple[str, str]
) -> None:
    code, _, err, server = await terminal.run([found()], *words)
    assert (code, server.requests) == (1, [])
    assert words[1] in err


async def test_a_report_that_cannot_be_kept_is_told_all_the_same_because_it_is_paid(
    terminal: Terminal, tmp_path: Path
) -> None:
    broken = tmp_path / "baseline.json"
    broken.write_text("no JSON")
    code, out, err, _ = await terminal.run([found(CLAIM), holds(1)], "--json", "--write-baseline", str(broken))
    assert (code, len(json.loads(out)["findings"])) == (1, 1)
    assert "is not JSON" in err
    if Path("/dev/full").exists():
        code, out, err, _ = await terminal.run([found(CLAIM), holds(1)], "--json", "--output", "/dev/full")
        assert (code, len(json.loads(out)["findings"])) == (1, 1)
        assert "No space left" in err


async def test_a_baseline_may_be_made_and_used_at_once(terminal: Terminal) -> None:
    words = ("--baseline", "known.json", "--write-baseline", "known.json")
    assert (await terminal.run([found(CLAIM), holds(1)], *words))[0] == 0
    assert (await terminal.run([found(CLAIM), holds(1)], *words[:2]))[0] == 0


async def test_the_last_line_counts_only_what_was_reviewed_to_the_end(terminal: Terminal) -> None:
    terminal.monkeypatch.delenv("ANTHROPIC_API_KEY")
    _, out, _, _ = await terminal.run([])
    assert out.splitlines()[-1] == "nothing found in 0 of 1 file, free of charge"


async def test_windows_line_ends_are_no_change(terminal: Terminal) -> None:
    (terminal.project / "stats.py").write_bytes(BEFORE.replace("\n", "\r\n").encode())
    code, _, _, server = await terminal.run([found()])
    assert (code, server.requests) == (0, [])
    (terminal.project / "stats.py").write_bytes(AFTER.replace("\n", "\r\n").encode())
    assert (await terminal.run([found(CLAIM), holds(1)]))[0] == 1


async def test_what_is_no_text_is_named(terminal: Terminal) -> None:
    (terminal.project / "stats.py").write_bytes(b"# caf\xe9\n" + AFTER.encode())
    _, out, _, server = await terminal.run([found()])
    assert server.requests == []
    assert "1 file not reviewed (stats.py): no UTF-8 text" in out


async def test_what_nobody_wrote_by_hand_costs_nothing_unless_it_is_named(terminal: Terminal) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
    names = ("package-lock.json", "uv.lock", "rows.csv", "vendor/lib.py", "api_pb2.py", "made.py")
    for name in (*names, "kept.py"):
        (terminal.project / name).parent.mkdir(exist_ok=True)
        (terminal.project / name).write_text(pointer if name == "kept.py" else "\n")
    (terminal.project / "stats.py").write_text(BEFORE)
    committed_all(terminal)
    for name in (*names, "kept.py"):
        (terminal.project / name).write_text(f"# Code generated by a tool.\n{AFTER}" if name == "made.py" else AFTER)
    code, out, _, server = await terminal.run([found()], "--json")
    assert (code, server.requests) == (0, [])
    assert sorted(json.loads(out)["skipped"].values()) == [1, len(names)]
    code, _, _, server = await terminal.run([found()], "uv.lock", "kept.py")
    assert (code, len(server.requests)) == (0, 2)
