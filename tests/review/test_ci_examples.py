"""The examples of docs/ci.md do what the page says, as far as their commands can be run here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clients.scripted.provider import provider
from tests.clients.scripted.server import Script
from tests.lsp_client import console_script
from tests.review.desk import Desk
from tests.review.project import CLAIM, found, git, holds

PAGE = Path(__file__).parents[2] / "docs" / "ci.md"


def example(title: str) -> Any:
    """The first YAML block below a heading."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2]
    block = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return yaml.safe_load(block[1])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def run(desk: Desk, script: str, *answers: Script, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a pipeline's commands in the repository, as its shell does."""
    path = os.pathsep.join((str(console_script().parent), os.environ["PATH"]))
    with provider(*answers) as server:
        environment = {**desk.environment, "PATH": path, "ANTHROPIC_BASE_URL": server.url, **more}
        return subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=desk.project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )


def test_github_annotates_fails_and_takes_code_3_as_neutral(desk: Desk) -> None:
    workflow = example("GitHub Actions")
    step = workflow["jobs"]["review"]["steps"][-1]
    assert step["env"]["BASE"] == "origin/${{ github.base_ref }}"
    done = run(desk, step["run"], *[found(CLAIM), holds(1)], BASE="HEAD")
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=stats.py,line=3,endLine=3,title=")
    done = run(desk, step["run"], *[found(CLAIM), holds(1)], BASE="HEAD", ANTHROPIC_API_KEY="")
    assert done.returncode == 0
    assert "::notice::" in done.stdout
    done = run(desk, step["run"], found(), BASE="HEAD")
    assert (done.returncode, done.stdout) == (0, "")


def test_gitlab_keeps_the_report_and_allows_code_3(desk: Desk) -> None:
    job = example("GitLab")["review"]
    command = job["script"][-1]
    done = run(desk, command, *[found(CLAIM), holds(1)], CI_MERGE_REQUEST_DIFF_BASE_SHA="HEAD")
    assert done.returncode == 1
    (name,) = job["artifacts"]["paths"]
    assert len(json.loads((desk.project / name).read_text())["findings"]) == 1
    done = run(desk, command, CI_MERGE_REQUEST_DIFF_BASE_SHA="HEAD", ANTHROPIC_API_KEY="")
    assert done.returncode == job["allow_failure"]["exit_codes"]


def test_the_hook_of_pre_commit_stops_a_commit_and_lets_pass_what_cannot_be_reviewed(desk: Desk) -> None:
    (desk.project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(example("pre-commit")))
    git(desk.project, "add", ".pre-commit-config.yaml")
    git(desk.project, "commit", "-q", "-m", "two")
    git(desk.project, "add", "stats.py")
    command = f"{sys.executable} -m pre_commit run"
    home = str(desk.folder / "pre-commit")
    done = run(desk, command, *[found(CLAIM), holds(1)], PRE_COMMIT_HOME=home)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "stats.py:3: error: An empty list divides by zero." in done.stdout
    done = run(desk, command, ANTHROPIC_API_KEY="", PRE_COMMIT_HOME=home)
    assert done.returncode == 0, done.stdout + done.stderr
