"""Refactorings in a real VS Code: the real server, a scripted provider, the list with prices, the preview, the edit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.clients.scripted.provider import Provider
from tests.clients.scripted.server import Script
from tests.editors.vscode.code import Browser, Code
from tests.editors.vscode.conftest import Desk
from tests.lsp_client import console_script, private_environment
from tests.refactor.bench import said, scenario
from tests.refactor.desk import MONEY, SHOP, answered, replace, symbol

PREVIEW = ".bulk-edit-panel"

pytestmark = pytest.mark.timeout(300)


class Shop(Desk):
    """A small project with its index made, and a provider that answers as the test says."""

    def __init__(self, folder: Path, extensions: Path, browser: Browser) -> None:
        super().__init__(folder, extensions, browser, {**private_environment(folder), "HOME": str(folder)})
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

    def open(self, file: str, line: str, scripts: Sequence[Script]) -> Code:
        """Open a file with the cursor on the line that holds `line`."""
        self.provider.begin(scripts)
        program = self.folder / "twolane"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m tests.refactor.scripted_editor\n')
        program.chmod(0o755)
        code = self.code({"twolane.server.path": str(program)})
        number = next(at for at, text in enumerate(self.text(file).splitlines(), 1) if line in text)
        code.open(file, number, 5)
        code.wait(lambda: "Twolane:" not in code.status() and code.status(), "the server")
        return code

    def text(self, file: str) -> str:
        return (self.project / file).read_text(encoding="utf-8")

    def close(self) -> None:
        super().close()
        self.provider.close()


@pytest.fixture
def shop(tmp_path: Path, extensions: Path, browser: Browser) -> Iterator[Shop]:
    shop = Shop(tmp_path, extensions, browser)
    yield shop
    shop.close()


def test_an_edit_of_other_files_is_previewed_and_then_applied(shop: Shop) -> None:
    renamed = answered(
        symbol("shop/money.py", "Money.add", MONEY[MONEY.index("    def add") :].replace("def add", "def plus")),
        replace("shop/cart.py", "result.add(item)", "result.plus(item)"),
    )
    code = shop.open("shop/money.py", "def add", [said(renamed)])
    code.run("Twolane: Refactor", rest="choices")
    code.pick("ename")
    code.wait(lambda: any("plus(item)" in line for line in code.texts(PREVIEW)), "VS Code's preview")
    assert "def plus" not in "".join(code.texts(".editor-instance .view-line")), "nothing has changed yet"
    code.browser.do("click", selector=f"{PREVIEW} .monaco-button", text="Apply")
    code.wait(lambda: any("def plus" in line for line in code.texts(".editor-instance .view-line")), "the edit")
    code.wait(lambda: any("Done. 2 files" in told for told in code.notifications()), "the end of all edits")
    code.wait(lambda: any("cart.py" in tab for tab in code.texts(".tab")), "the other file's tab, a moment later")
    code.run("Save All")
    code.wait(lambda: "def plus" in shop.text("shop/money.py"), "the file at hand")
    code.wait(lambda: "result.plus(item)" in shop.text("shop/cart.py"), "the other file")
    assert code.complaints() == []


def test_an_instruction_is_asked_for_and_what_was_done_is_one_step_back(shop: Shop) -> None:
    code = shop.open("shop/cart.py", "def total", scenario("right"))
    before = sorted(code.texts(".view-line"))
    code.run("Twolane: Refactor", rest="choices")
    code.wait(lambda: any("$" in pick for pick in code.picks()), "the price in the titles")
    code.pick("Do what I say")
    code.wait(lambda: "What shall be done" in " ".join(code.texts(".quick-input-message")), "the question")
    code.browser.do("insert", text="use the built-in sum")
    code.press("Enter")
    code.wait(lambda: any('sum(self.items, Money(0, "EUR"))' in line for line in code.texts(".view-line")), "the edit")
    assert "use the built-in sum" in shop.provider.server.requests[0].body.decode()
    code.press("Control+z")
    code.wait(lambda: sorted(code.texts(".view-line")) == before, "the text before")
