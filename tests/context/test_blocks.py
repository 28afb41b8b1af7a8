"""What is shown keeps its place while the cursor moves, and is chosen anew only where that pays."""

from __future__ import annotations

from pathlib import Path

import pytest

from twolane.context.blocks import REST_S
from twolane.context.index import ContextIndex
from twolane.context.snippet import Packed

from .workspace import snapshot, write

BUDGET = 400


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def index(tmp_path: Path, clock: Clock) -> ContextIndex:
    names = [f"verb{letter}{other}" for letter in "abcdef" for other in "uvwxyz"]
    write(tmp_path, {"m.py": "".join(f"def {name}(first, second): ...\n" for name in names)})
    imported = "from m import " + ", ".join(names) + "\n\n"
    text = imported + "".join(f"def step_{name}():\n    {name}(1, 2)\n\n" for name in names)
    index = ContextIndex(tmp_path, clock=clock)
    index.refresh(snapshot(tmp_path, "a.py", text)[0])
    index.refresh(snapshot(tmp_path, "b.py", "from m import verbau\n")[0])
    return index


def at(index: ContextIndex, root: Path, line: int, path: str = "a.py") -> Packed:
    assert index.workspace is not None
    text = index.workspace.read(path) or ""
    document, _ = snapshot(root, path, text)
    offset = sum(len(one) + 1 for one in text.split("\n")[:line])
    return index.snippets(document, min(offset, len(text)), BUDGET)


def test_moving_in_a_file_leaves_the_slow_block_as_it_is(index: ContextIndex, tmp_path: Path) -> None:
    first = at(index, tmp_path, 4)
    assert 0 < first.slow <= len(first.snippets)
    for line in (8, 60, 100, 5):
        moved = at(index, tmp_path, line)
        assert moved.snippets[: first.slow] == first.snippets[: first.slow]
        assert moved.slow == first.slow


def test_the_budget_holds_wherever_the_cursor_is(index: ContextIndex, tmp_path: Path) -> None:
    for line in range(0, 100, 7):
        assert at(index, tmp_path, line).tokens <= BUDGET


def test_nothing_is_shown_twice(index: ContextIndex, tmp_path: Path) -> None:
    for line in (4, 50, 100):
        places = [(one.path, one.start_line) for one in at(index, tmp_path, line).snippets]
        assert len(set(places)) == len(places)


def test_coming_back_to_a_file_or_a_rest_may_make_it_anew_but_not_for_nothing(
    index: ContextIndex, tmp_path: Path, clock: Clock
) -> None:
    first = at(index, tmp_path, 4)
    at(index, tmp_path, 0, "b.py")
    assert at(index, tmp_path, 4).snippets[: first.slow] == first.snippets[: first.slow]
    clock.now += 2 * REST_S
    assert at(index, tmp_path, 4).snippets[: first.slow] == first.snippets[: first.slow]


def test_lines_that_are_others_by_now_are_gone_at_once(index: ContextIndex, tmp_path: Path) -> None:
    first = at(index, tmp_path, 4)
    gone = first.snippets[0]
    assert index.workspace is not None
    text = (tmp_path / "m.py").read_text(encoding="utf-8").replace(gone.text, gone.text.replace("second", "third"))
    write(tmp_path, {"m.py": text})
    index.workspace.changed(["m.py"])
    index.refresh(snapshot(tmp_path, "a.py", index.workspace.read("a.py") or "")[0])
    shown = [one.text for one in at(index, tmp_path, 4).snippets]
    assert gone.text not in shown
