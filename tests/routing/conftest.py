"""A till that is closed when its test ends, and a wall clock that says the same everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.routing.money_factory import Till


@pytest.fixture(autouse=True)
def universal_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Days begin at the same moment on every machine."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def open_till(tmp_path: Path) -> Iterator[Callable[..., Till]]:
    tills: list[Till] = []

    def make(**given: Any) -> Till:
        tills.append(Till(tmp_path, **given))
        return tills[-1]

    yield make
    for till in tills:
        till.close()


@pytest.fixture
def till(open_till: Callable[..., Till]) -> Till:
    return open_till()
