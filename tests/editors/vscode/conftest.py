"""One packed extension and one browser for all tests; each test has a VS Code and a project of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.editors.vscode.code import Browser, Code, installed, packaged
from tests.lsp_client import console_script, private_environment

PROJECT = {
    "pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n",
    "cart.py": '''\
"""A shopping cart."""


class Cart:
    """Holds items until they are paid for."""

    def __init__(self, items, owner, currency):
        self.items = items
        self.owner = owner

    def total(self):
        return sum(item.price for item in self.items)
''',
}


class Desk:
    """A project, an environment with an engine of its own, and the VS Codes that were opened there."""

    def __init__(self, folder: Path, extensions: Path, browser: Browser, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.project = folder / "project"
        self.project.mkdir()
        for name, text in PROJECT.items():
            (self.project / name).write_text(text)
        self.environment = dict(environment)
        self._extensions = extensions
        self._browser = browser
        self._open: list[Code] = []

    def code(self, settings: Mapping[str, Any] | None = None, *, trust: bool = True) -> Code:
        """Start VS Code on the project; the server is this environment's, unless the settings name another."""
        given = {"twolane.server.path": str(console_script()), **(settings or {})}
        code = Code(self._browser, self._extensions, self.folder, self.project, self.environment, given, trust=trust)
        self._open.append(code)
        return code

    def close(self) -> None:
        """End all of them."""
        for code in self._open:
            code.close()


@pytest.fixture(scope="session")
def extensions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of extensions with Twolane in it."""
    folder = tmp_path_factory.mktemp("extension")
    return installed(packaged(folder), folder)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """An environment in which settings, state and the engine are those of these tests."""
    folder = tmp_path_factory.mktemp("machine")
    environment = {**private_environment(folder), "HOME": str(folder)}
    yield environment
    stop: list[str | Path] = [console_script(), "engine", "stop"]
    subprocess.run(stop, env=environment, capture_output=True, timeout=60, check=False)


@pytest.fixture
def desk(tmp_path: Path, extensions: Path, browser: Browser, machine: Mapping[str, str]) -> Iterator[Desk]:
    desk = Desk(tmp_path, extensions, browser, machine)
    yield desk
    desk.close()
