"""Workspaces on disk with their index."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.context.workspace import write
from twolane.context.graph.builder import Built
from twolane.context.graph.live import LiveWorkspace

GARDEN = {
    "garden/__init__.py": "",
    "garden/tree.py": "class Tree:\n    def pick(self, count: int) -> list[str]:\n        return []\n",
    "garden/shed.py": "from garden.tree import Tree\n\n\ndef store(tree: Tree) -> int:\n    return len(tree.pick(2))\n",
    "main.py": "from garden import shed\n\nprint(shed.store(None))\n",
    "pyproject.toml": "",
}


def garden(folder: Path, more: dict[str, str] | None = None) -> Path:
    return write(folder / "work", {**GARDEN, **(more or {})})


def opened(root: Path, left_out: Callable[[str, bool], bool] | None = None) -> LiveWorkspace:
    return LiveWorkspace.open(root, store=store_of(root), left_out=left_out)


def indexed(root: Path, left_out: Callable[[str, bool], bool] | None = None) -> LiveWorkspace:
    workspace = opened(root, left_out)
    built(workspace)
    return workspace


def built(workspace: LiveWorkspace) -> Built:
    return workspace.build(workers=1)


def store_of(root: Path) -> Path:
    return root.parent / "data" / "index.sqlite3"


def touch_back(path: Path) -> None:
    """Make a file look as if it had been written a minute ago, so that its time alone tells that it is the same."""
    then = path.stat().st_mtime - 60
    os.utime(path, (then, then))
