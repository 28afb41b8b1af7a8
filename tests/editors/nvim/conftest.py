"""Each test has a machine of its own: settings, engine and state lie in its folder."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.editors.nvim.neovim import VERSIONS, Neovim
from tests.lsp_client import console_script, private_environment

SERVER = Path(__file__).with_name("scripted_server.py")
ACCEPTED = {"title": "", "command": "twolane.accepted", "arguments": ["7"]}
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


class Scripted(Desk):
    """A desk whose server does as the test says."""

    def script(self, **answers: Any) -> None:
        """Say how the server answers from now on."""
        place = self.project / "script.new"
        place.write_text(json.dumps(answers))
        place.rename(self.project / "script.json")

    def start(self, text: str = "", options: str = "") -> Neovim:
        """Open a file that holds `text`, with the cursor at its end in insert mode."""
        (self.project / "cart.py").write_text(text + "\n")
        server = f'server = {{ cmd = {{ "{sys.executable}", "{SERVER}" }} }}'
        editor = self.neovim(options if "server =" in options else f"{server}, {options}")
        editor.press("A")
        editor.wait(lambda: self.heard("textDocument/didOpen"), "the server's start")
        return editor

    def heard(self, method: str) -> list[dict[str, Any]]:
        """Return the params of what the server heard by this method."""
        place = self.project / "heard.jsonl"
        lines = place.read_text().splitlines(keepends=True) if place.exists() else []
        told = [json.loads(line) for line in lines if line.endswith("\n")]
        return [said.get("params") or {} for said in told if said.get("method") == method]


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


@pytest.fixture(params=VERSIONS)
def scripted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path, request.param, {**private_environment(tmp_path), "HOME": str(tmp_path)})
    scripted.script()
    yield scripted
    scripted.close()


def item(text: str, start: int | None = None, end: int | None = None) -> dict[str, Any]:
    """Return an item; columns are UTF-16 units of line 0."""
    made: dict[str, Any] = {"insertText": text, "command": ACCEPTED}
    if start is not None:
        made["range"] = {"start": {"line": 0, "character": start}, "end": {"line": 0, "character": end}}
    return made
