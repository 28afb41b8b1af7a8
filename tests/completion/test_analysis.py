"""The analysis thread with the real process that indexes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.context.graph.built import garden
from tests.context.workspace import snapshot
from twolane.completion.analysis import Analysis
from twolane.completion.tended import Indexer
from twolane.context.graph.background import COMMAND


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


class News:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.built = asyncio.Event()
        self.troubles: list[str] = []

    def heard(self, _: Path) -> None:
        self.loop.call_soon_threadsafe(self.built.set)


@pytest.fixture
async def news() -> News:
    return News()


@pytest.fixture
async def analysis(news: News) -> AsyncIterator[Analysis]:
    made = Analysis(None, Indexer(COMMAND, built=news.heard, trouble=news.troubles.append))
    yield made
    made.close()


async def tell(analysis: Analysis, root: Path, text: str) -> None:
    await analysis.fresh(snapshot(root, "main.py", text)[0])


def graph(analysis: Analysis, root: Path):  # type: ignore[no-untyped-def] # whatever the index was given
    index = analysis.index(root)
    assert index is not None
    return index.workspace


async def test_a_command_waits_for_the_index_of_the_workspace(tmp_path: Path, analysis: Analysis) -> None:
    root = garden(tmp_path)
    await tell(analysis, root, "x = 1\n")
    assert graph(analysis, root).defining("store") == ["garden/shed.py"]


async def test_a_change_on_disk_is_known_after_a_moment(tmp_path: Path, analysis: Analysis) -> None:
    root = garden(tmp_path)
    await tell(analysis, root, "x = 1\n")
    (root / "late.py").write_text("class Late: ...\n")
    analysis.changed_on_disk(root, ["late.py"])
    async with asyncio.timeout(30):
        while not graph(analysis, root).defining("Late"):
            await asyncio.sleep(0.01)


async def test_a_branch_switch_is_left_to_the_process(tmp_path: Path, analysis: Analysis, news: News) -> None:
    root = garden(tmp_path)
    await tell(analysis, root, "x = 1\n")
    news.built.clear()
    paths = [f"m{number}.py" for number in range(200)]
    for path in paths:
        (root / path).write_text(f"class Of_{path[:-3]}: ...\n")
    analysis.changed_on_disk(root, paths)
    async with asyncio.timeout(60):
        await news.built.wait()
        while not graph(analysis, root).defining("Of_m199"):
            await asyncio.sleep(0.01)


async def test_the_whole_disk_is_looked_at_where_what_stays_out_may_have_changed(
    tmp_path: Path, analysis: Analysis, news: News
) -> None:
    root = garden(tmp_path)
    await tell(analysis, root, "x = 1\n")
    news.built.clear()
    analysis.changed_on_disk(root, [".gitignore"])
    async with asyncio.timeout(60):
        await news.built.wait()


async def test_changes_of_a_workspace_that_nobody_has_open_do_not_matter(tmp_path: Path, analysis: Analysis) -> None:
    analysis.changed_on_disk(tmp_path, ["a.py"])
    assert analysis.index(tmp_path) is None


async def test_a_workspace_that_is_left_is_forgotten(tmp_path: Path, analysis: Analysis) -> None:
    root = garden(tmp_path)
    await tell(analysis, root, "x = 1\n")
    analysis.left(root)
    async with asyncio.timeout(30):
        while analysis.index(root) is not None:
            await asyncio.sleep(0.01)


async def test_an_index_that_cannot_be_kept_is_told_and_works(
    tmp_path: Path, analysis: Analysis, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    root = garden(tmp_path)
    await tell(analysis, root, "x = 1\n")
    assert "kept in memory" in news.troubles[0]
    assert graph(analysis, root).defining("store") == ["garden/shed.py"]


async def test_without_a_process_what_is_imported_is_known(tmp_path: Path) -> None:
    root = garden(tmp_path)
    analysis = Analysis()
    await tell(analysis, root, "from garden.tree import Tree\n")
    assert graph(analysis, root).facts("garden/tree.py") is not None
    analysis.close()


async def test_a_process_that_fails_keeps_nobody_waiting(tmp_path: Path) -> None:
    analysis = Analysis(None, Indexer(("/bin/false",)))
    async with asyncio.timeout(30):
        await tell(analysis, garden(tmp_path), "x = 1\n")
    analysis.close()


async def test_a_process_that_cannot_be_started_keeps_nobody_waiting(tmp_path: Path) -> None:
    analysis = Analysis(None, Indexer(("/no/such/program",)))
    async with asyncio.timeout(30):
        await tell(analysis, garden(tmp_path), "x = 1\n")
    analysis.close()
