"""PyTorch and the tokenizers, from the environment that TRAINING names; `make test-training` says so."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.starter.conftest import MODEL
from twolane.starter.runner import Runner
from twolane.starter.shapes import Shape

if "TRAINING" in os.environ:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site.addsitedir(str(Path(os.environ["TRAINING"]).expanduser() / "lib" / version / "site-packages"))


@pytest.fixture(scope="session")
def starter() -> Iterator[Runner]:
    with Runner(MODEL) as opened:
        yield opened


@pytest.fixture
def tiny() -> Shape:
    """Small, but with everything: three layers, shared keys and values, more positions than a window."""
    return Shape(vocabulary=300, width=64, layers=3, heads=2, kv_heads=1, head=32, hidden=96)
