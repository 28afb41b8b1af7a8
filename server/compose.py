"""The composition root: the one place that builds the object graph from settings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from .. import starter
from ..clients.engine.client import LocalEngine
from ..clients.engine.spec import EngineOptions, ModelSpec
from ..clients.model import Health
from ..completion.completer import Completer, CompletionOptions
from .config.settings import Settings

STARTER_FILE = "twolane-starter.gguf"


@dataclass(frozen=True, slots=True)
class Services:
    """What a server or a command works with. Nothing runs until it is used; `close` lets go of it all."""

    engine: LocalEngine
    completer: Completer
    options: CompletionOptions
    analysis: ThreadPoolExecutor

    async def close(self) -> None:
        """End the work in progress and leave the engine to whoever else uses it."""
        await self.completer.close()
        self.analysis.shutdown(wait=False, cancel_futures=True)
        await self.engine.close()


def model_path(settings: Settings) -> Path:
    """The GGUF file that the settings ask for; the starter where they name none."""
    if settings.near.model:
        return Path(settings.near.model)
    return Path(str(resources.files(starter) / STARTER_FILE))


def model_spec(settings: Settings) -> ModelSpec:
    """What the engine is asked to load."""
    near = settings.near
    return ModelSpec(
        path=str(model_path(settings)),
        context_tokens=near.context_tokens,
        slots=near.slots,
        threads=near.threads,
        gpu_layers=near.gpu_layers,
    )


def engine_options(settings: Settings) -> EngineOptions:
    """How the engine's process is asked to behave."""
    return EngineOptions(idle_exit_s=settings.engine.idle_exit_minutes * 60)


def completion_options(settings: Settings) -> CompletionOptions:
    """The completer's part of the settings."""
    suggest = settings.completion
    return CompletionOptions(
        context_tokens=suggest.context_tokens,
        max_tokens=suggest.max_tokens,
        time_limit_ms=suggest.time_limit_ms,
        multiline=suggest.multiline,
        max_document_bytes=suggest.max_document_bytes,
    )


def build(settings: Settings, on_state: Callable[[Health], None] | None = None) -> Services:
    """Build what answers requests; starts no process and reads no file.

    `on_state` hears of the engine's coming and going, on the event loop. One analysis thread: tree-sitter
    is used from one thread only.
    """
    engine = LocalEngine(model_spec(settings), engine_options(settings), on_state)
    analysis = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analysis")
    return Services(
        engine=engine,
        completer=Completer(engine, analysis),
        options=completion_options(settings),
        analysis=analysis,
    )
