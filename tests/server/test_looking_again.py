"""Settings that were written a moment ago hold for whoever asks now, also while somebody else is reading them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from twolane.server.config import configuration
from twolane.server.config.configuration import Configuration
from twolane.server.config.settings import load
from twolane.server.lsp.notices import Notices


async def test_what_another_is_reading_holds_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_go_on = Event(), Event()

    def slow(*words: Any, **named: Any) -> Any:
        begun.set()
        assert may_go_on.wait(30)
        return load(*words, **named)

    notices = Notices(lambda *_: None)
    settings = Configuration(lambda: [tmp_path], trusted=False, user_file=tmp_path / "own.toml", notices=notices)
    await settings.read()
    (tmp_path / "twolane.toml").write_text('[privacy]\nnear_only = ["shop/"]\n')
    monkeypatch.setattr(configuration, "load", slow)
    first = asyncio.create_task(settings.look_again())
    assert await asyncio.to_thread(begun.wait, 30)
    second = asyncio.create_task(settings.look_again())
    done, _ = await asyncio.wait([second], timeout=0.2)
    assert not done
    may_go_on.set()
    await second
    assert settings.settings.privacy.near_only == ("shop/",)
    await first
