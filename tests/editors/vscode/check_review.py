"""Review in a real VS Code: a save, a diagnostic, "not a problem"; and the command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.scripted.provider import Provider
from tests.editors.vscode.code import Browser, Code
from tests.editors.vscode.conftest import Desk
from tests.lsp_client import private_environment
from tests.review.desk import wrong
from tests.review.project import AFTER, BEFORE, git

pytestmark = pytest.mark.timeout(300)

PROBLEMS = ".markers-panel .monaco-list-row"


class Repository(Desk):
    """A repository with one change in the editor, and a provider that answers as the test says."""

    def __init__(self, folder: Path, extensions: Path, browser: Browser) -> None:
        super().__init__(folder, extensions, browser, {**private_environment(folder), "HOME": str(folder)})
        self.provider = Provider()
        (self.project / "stats.py").write_text(BEFORE)
        git(self.project, "init", "-q")
        git(self.project, "add", ".")
        git(self.project, "commit", "-q", "-m", "one")
        (self.project / "stats.py").write_text(AFTER)
        self.environment |= {
            "ANTHROPIC_API_KEY": "key-for-tests",
            "ANTHROPIC_BASE_URL": self.provider.server.url,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPATH": str(Path(__file__).parents[3]),
        }

    def open(self, on_save: str) -> Code:
        """Open the changed file at the wrong line."""
        self.provider.begin(wrong())
        program = self.folder / "twolane"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m tests.refactor.scripted_editor\n')
        program.chmod(0o755)
        settings = {"twolane.review.on_save": on_save, "twolane.review.pause_s": 0}
        code = self.code({"twolane.server.path": str(program), **settings})
        code.open("stats.py", 3, 1)
        code.wait(lambda: code.status() and "Twolane:" not in code.status(), "the server")
        return code

    def close(self) -> None:
        super().close()
        self.provider.close()


@pytest.fixture
def repository(tmp_path: Path, extensions: Path, browser: Browser) -> Iterator[Repository]:
    repository = Repository(tmp_path, extensions, browser)
    yield repository
    repository.close()


def problems(code: Code) -> list[str]:
    return [row for row in code.texts(PROBLEMS) if "division-by-zero" in row]


def test_a_save_shows_a_diagnostic_and_not_a_problem_takes_it_away(repository: Repository) -> None:
    code = repository.open("on")
    code.press("End")
    code.type(" ")
    code.save()
    code.run("View: Toggle Problems")
    code.wait(lambda: problems(code), "the diagnostic")
    assert "twolane" in problems(code)[0]
    code.fix("Not a problem, for me")
    code.wait(lambda: not problems(code), "the end of the diagnostic")
    assert code.complaints() == []


def test_the_command_reviews_the_file_and_says_what_came_of_it(repository: Repository) -> None:
    code = repository.open("off")
    code.run("Twolane: Review This File")
    code.wait(lambda: any("1 finding in 1 file, $0.0" in told for told in code.notifications()), "the outcome")
