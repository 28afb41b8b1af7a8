"""`twolane index`: what is known of a workspace, and what is left out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.context.graph.built import garden
from tests.lsp_client import console_script
from twolane.server import cli


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def index(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert cli.main(["index", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_the_figures_are_those_of_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = garden(tmp_path, {".gitignore": "local/\n", "local/x.py": "", "node_modules/y.js": "", "huge.py": ""})
    with (root / "huge.py").open("wb") as file:
        file.truncate(50_000_000)
    answer = index(capsys, str(root))
    assert set(answer) == {"files", "symbols", "edges", "seconds", "skipped", "left_out"}
    assert (answer["files"], answer["symbols"]) == (4, 3)
    assert answer["skipped"] == {"excluded": 1, "larger than 1 MB": 1, "vendored": 1}
    assert answer["left_out"] == {
        "excluded": ["local/"],
        "larger than 1 MB": ["huge.py"],
        "vendored": ["node_modules/"],
    }


def test_the_workspace_around_is_taken_where_none_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = garden(tmp_path)
    monkeypatch.chdir(root / "garden")
    assert index(capsys)["files"] == 4


def test_a_folder_that_is_named_is_a_workspace_of_its_own_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = garden(tmp_path)
    assert cli.main(["index", str(root / "garden"), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["files"] < 4
    assert f"for the one around it: twolane index {root}" in told.err


def test_what_a_person_blocks_is_not_indexed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = garden(tmp_path, {"twolane.toml": '[privacy]\nblocked = ["garden/"]\n'})
    answer = index(capsys, str(root))
    assert (answer["files"], answer["skipped"]) == (1, {"excluded": 1})


def test_people_are_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = garden(tmp_path, {"vendor/x.py": ""})
    assert cli.main(["index", str(root)]) == 0
    told = capsys.readouterr().out
    assert "4 files, 3 symbols" in told
    assert "left out: 1 vendored: vendor/\n" in told


def test_the_first_files_that_are_left_out_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = {f"made{number}.py": "# @generated\n" for number in range(1, 8)}
    root = garden(tmp_path, {**made, ".venv/x.py": "", "pyproject.toml": "", "build/x.py": ""})
    for _ in ("built", "as it was"):
        assert cli.main(["index", str(root)]) == 0
        told = capsys.readouterr().out
        assert "left out: 7 generated: made1.py, made2.py, made3.py, made4.py, made5.py and 2 more\n" in told
        assert "left out: 2 output of a tool: build/, .venv/\n" in told


def test_what_would_let_an_excluded_file_in_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = {"twolane.toml": '[privacy]\nblocked = ["garden/"]\n', ".gitignore": "local/\n", "local/x.py": ""}
    root = garden(tmp_path, rules)
    assert cli.main(["index", str(root)]) == 0
    assert "left out: 2 excluded: garden/ (privacy.blocked), local/ (an ignore file)\n" in capsys.readouterr().out


def test_an_index_that_cannot_be_kept_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "XDG_DATA_HOME").write_text("a file where the folder should be")
    answer = index(capsys, str(garden(tmp_path)))
    assert answer["files"] == 4
    assert "it is kept in memory" in answer["trouble"]


@pytest.mark.parametrize("name", ["none", "file.py"])
def test_what_is_no_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / "file.py").touch()
    answer = index(capsys, str(tmp_path / name), code=1)
    assert answer["error"]["kind"] == "bad-input"


def test_watching_tells_each_change(tmp_path: Path) -> None:
    root = garden(tmp_path)
    command = [str(console_script()), "index", str(root), "--watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["files"] == 4
        (root / "late.py").write_text("class Late: ...\n")
        told = json.loads(process.stdout.readline())
        process.terminate()
    assert told["files"] == 5
    assert told["changed"] in ([], ["late.py"])


def test_ctrl_c_ends_watching_without_a_word(tmp_path: Path) -> None:
    command = [str(console_script()), "index", str(garden(tmp_path)), "--watch"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ), bufsize=1
    ) as process:
        assert process.stdout is not None
        assert "4 files" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (130, "")
