"""While a line is typed that needs nothing new, what was gathered stays, and stays right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.context.workspace import CURSOR, snapshot, write
from twolane.context.index import ContextIndex

SHED = "class Shed:\n    def store(self, tool): ...\n\ndef build(size): ...\n"
HEAD = "from shed import Shed, build\n\n\ndef work():\n    shed = Shed()\n"


@pytest.fixture
def index(tmp_path: Path) -> ContextIndex:
    made = ContextIndex(write(tmp_path, {"shed.py": SHED, "fence.py": "def paint(colour): ...\n"}))
    assert made.workspace is not None
    made.workspace.build()
    return made


def state(index: ContextIndex, root: Path, text: str, version: int) -> object:
    document, _ = snapshot(root, "main.py", text, version=version)
    index.refresh(document)
    return index.revision("main.py")


def test_half_a_name_changes_nothing_and_a_known_one_does(index: ContextIndex, tmp_path: Path) -> None:
    before = state(index, tmp_path, HEAD, 1)
    assert state(index, tmp_path, HEAD + "    result = sh\n", 2) is before
    assert state(index, tmp_path, HEAD + "\n\n    result = she\n", 3) is before
    assert state(index, tmp_path, HEAD + "    paint\n", 4) is not before


def test_a_kept_state_answers_like_one_that_is_gathered_anew(index: ContextIndex, tmp_path: Path) -> None:
    state(index, tmp_path, HEAD, 1)
    later = f"# one\n# two\n{HEAD}    size = unheard\n    shed.{CURSOR}\n"
    document, offset = snapshot(tmp_path, "main.py", later, version=2)
    index.refresh(document)
    kept = index.snippets(document, offset, 400)
    other = ContextIndex(tmp_path, index.workspace)
    other.refresh(document)
    assert kept.snippets == other.snippets(document, offset, 400).snippets
    assert "Shed.store" in {one.symbol for one in kept.snippets}


def test_what_another_file_says_now_is_seen(index: ContextIndex, tmp_path: Path) -> None:
    before = state(index, tmp_path, HEAD, 1)
    edited, _ = snapshot(tmp_path, "shed.py", SHED.replace("def build(size)", "def build(size, colour)"))
    index.refresh(edited)
    assert state(index, tmp_path, HEAD, 2) is not before
    assert "def build(size, colour): ..." in {one.text for one in index.pool("main.py").candidates}
