"""The starter that ships, opened once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from twolane.starter.runner import Runner

MODEL = Path(str(files("twolane.starter") / "twolane-starter.gguf"))


@pytest.fixture(scope="session")
def starter() -> Iterator[Runner]:
    with Runner(MODEL) as opened:
        yield opened
