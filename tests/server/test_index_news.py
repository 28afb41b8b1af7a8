"""What a person sees of the index."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

from twolane.clients.model import Health
from twolane.server.lsp.indexing import SOURCE_PATTERNS, IndexNews
from twolane.server.lsp.notices import LoadingBar

HERE, THERE = Path("/here"), Path("/there")


class Bar:
    def __init__(self) -> None:
        self.shown: list[Health] = []

    def show(self, state: Health) -> None:
        self.shown.append(state)

    async def close(self) -> None:
        return


class Scene:
    def __init__(self) -> None:
        self.now = 0.0
        self.bar = Bar()
        self.told: list[str] = []
        self.hooks = IndexNews(cast(LoadingBar, self.bar), self.told.append, lambda: self.now).hooks

    async def progress(self, at: float, root: Path, done: int) -> None:
        self.now = at
        await asyncio.to_thread(self.hooks["progress"], root, "reading", done, 4_000)
        await asyncio.sleep(0)


async def test_a_short_build_is_not_worth_a_word() -> None:
    scene = Scene()
    await scene.progress(0.0, HERE, 0)
    await scene.progress(0.9, HERE, 4_000)
    scene.hooks["built"](HERE)
    await asyncio.sleep(0)
    assert [state.kind for state in scene.bar.shown] == ["ready"]


async def test_a_long_one_shows_how_far_it_is_until_all_are_done() -> None:
    scene = Scene()
    await scene.progress(0.0, HERE, 0)
    await scene.progress(0.0, THERE, 0)
    await scene.progress(2.0, HERE, 1_000)
    assert scene.bar.shown == [Health("loading", "indexing here: 1,000 of 4,000 files read", 0.25)]
    scene.hooks["built"](HERE)
    await asyncio.sleep(0)
    assert [state.kind for state in scene.bar.shown] == ["loading"]
    scene.hooks["built"](THERE)
    await asyncio.sleep(0)
    assert [state.kind for state in scene.bar.shown] == ["loading", "ready"]


async def test_a_trouble_is_told() -> None:
    scene = Scene()
    scene.hooks["trouble"]("the disk is full")
    await asyncio.sleep(0)
    assert scene.told == ["the disk is full"]


def test_an_editor_is_asked_to_watch_sources_and_files_that_speak_for_others() -> None:
    assert any("py" in pattern and "ts" in pattern for pattern in SOURCE_PATTERNS)
    assert {"**/go.mod", "**/.*ignore"} <= set(SOURCE_PATTERNS)
