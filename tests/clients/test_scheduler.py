"""Models come in on the engine's own thread; none may take the engine, and with it all others, down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.conftest import spec
from twolane.clients.engine.loaded import Loaded
from twolane.clients.engine.scheduler import Scheduler
from twolane.clients.engine.spec import ModelSpec
from twolane.clients.engine.turns import Turns
from twolane.clients.errors import ModelRefused


def test_a_model_that_cannot_be_loaded_for_whatever_reason_is_refused() -> None:
    def load(model: ModelSpec, progress: Callable[[float], bool], turns: Turns) -> Loaded:
        raise KeyError("tokenizer")

    scheduler = Scheduler(load, lambda model, progress: None)
    try:
        for name in ("odd.gguf", "other.gguf"):
            with pytest.raises(ModelRefused, match=rf"{name} cannot be loaded \(KeyError"):
                scheduler.info(spec(Path(name))).result(timeout=20)
    finally:
        scheduler.close(timeout=20)
