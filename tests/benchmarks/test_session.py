"""A short session, played to the real `twolane serve` and to llama.cpp's real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from benchmarks.report import own_places
from benchmarks.typing.event import Event
from benchmarks.typing.figures import notes, table
from benchmarks.typing.history import Change, Commit, History
from benchmarks.typing.peer.process import ModelServer
from benchmarks.typing.session import Sides, replay
from benchmarks.typing.typist import pieces, session

STARTER = Path(str(files("twolane.starter") / "twolane-starter.gguf"))
BEFORE = "import math\n\n\ndef area(width, height):\n    return width * height\n"
AFTER = f"""{BEFORE}

def circle(radius):
    return math.pi * radius * radius


def diameter(radius):
    return 2 * radius
"""
COMMIT = Commit("circle", (Change("shapes.py", BEFORE, AFTER), Change("ünï.py", "x = '🎉'\n", "x = '🎉' + 'a'\n")))
HISTORY = History("shapes 1", {"shapes.py": BEFORE, "ünï.py": "x = '🎉'\n"}, (COMMIT,))


@pytest.fixture
def env() -> Iterator[dict[str, str]]:
    with own_places() as places:
        settings = Path(places["XDG_CONFIG_HOME"], "twolane", "twolane.toml")
        settings.parent.mkdir()
        settings.write_text("[near]\nthreads = 1\n", encoding="utf-8")
        yield places


def hurried(event: Event) -> Event:
    return replace(event, wait_s=min(event.wait_s, 0.03))


async def test_both_sides_answer_the_same_keys(tmp_path: Path, env: dict[str, str]) -> None:
    events = session(HISTORY, 40, 3)
    parts = [[hurried(event) for event in part] for part in pieces(events, 20)]
    with ModelServer(STARTER, 1) as server:
        sides = Sides(HISTORY, tmp_path, env, server.port, seed=3)
        ours, theirs = await replay(parts, sides, 0, 0.0, watch=True)
    assert len(ours.keys) == len(theirs.keys) == sum(event.is_stroke for event in events) > 20
    for score in (ours, theirs):
        assert not any(key.missed for key in score.keys[-1:])
        assert all(key.origin for key in score.keys if not key.missed)
        assert score.totals.evaluated > 0
        assert score.totals.model_ms >= score.totals.unseen_ms >= 0
    assert ours.round_trips_ms
    names = {row.name.strip() for row in table(ours, theirs)}
    assert {"twolane: key to answer", "llama.vim: key to answer", "our time around the model's"} <= names
    assert notes(ours, theirs)
    saved = [(tmp_path / side / "shapes").rglob("*.py") for side in ("a", "b")]
    texts = [{file.name: file.read_text(encoding="utf-8") for file in folder} for folder in saved]
    assert texts[0] == texts[1]


async def test_alone_it_plays_one_piece_after_the_other(tmp_path: Path, env: dict[str, str]) -> None:
    events = session(HISTORY, 12, 3)
    parts = [[hurried(event) for event in part] for part in pieces(events, 6)]
    ours, theirs = await replay(parts, Sides(HISTORY, tmp_path, env, None, seed=3), 0, 0.0)
    assert len(ours.keys) == sum(event.is_stroke for event in events)
    assert not theirs.keys
