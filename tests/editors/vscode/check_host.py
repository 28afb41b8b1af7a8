"""What of the extension needs VS Code's own API, run where extensions run: in VS Code's extension host."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.editors.vscode.check_protocol import Scripted
from tests.editors.vscode.code import EXTENSION, PATIENCE_S, Browser, tools, with_node

RUNNER = Path(__file__).with_name("host") / "runner.ts"

pytestmark = pytest.mark.timeout(300)


def bundled(folder: Path) -> Path:
    """Bundle the cases with the sources that they try; return the module that VS Code shall run."""
    module = folder / "cases.js"
    words = ["--bundle", "--platform=node", "--format=cjs", "--external:vscode", f"--outfile={module}", str(RUNNER)]
    esbuild = EXTENSION / "node_modules" / "esbuild" / "bin" / "esbuild"
    done = subprocess.run(
        [tools()["node"], esbuild, *words],
        cwd=EXTENSION,
        env=with_node(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return module


def test_every_case_holds_in_the_extension_host(
    tmp_path: Path, extensions: Path, browser: Browser, machine: Mapping[str, str]
) -> None:
    outcomes = tmp_path / "outcomes.json"
    desk = Scripted(tmp_path, extensions, browser, machine)
    desk.script()
    program = desk.program(desk.folder / "twolane")
    desk.environment |= {"TWOLANE_OUTCOMES": str(outcomes), "TWOLANE_SCRIPTED": str(program), "PATH": os.defpath}
    try:
        code = desk.code({"twolane.server.path": ""})
        code.develop(EXTENSION, bundled(tmp_path))
        code.wait(outcomes.exists, "the outcomes", 4 * PATIENCE_S)
        code.wait(lambda: outcomes.read_text().endswith("}"), "all of them")
    finally:
        desk.close()
    told = json.loads(outcomes.read_text())
    assert {name: trouble for name, trouble in told.items() if trouble} == {}
    assert len(told) >= 10
