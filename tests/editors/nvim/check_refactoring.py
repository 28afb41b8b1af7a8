"""Refactorings in real Neovims: the real server, a scripted provider, the menu, the diff, the edit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.clients.scripted.provider import Provider
from tests.clients.scripted.server import Script
from tests.editors.nvim.conftest import Desk
from tests.editors.nvim.neovim import VERSIONS, Neovim
from tests.lsp_client import console_script, private_environment
from tests.refactor.bench import said, scenario
from tests.refactor.desk import MONEY, SHOP, answered, replace, symbol

_CHOOSE = """
local wanted = ...
vim.ui.select = function(items, _, chosen)
  for index, item in ipairs(items) do
    local action = item.action or item[2]
    if action.title:find(wanted, 1, true) then return chosen(item, index) end
  end
end
"""


class Shop(Desk):
    """A small project with its index made, and a provider that answers as the test says."""

    def __init__(self, folder: Path, version: str) -> None:
        super().__init__(folder, version, private_environment(folder))
        self.provider = Provider()
        for path, text in SHOP.items():
            (self.project / path).parent.mkdir(parents=True, exist_ok=True)
            (self.project / path).write_text(text)
        self.environment |= {
            "ANTHROPIC_API_KEY": "key-for-tests",
            "ANTHROPIC_BASE_URL": self.provider.server.url,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPATH": str(Path(__file__).parents[3]),
        }
        index = [str(console_script()), "index", str(self.project), "--json"]
        subprocess.run(index, env=self.environment, check=True, capture_output=True, timeout=60)

    def open(self, file: str, line: str, scripts: Sequence[Script]) -> Neovim:
        """Open a file with the cursor on a line that holds `line`."""
        self.provider.begin(scripts)
        server = f'server = {{ cmd = {{ "{sys.executable}", "-P", "-m", "tests.refactor.scripted_editor" }} }}'
        editor = self.neovim(server, file=file)
        editor.wait(lambda: editor.lua("return #vim.lsp.get_clients({ bufnr = 0 })"), "the server")
        editor.lua("vim.fn.search(..., 'w')", line)
        return editor

    def close(self) -> None:
        super().close()
        self.provider.close()


@pytest.fixture(params=VERSIONS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path, request.param)
    yield shop
    shop.close()


def test_a_refactoring_of_one_file_applies_and_is_undone_in_one_step(shop: Shop) -> None:
    editor = shop.open("shop/cart.py", "def total", scenario("right"))
    before = editor.lines()
    editor.lua(_CHOOSE, "implify")
    editor.command("Twolane refactor simplify")
    editor.wait(lambda: '        return sum(self.items, Money(0, "EUR"))' in editor.lines(), "the edit", 60)
    editor.press("u")
    editor.wait(lambda: editor.lines() == before, "the text before")


@pytest.mark.parametrize("wanted", [True, False])
def test_one_that_reaches_other_files_is_shown_first(shop: Shop, wanted: bool) -> None:
    renamed = answered(
        symbol("shop/money.py", "Money.add", MONEY[MONEY.index("    def add") :].replace("def add", "def plus")),
        replace("shop/cart.py", "result.add(item)", "result.plus(item)"),
    )
    editor = shop.open("shop/money.py", "def add", [said(renamed)])
    before = editor.lines()
    editor.lua(_CHOOSE, "ename")
    editor.command("Twolane refactor rename")
    editor.wait_screen("+            result = result.plus(item)")
    assert editor.lua("return vim.bo.filetype") == "diff"
    editor.press("<CR>" if wanted else "q")
    editor.wait(lambda: editor.lua("return vim.fn.tabpagenr('$')") == 1, "the tab's end")
    if wanted:
        editor.wait(lambda: "def plus" in "\n".join(editor.lines()), "the edit")
        cart = "return vim.fn.getbufline(vim.fn.bufadd('shop/cart.py'), 1, '$')"
        assert "            result = result.plus(item)" in editor.lua(cart)
    else:
        assert editor.lines() == before


def test_an_instruction_is_asked_for(shop: Shop) -> None:
    editor = shop.open("shop/cart.py", "def total", scenario("right"))
    editor.lua("vim.ui.input = function(_, done) done('use the built-in sum') end")
    editor.lua(
        "vim.ui.select = function(items, _, chosen)"
        " for i, item in ipairs(items) do"
        " if (item.action or item[2]).data.task == 'do' then return chosen(item, i) end end end"
    )
    editor.command("Twolane refactor")
    editor.wait(lambda: '        return sum(self.items, Money(0, "EUR"))' in editor.lines(), "the edit", 60)
    body = shop.provider.server.requests[0].body.decode()
    assert "use the built-in sum" in body
