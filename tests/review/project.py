"""A repository with a change that is wrong, what a model may say about it, and a terminal in its folder."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from tests.clients.scripted.server import Script
from tests.refactor.bench import said
from tests.terminal import ScriptedTerminal

BEFORE = "def mean(values):\n    if not values:\n        return 0\n    return sum(values) / len(values)\n"
AFTER = "def mean(values):\n    total = sum(values)\n    return total / len(values)\n"
CALLER = "from stats import mean\n\n\ndef report(rows):\n    return mean(rows)\n"
CLAIM = {
    "rule": "division-by-zero",
    "severity": "error",
    "path": "stats.py",
    "start_line": 3,
    "end_line": 3,
    "quote": "return total / len(values)",
    "title": "An empty list divides by zero.",
    "why": "mean([]) raises ZeroDivisionError.",
    "replace": "",
    "with": "",
    "see": [],
}


def found(*claims: dict[str, Any]) -> Script:
    """A first answer."""
    return said({"findings": list(claims), "verdicts": []})


def holds(*numbers: int, so: bool = True) -> Script:
    """A second answer: these findings hold, or do not."""
    verdicts = [{"number": number, "holds": so, "because": "so"} for number in numbers]
    return said({"findings": [], "verdicts": verdicts})


def git(root: Path, *words: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *who, *words), cwd=root, check=True, stdout=subprocess.DEVNULL)


def repository(project: Path) -> Path:
    """A repository with one commit and one change, which is wrong."""
    project.mkdir()
    git(project, "init", "-q", "-b", "main")
    (project / "stats.py").write_text(BEFORE)
    (project / "caller.py").write_text(CALLER)
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    (project / "stats.py").write_text(AFTER)
    return project


class Terminal(ScriptedTerminal):
    """`twolane review` in a repository with one change."""

    command = "review"
