"""The extension's parts without an editor, and what of it is shipped."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

from tests.editors.vscode.code import EXTENSION, packaged, tools, with_node

PARTS = Path(__file__).with_name("parts")
MOST_BYTES = 600_000


def ran(*words: str | Path) -> str:
    """Run a program of Node's in the extension's folder; return what it said, which is shown where it fails."""
    command = [tools()["node"], *words]
    environment = {**with_node(os.environ), "NODE_NO_WARNINGS": "1"}
    done = subprocess.run(
        command, cwd=EXTENSION, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_the_parts_do_as_they_promise() -> None:
    assert "fail 0" in ran("--test", *sorted(PARTS.glob("*.test.mts")))


def test_the_types_hold() -> None:
    ran(EXTENSION / "node_modules" / "typescript" / "bin" / "tsc", "-p", EXTENSION)


def test_the_files_are_formatted() -> None:
    prettier = EXTENSION / "node_modules" / "prettier" / "bin" / "prettier.cjs"
    ran(prettier, "--config", EXTENSION / ".prettierrc.json", "--check", EXTENSION, PARTS.parent)


def test_what_is_shipped_is_small_and_nothing_but_the_extension(tmp_path: Path) -> None:
    with zipfile.ZipFile(packaged(tmp_path)) as vsix:
        sizes = {info.filename.removeprefix("extension/"): info.file_size for info in vsix.infolist()}
    assert sizes["dist/extension.js"] + sizes["dist/client.js"] <= MOST_BYTES
    shipped = {name for name in sizes if not name.startswith("media/")}
    bundles = {"dist/extension.js", "dist/client.js"}
    own = {"package.json", "readme.md", "dist/NOTICES.txt", "dist/LICENSE.txt"} | bundles
    assert {name if name.startswith("dist/") else name.lower() for name in shipped} == own | {
        "[content_types].xml",
        "extension.vsixmanifest",
    }
