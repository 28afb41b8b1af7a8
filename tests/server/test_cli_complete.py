"""`twolane complete`, with an engine that answers at once."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.server.fake_engine import FakeEngine
from twolane.clients.errors import ModelCrashed, ModelRefused
from twolane.server import cli

FIELDS = ["text", "lane", "model", "ms", "prompt_tokens", "reused_tokens", "sources", "reason"]

HELPERS = """\
def double(number: int) -> int:
    return number * 2


def half(number: int) -> int:
    return number // 2
"""
MAIN = "from helpers import double, half\n\n\ndef main() -> None:\n    result = double(21)\n    print(result)\n"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr("twolane.server.compose.LocalEngine", fake)
    return fake


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    (root / "helpers.py").write_text(HELPERS)
    (root / "main.py").write_text(MAIN)
    monkeypatch.chdir(root)
    return root


def documents(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_answer_has_exactly_the_agreed_fields(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "main.py").write_text(MAIN.replace("double(21)", ""))
    engine.reply = lambda request: "double(21)"
    assert cli.main(["complete", "main.py:5:14", "--json"]) == 0
    (answer,) = documents(capsys)
    assert list(answer) == FIELDS
    assert answer["text"] == "double(21)"
    assert (answer["lane"], answer["model"]) == ("near", "fake")
    assert (answer["prompt_tokens"], answer["reused_tokens"]) == (100, 90)
    assert answer["ms"] > 0
    assert {source["symbol"] for source in answer["sources"]} >= {"double"}
    assert set(answer["sources"][0]) == {"path", "start_line", "end_line", "symbol", "why"}
    assert engine.requests[0].prefix.endswith("    result = ")
    assert engine.closed


def test_no_tokens_for_other_files_means_none_are_shown(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["complete", "main.py:5:14", "--context-tokens", "0", "--json"]) == 0
    assert documents(capsys)[0]["sources"] == []
    assert engine.requests[0].extras == ()


def test_without_json_the_text_alone_is_on_stdout(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.reply = lambda request: "print(result)"
    (workspace / "main.py").write_text(MAIN.replace("print(result)", ""))
    assert cli.main(["complete", "main.py:6:5"]) == 0
    output = capsys.readouterr()
    assert output.out == "print(result)\n"
    assert "helpers.py" in output.err


def test_columns_are_code_points_and_lines_end_as_lsp_ends_them(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "odd.py").write_bytes('a = "𝄞\x0c\u2028"\r\nb = \r\n'.encode())
    assert cli.main(["complete", "odd.py:2:5", "--json"]) == 0
    assert engine.requests[-1].prefix.splitlines()[-1] == "b = "
    assert cli.main(["complete", "odd.py:1:11", "--json"]) == 1


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("missing.py:1:1", "no such file"),
        ("binary.py:1:1", "binary"),
        ("latin.py:2:1", "line 2 is not UTF-8"),
        ("folder:1:1", "a folder"),
        ("pipe.py:1:1", "not a regular file"),
        ("main.py:99:1", "there is no line 99; the file has lines 1 to 7"),
        ("main.py:0:0", "there is no line 0; the file has lines 1 to 7"),
        ("main.py:00:1", "there is no line 0; the file has lines 1 to 7"),
        ("main.py:1:99", "there is no column 99; line 1 has columns 1 to 33"),
        ("main.py:1:0", "there is no column 0; line 1 has columns 1 to 33"),
        ("main.py:2:5", "line 2 has column 1 alone"),
        ("short.py:2:1", "the file has line 1 alone"),
        ("gone.py:1:1", "no such file"),
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_bad_input_is_one_clear_line(
    engine: FakeEngine,
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
    target: str,
    reason: str,
    as_json: bool,
) -> None:
    (workspace / "binary.py").write_bytes(b"\x7fELF\0\0\0")
    (workspace / "latin.py").write_bytes(b"a = 1\nb = '\xe4'\n")
    (workspace / "short.py").write_bytes(b"a = 1")
    (workspace / "folder").mkdir()
    os.mkfifo(workspace / "pipe.py")
    (workspace / "gone.py").symlink_to(workspace / "nowhere.py")
    assert cli.main(["complete", target, *(["--json"] if as_json else [])]) == 1
    output = capsys.readouterr()
    assert reason in output.err
    assert target.partition(":")[0] in output.err
    assert output.err.count("\n") == 1
    if as_json:
        document = json.loads(output.out)
        assert document["error"]["kind"] == "bad-input"
        assert reason in document["error"]["message"]
    else:
        assert output.out == ""
    assert engine.requests == []


@pytest.mark.parametrize("target", ["main.py:1", "main.py:x:1", "main.py:-1:1", "main.py:1:"])
def test_a_position_that_cannot_be_one_is_misuse(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    assert cli.main(["complete", target, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "misused"
    assert engine.requests == []


def test_a_file_without_permission_is_named(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)
    (workspace / "main.py").chmod(0)
    assert cli.main(["complete", "main.py:1:1"]) == 1
    assert "main.py: no permission to read it" in capsys.readouterr().err


def test_a_huge_file_is_answered_with_silence_and_the_setting_to_change(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "huge.py").write_text("x = 1\n" * 3_500_000)
    assert cli.main(["complete", "huge.py:2:1", "--json"]) == 0
    (answer,) = documents(capsys)
    assert answer["text"] == ""
    assert "completion.max_document_bytes" in answer["reason"]
    assert engine.requests == []


def test_an_unknown_language_is_completed_from_the_file_alone(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "notes.xyz").write_text("one two \n")
    engine.reply = lambda request: "three"
    assert cli.main(["complete", "notes.xyz:1:9", "--json"]) == 0
    (answer,) = documents(capsys)
    assert answer["text"] == "three"
    assert answer["sources"] == []


def test_a_language_that_is_turned_off_gives_silence_and_names_the_setting(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "twolane.toml").write_text('[completion]\ndisabled_languages = ["python"]\n')
    assert cli.main(["complete", "main.py:5:14", "--json"]) == 0
    (answer,) = documents(capsys)
    assert list(answer) == FIELDS
    assert "completion.disabled_languages" in answer["reason"]
    assert engine.requests == []


def test_silence_does_not_read_like_an_error(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "twolane.toml").write_text('[completion]\ndisabled_languages = ["python"]\n')
    assert cli.main(["complete", "main.py:5:14"]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert line.startswith("no suggestion: ")
    assert "completion.disabled_languages" in line


def test_a_model_that_fails_is_an_error_with_its_own_words(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.reply = ModelRefused("The model x.gguf is damaged: download it again.")
    assert cli.main(["complete", "main.py:5:14", "--json"]) == 1
    (document,) = documents(capsys)
    assert document == {"error": {"kind": "refused", "message": "The model x.gguf is damaged: download it again."}}


def test_only_trust_lets_the_workspace_choose_the_model(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "twolane.toml").write_text('[near]\nmodel = "own.gguf"\n')
    assert cli.main(["complete", "main.py:5:14"]) == 0
    assert engine.spec is not None
    assert engine.spec.path.endswith("twolane-starter.gguf")
    assert "near.model" in capsys.readouterr().err
    assert cli.main(["complete", "main.py:5:14", "--trust"]) == 0
    assert engine.spec.path == str(workspace / "own.gguf")


def points(folder: Path, *lines: object) -> str:
    file = folder / "points.jsonl"
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return str(file)


def at(line: int, column: int) -> dict[str, int]:
    return {"line": line, "column": column}


def test_points_are_answered_in_order_as_if_their_text_was_not_yet_written(
    engine: FakeEngine, workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.reply = lambda request: f"{len(engine.requests)}"
    file = points(
        tmp_path,
        {"path": "main.py", "start": at(5, 14), "end": at(5, 24), "mask_imports": ["half"]},
        "",
        {"path": "main.py", "start": at(6, 11), "end": at(6, 17), "id": "the caller's own"},
    )
    assert cli.main(["complete", "--points", file, "--json"]) == 0
    answers = documents(capsys)
    assert [list(answer) for answer in answers] == [FIELDS, FIELDS]
    assert [answer["text"] for answer in answers] == ["1", "2"]
    first, second = engine.requests
    assert first.prefix.endswith("result = ")
    assert first.suffix.startswith("\n    print(result)")
    assert first.prefix.splitlines()[0] == "from helpers import double"
    assert second.prefix.splitlines()[0] == "from helpers import double, half"
    assert second.prefix.endswith("print(")
    shown = "".join(extra.text for extra in first.extras)
    assert "double" in shown
    assert "half" in "".join(extra.text for extra in second.extras)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "not JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ({"start": at(1, 1)}, '"path"'),
        ({"path": "main.py"}, '"start"'),
        ({"path": "main.py", "start": {"line": "1", "column": 1}}, '"start"'),
        ({"path": "main.py", "start": {"line": True, "column": 1}}, '"start"'),
        ({"path": "main.py", "start": at(1, 1), "mask_imports": "half"}, '"mask_imports"'),
        ({"path": "main.py", "start": at(2, 1), "end": at(1, 1)}, "end is before start"),
        ({"path": "main.py", "start": at(1, 1), "end": at(50, 1)}, "the file has lines 1 to 7"),
        ({"path": "main.py", "start": at(0, 1)}, "the file has lines 1 to 7"),
        ({"path": "missing.py", "start": at(1, 1)}, "no such file"),
        ({"path": "../outside.py", "start": at(1, 1)}, "outside the workspace"),
        ({"path": "a\0b", "start": at(1, 1)}, '"path"'),
    ],
)
def test_a_bad_point_gets_an_error_in_its_place_and_the_rest_go_on(
    engine: FakeEngine,
    workspace: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    line: object,
    reason: str,
) -> None:
    (tmp_path / "outside.py").write_text("secret = 1\n")
    good = {"path": "main.py", "start": at(6, 5), "end": at(6, 18)}
    file = points(tmp_path, good, line, good)
    assert cli.main(["complete", "--points", file, "--json"]) == 1
    first, bad, last = documents(capsys)
    assert list(first) == list(last) == FIELDS
    assert list(bad) == ["error"]
    assert reason in bad["error"]["message"]
    assert "line 2" in bad["error"]["message"]


def test_an_engine_that_dies_between_points_costs_that_point_alone(
    engine: FakeEngine, workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(request: Any) -> str:
        if len(engine.requests) == 1:
            raise ModelCrashed("The engine died; it is started again.")
        return "1"

    engine.reply = reply
    file = points(tmp_path, *[{"path": "main.py", "start": at(6, 5), "end": at(6, 18)}] * 2)
    assert cli.main(["complete", "--points", file]) == 1
    first, second = documents(capsys)
    assert first["error"]["kind"] == "crashed"
    assert second["text"] == "1"


def test_what_one_point_hides_is_back_for_the_next(
    engine: FakeEngine, workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = points(
        tmp_path,
        {"path": "helpers.py", "start": at(1, 1), "end": at(6, 23)},
        {"path": "main.py", "start": at(5, 14), "end": at(5, 24)},
    )
    assert cli.main(["complete", "--points", file]) == 0
    _, second = documents(capsys)
    assert {source["symbol"] for source in second["sources"]} >= {"double", "half"}


@pytest.mark.parametrize("words", [[], ["main.py:1:1", "--points", "x"], ["main.py"], ["main.py:a:1"]])
def test_misuse_is_told_apart_from_failure(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert cli.main(["complete", *words, "--json"]) == 2
    assert documents(capsys)[0]["error"]["kind"] == "misused"


def test_a_list_that_is_not_there_is_named(
    engine: FakeEngine, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["complete", "--points", "none.jsonl", "--json"]) == 1
    assert "none.jsonl" in documents(capsys)[0]["error"]["message"]
