"""The console script itself: codes, streams, misuse, interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import twolane
from twolane.clients.errors import ModelUnavailable
from twolane.server import cli

SCRIPT = Path(sys.executable).with_name("twolane")


def install(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the command `doctor` fail with this error."""

    def run(arguments: object) -> int:
        raise error

    monkeypatch.setattr(cli, "import_module", lambda name, package: SimpleNamespace(run=run))


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"twolane {twolane.__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    output = capsys.readouterr().out
    assert all(f"    {name} " in output for name in ("serve", "demo", "complete", "engine", "doctor"))


@pytest.mark.parametrize(
    "words",
    [["dance"], ["engine"], ["engine", "dance"], ["complete", "--context-tokens", "-1"], ["doctor", "-x"]],
)
def test_misuse_is_one_line_and_code_two(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert cli.main(words) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("twolane: ")
    assert output.err.count("\n") == 1
    assert "--help" in output.err


def test_no_word_at_all_is_answered_with_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "complete" in output.err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("serve", "until it leaves"),
        ("demo", "bundled project"),
        ("complete", '"mask_imports": [names]'),
        ("engine", "stop: end it"),
        ("doctor", "mends each trouble"),
    ],
)
def test_each_command_explains_itself(capsys: pytest.CaptureFixture[str], command: str, words: str) -> None:
    assert cli.main([command, "--help"]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert words in output
    assert ("--json" in output) == (command != "serve")


@pytest.mark.parametrize(
    ("parked", "expected"),
    [(0, ""), (1, "parked   1 file, 1.5 MiB"), (3, "parked   3 files, 1.5 MiB")],
)
def test_the_engine_names_only_what_it_holds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], parked: int, expected: str
) -> None:
    async def status() -> dict[str, Any]:
        free = {"file": None, "tokens": 0, "busy": False}
        return {
            "running": True,
            "pid": 7,
            "uptime_s": 1.0,
            "clients": 1,
            "model": "fake",
            "device": "cpu",
            "slots": [free, {"file": "a\x1b[31m.py", "tokens": 1576, "busy": True}, free],
            "queue": 0,
            "memory": {"rss_bytes": 1, "models_bytes": 1, "kv_bytes": 1},
            "models": [
                {"parked_files": parked, "memory": {"parked_bytes": 3 << 19 if parked else 0}},
                {"path": "b.gguf", "loading": 0.5},
                {"path": "c.gguf", "refused": "It is damaged."},
            ],
            "socket": "s",
            "log": "l",
        }

    monkeypatch.setattr("twolane.clients.engine.control.status", status)
    assert cli.main(["engine", "status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "free" not in "".join(lines)
    slots = lines.index("slots    3, 1 in use")
    assert lines[slots - 2 : slots] == ["loading  b.gguf, 50%", "refused  c.gguf: It is damaged."]
    assert lines[slots + 1] == "         a\N{REPLACEMENT CHARACTER}[31m.py, 1,576 tokens, answering"
    assert lines[slots + 2 :] == ([expected] if expected else [])


@pytest.mark.parametrize(
    "words", [["complete", "--context-tokens"], ["ledger", "--days"], ["ledger", "--acknowledge"], ["stats", "--days"]]
)
@pytest.mark.parametrize("number", ["many", "-1", "nan", "99999999"])
def test_a_number_that_cannot_be_is_answered_with_what_can(
    capsys: pytest.CaptureFixture[str], words: list[str], number: str
) -> None:
    assert cli.main([*words[:-1], f"{words[-1]}={number}"]) == 2
    assert "it must be a" in capsys.readouterr().err


def test_misuse_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dance", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "misused"


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ModelUnavailable("The engine is starting."), "unavailable", "The engine is starting."),
        (PermissionError(13, "Permission denied", "/some/file"), "failed", "/some/file: Permission denied"),
        (ValueError("two\nlines"), "internal", "ValueError: two lines"),
    ],
)
def test_a_failure_is_one_line_and_one_document(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    kind: str,
    words: str,
) -> None:
    install(monkeypatch, error)
    assert cli.main(["doctor", "--json"]) == 1
    output = capsys.readouterr()
    document = json.loads(output.out)
    assert document["error"]["kind"] == kind
    assert words in document["error"]["message"]
    assert output.err.splitlines()[-1] == f"twolane: {document['error']['message']}"


@pytest.mark.parametrize("command", ["complete", "context"])
def test_a_files_name_does_not_command_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main([command, "a\x1b]0;owned\x07.py:1:1"]) == 1
    output = capsys.readouterr()
    assert "a\N{REPLACEMENT CHARACTER}]0;owned" in output.err
    assert "\x1b" not in output.out + output.err


def test_control_c_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    install(monkeypatch, KeyboardInterrupt())
    assert cli.main(["doctor"]) == 130
    assert capsys.readouterr() == ("", "")


def test_control_c_while_the_command_line_is_loaded_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    class Impatient:
        def find_spec(self, name: str, *where: object) -> None:
            if name == "twolane.server.cli":
                raise KeyboardInterrupt

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    module, _, function = project["project"]["scripts"]["twolane"].partition(":")
    monkeypatch.delitem(sys.modules, "twolane.server.cli")
    monkeypatch.setattr(sys, "meta_path", [Impatient(), *sys.meta_path])
    try:
        code = getattr(import_module(module), function)()
    except KeyboardInterrupt:
        pytest.fail("a person would see a traceback")
    assert code == 130


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed")
@pytest.mark.parametrize("words", [["explain"], ["complete", "a.py:1:1"], ["stats"], ["doctor"]])
def test_a_folder_that_was_removed_under_the_shell_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    for name in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "RUNTIME_DIR"):
        monkeypatch.setenv(f"XDG_{name}", str(tmp_path))
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert cli.main(words) == 1
    assert "the current folder is gone" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_crash(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [SCRIPT, "engine", "status", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("closed", "words", "code", "expected"),
    [
        (0, ("complete", "--points", "-", "--json"), 0, b""),
        (1, ("explain", "--json"), 0, b""),
        (2, ("complete", "missing.py:1:1", "--json"), 1, b"bad-input"),
    ],
)
def test_a_stream_that_is_closed_is_one_to_nowhere(
    tmp_path: Path, closed: int, words: tuple[str, ...], code: int, expected: bytes
) -> None:
    env = {f"XDG_{name}": str(tmp_path) for name in ("RUNTIME_DIR", "STATE_HOME", "CONFIG_HOME", "DATA_HOME")}
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}>&-', "sh", SCRIPT, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
        env=os.environ | env,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False)
    assert expected in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_said_in_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [SCRIPT, "explain", "--json"],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            env=os.environ | {"XDG_DATA_HOME": str(tmp_path)},
        )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("twolane: the answer cannot be written")


def test_a_user_without_a_home_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert cli.main(["ledger", "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "no-home"
    assert "HOME" in error["message"]


def test_an_option_counts_only_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ledger", "--js"]) == 2
    assert "--js" in capsys.readouterr().err


def test_control_c_while_waiting_for_points_ends_at_once(tmp_path: Path) -> None:
    env = {f"XDG_{name}": str(tmp_path) for name in ("RUNTIME_DIR", "STATE_HOME", "CONFIG_HOME")}
    process = subprocess.Popen(
        [SCRIPT, "complete", "--points", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=os.environ | env,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"nonsense\n")
    process.stdin.flush()
    assert b"error" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    _, errors = process.communicate()
    assert errors == b""


def test_a_folder_full_of_modules_cannot_hijack_the_script(tmp_path: Path) -> None:
    for name in ("argparse", "json", "server", "twolane", "routing", "asyncio"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hijacked')\n")
    done = subprocess.run(
        [SCRIPT, "--version"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"twolane {twolane.__version__}\n")


def test_output_survives_a_poor_locale(tmp_path: Path) -> None:
    (tmp_path / "\N{GREEK SMALL LETTER ALPHA}.py").write_text("a = 1\n")
    done = subprocess.run(
        [SCRIPT, "complete", "\N{GREEK SMALL LETTER ALPHA}.py:9:1"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1
    assert b"the file has lines 1 to 2" in done.stderr


def test_serve_loads_neither_a_model_nor_a_parser(tmp_path: Path) -> None:
    probe = (
        "import sys\n"
        "from twolane.server import cli\nfrom twolane.server.lsp import language_server\n"
        "language_server.main = lambda **options: 7\n"
        "assert cli.main(['serve', '--stdio']) == 7\n"
        "heavy = {'llama_cpp', 'numpy', 'tree_sitter', 'anthropic', 'torch'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-P", "-c", probe], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
