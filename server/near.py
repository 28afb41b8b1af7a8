"""What the settings ask of the engine on this machine. Nothing heavy is imported for it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from .. import starter
from ..clients.engine.spec import EngineOptions, ModelSpec
from .config.settings import Settings

STARTER_FILE = "twolane-starter.gguf"


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
        flash_attention=near.flash_attention,
        kv_type=near.kv_type,
        adapters=near.adapters,
        draft_model=near.draft_model,
    )


def engine_options(settings: Settings) -> EngineOptions:
    """How the engine's process is asked to behave."""
    return EngineOptions(idle_exit_s=settings.engine.idle_exit_minutes * 60)
