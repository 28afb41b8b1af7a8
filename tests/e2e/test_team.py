"""`twolane` with a team's server in the place of the engine: the real console script, llama.cpp's real server."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests import llama_server
from tests.lsp_client import LspClient, console_script, private_environment

TEXT = "def add(a, b):\n    return \n"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with llama_server.running(Path(str(files("twolane.starter") / "twolane-starter.gguf"))) as address:
        yield address


FREE = '[budget]\nprices = ["team/* input=0 output=0"]\n'


def twolane(folder: Path, *words: str) -> dict[str, Any]:
    """Run a command in the same place, and return what it tells."""
    done = subprocess.run(
        [console_script(), *words, "--json"],
        env=private_environment(folder), cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def complete(
    folder: Path, settings: str, code: int = 0, *, engine: bool = False, project: bool = True
) -> dict[str, Any]:
    environment = private_environment(folder)
    user_file = Path(environment["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
    user_file.parent.mkdir(parents=True, exist_ok=True)
    user_file.write_text(settings)
    if project:
        (folder / ".git").mkdir(exist_ok=True)
    file = folder / "sums.py"
    file.write_text(TEXT)
    done = subprocess.run(
        [console_script(), "complete", f"{file}:2:12", "--json"],
        env=environment | {"HTTP_PROXY": "http://127.0.0.1:9"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert engine or not any(path.is_socket() for path in folder.rglob("*")), "an engine was started"
    answer: dict[str, Any] = json.loads(done.stdout) if code == 0 else {"stderr": done.stderr, "stdout": done.stdout}
    return answer


def test_a_completion_comes_from_the_teams_server(tmp_path: Path, url: str) -> None:
    answer = complete(tmp_path, f'{FREE}[team]\nurl = "{url}/v1"\ncompletion = true\n')
    assert answer["text"].strip(), answer
    assert (answer["lane"], answer["model"]) == ("team", "twolane-starter")
    assert answer["prompt_tokens"] > 10
    (left,) = twolane(tmp_path, "ledger", "--egress")["egress"]
    assert (left["task"], left["lane"], left["host"]) == ("completion", "team", url.removeprefix("http://"))
    assert [(piece["path"], piece["start_line"], piece["end_line"]) for piece in left["pieces"]] == [("sums.py", 1, 3)]
    (team,) = (check for check in twolane(tmp_path, "doctor")["checks"] if check["name"] == "team")
    assert team["detail"] == f"{url}/v1 answers: twolane-starter, starter"


def test_a_person_who_asks_for_more_gets_other_answers(tmp_path: Path, url: str) -> None:
    environment = private_environment(tmp_path)
    user_file = Path(environment["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
    user_file.parent.mkdir(parents=True)
    user_file.write_text(f'{FREE}[team]\nurl = "{url}/v1"\ncompletion = true\n')
    (tmp_path / ".git").mkdir()
    file = tmp_path / "sums.py"
    file.write_text(TEXT)
    client = LspClient([console_script(), "serve", "--stdio"], environment, tmp_path)
    try:
        client.initialize(rootUri=tmp_path.as_uri())
        client.open(file.as_uri(), TEXT)
        place = {"textDocument": {"uri": file.as_uri()}, "position": {"line": 1, "character": 11}}
        items: list[dict[str, Any]] = []
        until = time.monotonic() + 20
        while not items and time.monotonic() < until:
            items = client.result("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
        texts = [item["insertText"] for item in items]
        assert len(set(texts)) == len(texts) in (2, 3, 4)
        assert client.last_trace()["lane"] == "team"
        assert not any(path.is_socket() for path in tmp_path.rglob("engine*")), "an engine was started"
    finally:
        client.close()


def test_a_server_without_a_price_is_not_asked(tmp_path: Path, url: str) -> None:
    said = complete(tmp_path, f'[team]\nurl = "{url}/v1"\ncompletion = true\n', code=1)
    assert 'budget.prices = ["team/* input=DOLLARS output=DOLLARS"]' in said["stderr"] + said["stdout"]
    assert twolane(tmp_path, "ledger", "--egress")["egress"] == []


def test_a_file_that_may_not_leave_is_completed_on_this_machine(tmp_path: Path, url: str) -> None:
    settings = f'{FREE}[team]\nurl = "{url}/v1"\ncompletion = true\n[privacy]\nnear_only = ["sums.py"]\n'
    try:
        answer = complete(tmp_path, settings, engine=True)
        assert answer["lane"] == "near"
        assert answer["text"].strip()
        assert twolane(tmp_path, "ledger", "--egress")["egress"] == []
    finally:
        twolane(tmp_path, "engine", "stop")


def test_a_file_of_no_project_is_completed_on_this_machine(tmp_path: Path, url: str) -> None:
    try:
        answer = complete(tmp_path, f'{FREE}[team]\nurl = "{url}/v1"\ncompletion = true\n', engine=True, project=False)
        assert answer["lane"] == "near"
        assert twolane(tmp_path, "ledger", "--egress")["egress"] == []
        route = twolane(tmp_path, "route", "completion", "sums.py")
        assert (route["tier"], route["lane"]) == ("near-only", "near")
    finally:
        twolane(tmp_path, "engine", "stop")


def test_a_blocked_file_is_shown_to_no_model(tmp_path: Path, url: str) -> None:
    settings = f'{FREE}[team]\nurl = "{url}/v1"\ncompletion = true\n[privacy]\nblocked = ["*.py"]\n'
    answer = complete(tmp_path, settings)
    assert (answer["text"], answer["lane"]) == ("", None)
    assert "privacy.blocked (`*.py`)" in answer["reason"]


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = complete(tmp_path, '[team]\nurl = "http://127.0.0.1:9"\ncompletion = true\n', code=1)
    assert "Nothing listens at 127.0.0.1:9" in said["stderr"] + said["stdout"]


def test_a_strangers_file_cannot_choose_the_server(tmp_path: Path, url: str) -> None:
    (tmp_path / "twolane.toml").write_text(f'[team]\nurl = "{url}"\ncompletion = true\nplain_http = true\n')
    environment = private_environment(tmp_path) | {"PWD": os.fspath(tmp_path)}
    file = tmp_path / "sums.py"
    file.write_text(TEXT)
    done = subprocess.run(
        [console_script(), "complete", f"{file}:2:12", "--json"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    subprocess.run([console_script(), "engine", "stop"], env=environment, capture_output=True, timeout=60, check=False)
    assert json.loads(done.stdout)["lane"] == "near"


def test_a_rule_sends_some_files_to_the_team_and_route_tells_the_same(tmp_path: Path, url: str) -> None:
    rule = '[[routing.rules]]\ntasks = ["completion"]\npaths = ["sums.py"]\nlanes = ["team"]\n'
    answer = complete(tmp_path, f'{FREE}[team]\nurl = "{url}/v1"\n{rule}')
    assert answer["lane"] == "team"
    assert twolane(tmp_path, "route", "completion", "sums.py")["lane"] == "team"
    (tmp_path / "other.py").write_text(TEXT)
    assert twolane(tmp_path, "route", "completion", "other.py")["lane"] == "near"
