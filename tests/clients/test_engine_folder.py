"""Folders: the engine's own, removed under it (who tidies /tmp, the end of a login), and a model's with an odd name."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import OPTIONS, ask, ask_until_it_answers, engine, request, spec
from twolane.clients.engine import control
from twolane.clients.engine.endpoint import Endpoint


async def test_an_engine_that_leaves_takes_nothing_from_the_one_that_came_after_it(place: Endpoint, tiny: Path) -> None:
    async with engine(spec(tiny), place) as first:
        await first.info()
        old = (await control.status(place))["pid"]
        shutil.rmtree(place.folder)
        assert (await ask(first, request()))[0], "who was connected goes on"
        new = (await control.start(spec(tiny), OPTIONS, place))["pid"]
        os.kill(old, signal.SIGTERM)
        async with asyncio.timeout(10):
            while first.health.kind == "ready":
                await asyncio.sleep(0.01)
        assert (await ask_until_it_answers(first, request()))[0]
        status = await control.status(place)
        assert (status["pid"], status["clients"]) == (new, 2)


async def test_a_window_that_stays_gets_an_engine_though_the_folder_is_gone(place: Endpoint, tiny: Path) -> None:
    async with engine(spec(tiny), place) as local:
        await local.info()
        pid = (await control.status(place))["pid"]
        shutil.rmtree(place.folder)
        os.kill(pid, signal.SIGKILL)
        assert (await ask_until_it_answers(local, request()))[0]
    assert place.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take only text for a name")
async def test_a_model_in_a_folder_whose_name_is_no_text_answers(place: Endpoint, tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"mod\xe8les") / "tiny.gguf"
    path.parent.mkdir()
    shutil.copy(tiny, path)
    async with engine(spec(path), place) as local:
        assert (await local.info()).path == str(path)
        assert (await ask(local, request()))[0]
        assert (await control.status(place))["models"][0]["path"] == str(path)
