"""The console script as a person or a script runs it, with the real engine and the starter model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(sys.executable).with_name("twolane")
PROJECT = Path(__file__).parents[2] / "server" / "demo" / "project"
FIELDS = ["text", "lane", "model", "ms", "prompt_tokens", "reused_tokens", "sources", "reason"]


class Machine:
    """A home of its own: settings, state, and an engine that nobody else reaches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "project"
        shutil.copytree(PROJECT, self.project)
        (self.project / "pyproject.toml").touch()
        names = ("RUNTIME_DIR", "STATE_HOME", "DATA_HOME", "CONFIG_HOME", "CACHE_HOME")
        self.env = os.environ | {f"XDG_{name}": str(folder / name.lower()) for name in names}
        for name in names:
            (folder / name.lower()).mkdir(mode=0o700)

    def configure(self, text: str) -> None:
        file = self.folder / "config_home" / "twolane" / "twolane.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def run(self, *words: str | Path, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *words],
            input=stdin,
            cwd=cwd or self.project,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def ask(self, *words: str | Path, code: int = 0) -> dict[str, Any]:
        """Run with `--json`: exactly one document on stdout."""
        done = self.run(*words, "--json")
        assert done.returncode == code, done.stderr
        (line,) = done.stdout.splitlines()
        document: dict[str, Any] = json.loads(line)
        return document


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One machine for all tests of this file, so that the model is loaded once."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.configure("[near]\nthreads = 1\nslots = 2\n[completion]\nmax_tokens = 16\ntime_limit_ms = 60_000\n")
    yield machine
    machine.run("engine", "stop")


def test_the_doctor_finds_this_machine_sound(machine: Machine) -> None:
    document = machine.ask("doctor")
    assert document["ok"], [check for check in document["checks"] if not check["ok"]]
    checks = {check["name"]: check for check in document["checks"]}
    assert "twolane-starter" in checks["model"]["detail"]


def test_the_engine_is_started_once_told_about_and_stopped(machine: Machine) -> None:
    machine.run("engine", "stop")
    assert machine.ask("engine", "status")["running"] is False
    started = machine.ask("engine", "start")
    assert set(started) >= {"running", "pid", "model", "device", "slots", "memory", "queue"}
    assert started["running"] is True
    assert started["model"]
    assert machine.ask("engine", "start")["pid"] == started["pid"]
    assert machine.ask("engine", "status")["pid"] == started["pid"]
    assert machine.ask("engine", "stop")["stopped"] is True
    assert machine.ask("engine", "status")["running"] is False
    assert machine.ask("engine", "stop")["stopped"] is False


def test_a_completion_comes_from_the_starter_with_its_sources(machine: Machine) -> None:
    first = machine.ask("complete", "src/itsdangerous/url_safe.py:64:9")
    assert list(first) == FIELDS
    assert first["lane"] == "near"
    assert "starter" in first["model"]
    assert first["prompt_tokens"] > 100
    assert "base64_encode" in {source["symbol"] for source in first["sources"]}
    assert first["text"] or first["reason"]
    again = machine.ask("complete", "src/itsdangerous/url_safe.py:64:9")
    assert again["text"] == first["text"]
    assert again["reused_tokens"] >= 0.9 * again["prompt_tokens"]
    without = machine.ask("complete", "src/itsdangerous/url_safe.py:64:9", "--context-tokens", "0")
    assert without["sources"] == []
    assert without["prompt_tokens"] < first["prompt_tokens"]


def test_points_come_back_in_order_from_one_process(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "shapes.py").write_text("def area(width: int, height: int) -> int:\n    return width * height\n")
    (tmp_path / "main.py").write_text("from shapes import area\n\nsize = area(3, 4)\n")
    here = {"path": "main.py", "start": {"line": 3, "column": 8}, "end": {"line": 3, "column": 18}}
    lines = [json.dumps(here), "nonsense", json.dumps(here | {"mask_imports": ["area"]}), json.dumps(here)]
    done = machine.run("complete", "--points", "-", stdin="\n".join(lines), cwd=tmp_path)
    assert done.returncode == 1
    first, bad, masked, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert list(bad) == ["error"]
    assert [list(answer) for answer in (first, masked, last)] == [FIELDS] * 3
    assert first["text"] == last["text"]
    assert [source["symbol"] for source in first["sources"]] == ["area"]
    assert "imported" in first["sources"][0]["why"]
    assert not any("imported" in source["why"] for source in masked["sources"])


def test_the_demo_suggests_at_three_places(machine: Machine, tmp_path: Path) -> None:
    done = machine.run("demo", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (suggestions,) = json.loads(done.stdout).values()
    assert len(suggestions) == 3
    for suggestion in suggestions:
        assert list(suggestion)[:9] == [*FIELDS, "typed"]
        assert suggestion["text"] or suggestion["reason"]
        assert suggestion["sources"]
        assert suggestion["reused_share"] > 0.5
    assert any(suggestion["text"] for suggestion in suggestions)
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_is_killed_is_replaced(machine: Machine) -> None:
    pid = machine.ask("engine", "start")["pid"]
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while machine.ask("engine", "status").get("pid") == pid and time.monotonic() < deadline:
        pass
    answer = machine.ask("complete", "src/itsdangerous/url_safe.py:64:9", "--context-tokens", "0")
    assert answer["prompt_tokens"] > 0
    assert machine.ask("engine", "status")["pid"] != pid


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "does not exist"), (b"", "empty"), (b"GGUF" + b"\xff" * 100, "damaged"), (b"MZ" * 100, "not a GGUF")],
)
def test_a_model_that_cannot_be_used_is_one_clear_line(
    machine: Machine, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    model = tmp_path / "other.gguf"
    if content is not None:
        model.write_bytes(content)
    (tmp_path / "twolane.toml").write_text(f'[near]\nmodel = "{model}"\n')
    (tmp_path / "a.py").write_text("a = \n")
    done = machine.run("complete", "a.py:1:5", "--trust", "--json", cwd=tmp_path)
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "refused"
    assert reason in error["message"]
    assert done.stderr == f"twolane: {error['message']}\n"
    untrusted = machine.run("complete", "a.py:1:5", "--json", cwd=tmp_path)
    assert untrusted.returncode == 0
    assert "near.model" in untrusted.stderr
