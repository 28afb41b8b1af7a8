"""Review in real Neovims: a save, a diagnostic, "not a problem"; and the command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.scripted.provider import Provider
from tests.editors.nvim.conftest import Desk
from tests.editors.nvim.neovim import VERSIONS, Neovim
from tests.lsp_client import private_environment
from tests.review.desk import wrong
from tests.review.project import AFTER, BEFORE, git

_CHOOSE = """
local wanted = ...
vim.ui.select = function(items, _, chosen)
  for index, item in ipairs(items) do
    local action = item.action or item[2]
    if action.title:find(wanted, 1, true) then return chosen(item, index) end
  end
end
"""
_SHOWN = "return vim.tbl_map(function(one) return { one.lnum, one.source, one.code } end, vim.diagnostic.get(0))"


class Repository(Desk):
    """A repository with one change in the editor, and a provider that answers as the test says."""

    def __init__(self, folder: Path, version: str) -> None:
        super().__init__(folder, version, private_environment(folder))
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

    def open(self, settings: str) -> Neovim:
        self.provider.begin(wrong())
        server = f'server = {{ cmd = {{ "{sys.executable}", "-P", "-m", "tests.refactor.scripted_editor" }} }}'
        editor = self.neovim(f"{server}, settings = {{ review = {{ {settings} }} }}", file="stats.py")
        editor.wait(lambda: editor.lua("return #vim.lsp.get_clients({ bufnr = 0 })"), "the server")
        return editor

    def close(self) -> None:
        super().close()
        self.provider.close()


@pytest.fixture(params=VERSIONS)
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Repository]:
    repository = Repository(tmp_path, request.param)
    yield repository
    repository.close()


def shown(editor: Neovim) -> Any:
    return editor.lua(_SHOWN)


def test_a_save_shows_a_diagnostic_and_not_a_problem_takes_it_away(repository: Repository) -> None:
    editor = repository.open("on_save = 'on', pause_s = 0")
    editor.command("write")
    editor.wait(lambda: shown(editor) == [[2, "twolane", "division-by-zero"]], "the diagnostic", 60)
    editor.command("normal! ggO# above")
    editor.wait(lambda: shown(editor) == [[3, "twolane", "division-by-zero"]], "its new place")
    editor.lua(_CHOOSE, "Not a problem, for me")
    editor.command("4")
    editor.lua("vim.lsp.buf.code_action()")
    editor.wait(lambda: shown(editor) == [], "the end of the diagnostic")


def test_the_fix_is_put_in(repository: Repository) -> None:
    editor = repository.open("on_save = 'on', pause_s = 0")
    editor.command("write")
    editor.wait(lambda: len(shown(editor)) == 1, "the diagnostic", 60)
    editor.lua(_CHOOSE, "Fix: ")
    editor.command("3")
    editor.lua("vim.lsp.buf.code_action()")
    editor.wait(lambda: "    return total / max(1, len(values))" in editor.lines(), "the fix")
    editor.wait(lambda: shown(editor) == [], "the end of the diagnostic")


def test_the_command_reviews_the_file_and_says_what_came_of_it(repository: Repository) -> None:
    editor = repository.open("on_save = 'off'")
    editor.lua("vim.notify = function(text) _G.told = text end")
    editor.lua(
        "vim.diagnostic.set(vim.api.nvim_create_namespace('other'), 0,"
        " { { lnum = 1, col = 0, message = 'unused total', source = 'checker' } })"
    )
    editor.command("Twolane review")
    editor.wait(lambda: editor.lua("return _G.told"), "the outcome", 60)
    assert editor.lua("return _G.told").startswith("Twolane: 1 finding in 1 file, $0.00")
    editor.wait(lambda: [2, "twolane", "division-by-zero"] in shown(editor), "the diagnostic")
    editor.lua("_G.told = nil")
    editor.command("Twolane review all")
    editor.wait(lambda: editor.lua("return _G.told"), "the outcome", 60)
    assert len(repository.provider.server.requests) == 2
