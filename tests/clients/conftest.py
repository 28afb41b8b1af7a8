"""A private place for an engine, and small models for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import pytest
import pytest_asyncio

from tests import gguf_factory
from twolane.clients.engine import control
from twolane.clients.engine.client import LocalEngine
from twolane.clients.engine.endpoint import Endpoint, locate
from twolane.clients.engine.spec import EngineOptions, ModelSpec
from twolane.clients.errors import ModelUnavailable
from twolane.clients.model import Health, InfillRequest, Usage

OPTIONS = EngineOptions(idle_exit_s=120)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that answers at once."""
    return gguf_factory.write(tmp_path_factory.mktemp("models") / "tiny.gguf", endless=True, context=1024)


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that takes a while and never ends by itself."""
    path = tmp_path_factory.mktemp("models") / "slow.gguf"
    return gguf_factory.write(path, name="slow", width=512, layers=12, endless=True, context=2048)


@pytest.fixture(scope="session")
def starter() -> Path:
    """The model that ships with the product."""
    return Path(str(files("twolane.starter") / "twolane-starter.gguf"))


@pytest_asyncio.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Endpoint]:
    """An engine's endpoint of this test alone; whatever engine it started is gone afterwards."""
    for name in ("RUNTIME_DIR", "STATE_HOME", "DATA_HOME", "CONFIG_HOME", "CACHE_HOME"):
        folder = tmp_path / name.lower()
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{name}", str(folder))
    endpoint = locate()
    yield endpoint
    if endpoint.socket.is_socket():
        await control.stop(endpoint)


def spec(path: Path, *, slots: int = 2, context: int = 0) -> ModelSpec:
    return ModelSpec(str(path), slots=slots, context_tokens=context, threads=1)


def request(
    prefix: str = "def f(x):\n    return ", *, path: str = "a.py", suffix: str = "\n", max_tokens: int = 12
) -> InfillRequest:
    return InfillRequest(prefix, suffix, path, "w", "demo", max_tokens=max_tokens, time_limit_ms=60_000)


@asynccontextmanager
async def engine(
    model: ModelSpec, place: Endpoint, states: list[Health] | None = None, options: EngineOptions = OPTIONS
) -> AsyncIterator[LocalEngine]:
    local = LocalEngine(model, options, (states if states is not None else []).append, endpoint=place)
    try:
        yield local
    finally:
        await local.close()


async def ask(local: LocalEngine, wanted: InfillRequest) -> tuple[str, Usage]:
    async with local.infill(wanted) as stream:
        text = "".join([piece async for piece in stream])
    assert stream.usage is not None
    return text, stream.usage


async def ask_until_it_answers(local: LocalEngine, wanted: InfillRequest) -> tuple[str, Usage]:
    async with asyncio.timeout(30):
        while True:
            try:
                return await ask(local, wanted)
            except ModelUnavailable:
                await asyncio.sleep(0.02)
