"""Folders: the engine's own, removed under it (who tidies /tmp, the end of a login), and a model's with an odd name."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import OPTIONS, ask, ask_until_it_answers, engine, request, spec
from twolane.clients.engine import control, host
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.engine.library import Library
from twolane.clients.engine.loading import Loader
from twolane.clients.errors import ModelUnavailable


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


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no owners")
async def test_a_folder_that_somebody_else_could_exchange_is_not_used(
    place: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def of_a_stranger(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        facts = stat(path, follow_symlinks=follow_symlinks)
        if path != place.folder.parent:
            return facts
        return os.stat_result([*facts[:4], os.getuid() + 4711, *facts[5:]])

    monkeypatch.setattr(Path, "stat", of_a_stranger)
    with pytest.raises(ModelUnavailable, match=r"belongs to somebody else.*set XDG_RUNTIME_DIR"):
        await control.status()


@pytest.mark.skipif(sys.platform == "win32", reason="locks are others there")
async def test_a_folder_without_locks_is_named_with_what_to_do(
    place: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def none(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(
        ModelUnavailable, match=r"cannot lock .*engine\.lock \(No locks available\): set XDG_RUNTIME_DIR"
    ):
        await host.serve(place, OPTIONS, Loader(Library(), place.folder), "0")
