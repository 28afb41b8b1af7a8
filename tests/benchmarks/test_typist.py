"""A commit as keystrokes: the text comes out as committed, the keys are plausible, the seed decides alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.typing.event import Event
from benchmarks.typing.history import Change, Commit, History
from benchmarks.typing.releases import commits
from benchmarks.typing.typist import Typist, pieces, session

BEFORE = "import os\n\n\ndef area(width, height):\n    return width * height\n"
AFTER = '''import math
import os


def area(width, height):
    """The area of a rectangle."""
    return width * height


class Circle:
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        if self.radius < 0:
            raise ValueError("a circle needs a radius")
        return math.pi * self.radius ** 2
'''
COMMIT = Commit("circles", (Change("shapes.py", BEFORE, AFTER), Change("use.py", "", "from shapes import Circle\n")))
HISTORY = History("shapes", {"shapes.py": BEFORE, "README": "shapes\n"}, (COMMIT,))


def replayed(files: dict[str, str], events: list[Event]) -> dict[str, str]:
    texts = dict(files)
    for event in events:
        text = texts.get(event.path, "")
        assert 0 <= event.start <= event.end <= len(text)
        texts[event.path] = event.apply(text)
    return texts


@pytest.mark.parametrize("seed", range(30))
def test_the_files_end_as_committed(seed: int) -> None:
    texts = replayed(HISTORY.files, session(HISTORY, 10_000, seed))
    assert texts == {"shapes.py": AFTER, "use.py": "from shapes import Circle\n", "README": "shapes\n"}


CODE = st.lists(
    st.sampled_from(["", "x = 1", "if x:", "    y = f(x)", "\tz", "    ", "        deeper()", "é🎉 = 2"]), max_size=8
)


@settings(max_examples=60, deadline=None)
@given(CODE, CODE, st.integers(0, 1000))
def test_any_text_can_be_typed(before: list[str], after: list[str], seed: int) -> None:
    change = Change("a.py", "\n".join(before), "\n".join(after))
    history = History("any", {"a.py": change.before}, (Commit("any", (change,)),))
    assert replayed(history.files, session(history, 10_000, seed))["a.py"] == change.after


def test_the_seed_decides_alone() -> None:
    assert session(HISTORY, 200, 7) == session(HISTORY, 200, 7)
    assert session(HISTORY, 200, 7) != session(HISTORY, 200, 8)


def test_a_session_ends_at_the_last_key_that_was_wanted() -> None:
    events = session(HISTORY, 50, 1)
    assert sum(event.is_stroke for event in events) == 50
    assert events[-1].is_stroke


def test_strokes_are_single_and_acceptances_are_what_the_commit_has() -> None:
    events = [event for seed in range(60) for event in session(HISTORY, 10_000, seed)]
    kinds = {event.kind for event in events}
    assert {"jump", "key", "erase", "accept", "save", "undo", "redo"} <= kinds
    for event in events:
        if event.kind == "key":
            assert len(event.text.strip()) <= 1
        elif event.kind == "accept":
            assert event.text in AFTER or event.text in "from shapes import Circle\n"
            assert len(event.text.strip()) > 2


def test_the_editor_indents_after_enter() -> None:
    enters = [event.text for event in session(HISTORY, 10_000, 3) if event.kind == "key" and event.text[0] == "\n"]
    assert "\n        " in enters
    assert "\n    " in enters


def test_the_rhythm_is_a_persons() -> None:
    events = [event for seed in range(10) for event in session(HISTORY, 10_000, seed)]
    gaps = sorted(event.wait_s for event in events if event.kind == "key")
    assert 0.12 < gaps[len(gaps) // 2] < 0.25
    assert max(event.wait_s for event in events) <= 8.0


def test_what_nobody_types_is_brought_in() -> None:
    long = "".join(f"line_{number} = {number}\n" for number in range(1000))
    changes = (Change("long.py", "", long), Change("a.md", "", "words\n"), Change("gone.py", "x\n", ""))
    events = list(Typist({"gone.py": "x\n"}, random.Random(1)).write(Commit("much", changes)))
    assert [event.kind for event in events] == ["pull"] * 3
    assert replayed({"gone.py": "x\n"}, events) == {"long.py": long, "a.md": "words\n", "gone.py": ""}


def test_pieces_hold_every_stroke_in_order() -> None:
    events = session(HISTORY, 10_000, 5)
    parts = pieces(events, 40)
    assert [event for part in parts for event in part] == events
    assert all(40 <= sum(event.is_stroke for event in part) <= 61 for part in parts[:-1])


def test_a_release_becomes_commits_of_related_files() -> None:
    before = dict.fromkeys(("a.py", "b.py", "c.py", "same.py"), "old = 1\n")
    after = {**before, "a.py": "parser = 1\n", "b.py": "use(parser)\n", "c.py": "unrelated = 2\n", "new.py": "x = 3\n"}
    groups = commits("p", before, after, random.Random(1))
    paths = [{change.path for change in commit.changes} for commit in groups]
    assert {"a.py", "b.py"} in paths
    assert sorted(path for group in paths for path in group) == ["a.py", "b.py", "c.py", "new.py"]
