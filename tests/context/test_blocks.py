"""What is shown keeps its place while the cursor moves, and is chosen anew only where that pays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from twolane.context import tokens
from twolane.context.blocks import REST_S
from twolane.context.document import Snapshot
from twolane.context.index import ContextIndex
from twolane.context.snippet import Packed

from .workspace import snapshot, write

BUDGET = 400
NAMES = [f"verb{letter}{other}" for letter in "abcdef" for other in "uvwxyz"]


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
    write(tmp_path, {"m.py": "".join(f"def {name}(first, second): ...\n" for name in NAMES)})
    imported = "from m import " + ", ".join(NAMES) + "\n\n"
    text = imported + "".join(f"def step_{name}():\n    {name}(1, 2)\n\n" for name in NAMES)
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


def opened(index: ContextIndex, root: Path) -> Snapshot:
    assert index.workspace is not None
    return snapshot(root, "a.py", index.workspace.read("a.py") or "")[0]


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


def test_what_was_laid_out_at_a_rest_is_what_the_next_key_finds(
    index: ContextIndex, tmp_path: Path, clock: Clock
) -> None:
    document = opened(index, tmp_path)
    index.snippets(document, 40, BUDGET // 4)
    index.snippets(document, 41, BUDGET // 4)
    clock.now += 2 * REST_S
    rested = index.snippets(document, 41, BUDGET // 4)
    shown = {one.symbol for one in rested.snippets}
    missing = [name for name in NAMES if name not in shown][:3]
    assert missing
    typed = "".join(f"{name}(1, 2)\n" for name in missing)
    changed, offset = replace(document, text=document.text[:41] + typed + document.text[41:]), 41 + len(typed)
    clock.now += 2 * REST_S
    assert index.snippets(changed, offset, BUDGET // 4).snippets == rested.snippets
    index.snippets(changed, offset, BUDGET // 4)
    clock.now += 2 * REST_S
    assert set(missing) & {one.symbol for one in index.snippets(changed, offset, BUDGET // 4).snippets}


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


def texts(packed: Packed) -> list[str]:
    return [one.text for one in packed.snippets]


class Model:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, text: str) -> int:
        return round(self.factor * tokens.count(text))


@pytest.mark.parametrize("factor", [1.2, 3])
def test_what_a_model_counts_is_what_the_budget_holds(index: ContextIndex, tmp_path: Path, factor: float) -> None:
    packed = index.snippets(opened(index, tmp_path), 40, BUDGET, Model(factor))
    assert BUDGET - 20 * factor < packed.tokens <= BUDGET
    assert all(one.tokens == round(factor * tokens.count(one.text)) for one in packed.snippets)


def test_a_count_that_is_learnt_moves_nothing_that_stands(index: ContextIndex, tmp_path: Path, clock: Clock) -> None:
    document, model = opened(index, tmp_path), Model(1.0)
    first = shown = index.snippets(document, 40, BUDGET, model)
    for learnt in (1.3, 0.9):
        model.factor = learnt
        assert index.snippets(document, 41, BUDGET, model).snippets == shown.snippets
        clock.now += 2 * REST_S
        shown = index.snippets(document, 41, BUDGET, model)
        assert texts(shown)[: first.slow] == texts(first)[: first.slow]


def test_half_a_name_does_not_decide_about_what_stays(index: ContextIndex, tmp_path: Path) -> None:
    """The first request in a file often comes within a word: the slow block must serve the next words, too."""
    document = opened(index, tmp_path)
    text = document.text + "verbau"
    typed = index.snippets(replace(document, text=text), len(text), BUDGET)
    whole = index.snippets(document, len(document.text), BUDGET)
    assert typed.slow > 15
    assert whole.snippets[: whole.slow] == typed.snippets[: typed.slow]


def test_what_begins_as_typed_is_shown(index: ContextIndex, tmp_path: Path) -> None:
    document = opened(index, tmp_path)
    for name in ("verbfz", "verbcw"):
        text = document.text + name[:-1]
        index.lay_out_anew("a.py")
        packed = index.snippets(replace(document, text=text), len(text), BUDGET)
        assert any(one.symbol == name for one in packed.snippets)


def test_a_file_that_is_opened_begins_with_what_another_shows(tmp_path: Path, clock: Clock) -> None:
    """So that the model has read it already; what only the second file needs stands behind, whatever its name."""
    others = [f"early{letter}" for letter in "abcdef"]
    write(tmp_path, {"m.py": "".join(f"def {name}(first, second): ...\n" for name in NAMES)})
    write(tmp_path, {"k.py": "".join(f"def {name}(first, second): ...\n" for name in others)})
    index = ContextIndex(tmp_path, clock=clock)
    shown = []
    for path, imported, names in (("a.py", "m", NAMES[:20]), ("b.py", "m, k", NAMES[:16])):
        calls = [f"m.{name}(1, 2)" for name in names] + [f"k.{name}(1, 2)" for name in others if "k" in imported]
        text = f"import {imported}\n\n" + "\n".join(calls)
        document, _ = snapshot(tmp_path, path, text)
        index.refresh(document)
        packed = index.snippets(document, len(text), BUDGET)
        shown.append(texts(packed)[: packed.slow])
    first, second = shown
    same = next((at for at, (one, other) in enumerate(zip(first, second, strict=False)) if one != other), len(second))
    assert same > 10
    assert {f"def {name}(first, second): ..." for name in others} <= set(second[same:])
