"""Each test has a machine of its own: settings, engine and state lie in its folder."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.editors.nvim.neovim import VERSIONS, Neovim
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
    """A project, an environment with an engine of its own, and the Neovims that were opened there."""

    def __init__(self, folder: Path, version: str, environment: Mapping[str, str]) -> None:
        self.version = version
        self.project = folder / "project"
        self.project.mkdir()
        for name, text in PROJECT.items():
            (self.project / name).write_text(text)
        self.environment = dict(environment)
        self._open: list[Neovim] = []

    def neovim(self, options: str = "", *, file: str = "cart.py", start: bool = True) -> Neovim:
        """Open a file of the project; `options` are further tables for `setup()`, in Lua."""
        editor = Neovim(self.version, self.environment, self.project)
        self._open.append(editor)
        if start:
            if "server =" not in options:
                options = f'server = {{ cmd = {{ "{console_script()}", "serve" }} }}, {options}'
            editor.lua(f"require('twolane').setup({{ {options} }})")
        editor.command(f"edit {file}")
        return editor

    def ready(self, options: str = "") -> Neovim:
        """Open the file and wait until the model is loaded."""
        editor = self.neovim(options)
        editor.wait(lambda: editor.lua("return require('twolane').state().state") == "ready", "the model", 60)
        return editor

    def close(self) -> None:
        """End the editors."""
        for editor in self._open:
            editor.close()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """An environment in which settings, state and the engine are those of one file of tests."""
    folder = tmp_path_factory.mktemp("machine")
    environment = {**private_environment(folder), "HOME": str(folder)}
    yield environment
    stop: list[str | Path] = [console_script(), "engine", "stop"]
    subprocess.run(stop, env=environment, capture_output=True, timeout=60, check=False)


@pytest.fixture(params=VERSIONS)
def desk(request: pytest.FixtureRequest, tmp_path: Path, machine: Mapping[str, str]) -> Iterator[Desk]:
    desk = Desk(tmp_path, request.param, machine)
    yield desk
    desk.close()
