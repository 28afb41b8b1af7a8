"""What an engine is asked to be: plain values, the same on both sides of the socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

FlashAttention = Literal["auto", "on", "off"]
KvType = Literal["f16", "q8_0", "q4_0"]
KvChoice = Literal["auto", "f16", "q8_0", "q4_0"]


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter for the model, a GGUF file; `scale` weakens or strengthens what it changes."""

    path: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model and how to load it. Zero, "auto", and -1 for `gpu_layers` mean: choose from what this machine has.

    `context_tokens` is the window of one file, `slots` how many files keep their state at once, `kv_type` how
    that state is stored. `draft_model` is a small model of the same vocabulary that guesses ahead; empty: none.
    """

    path: str
    context_tokens: int = 0
    slots: int = 0
    threads: int = 0
    gpu_layers: int = -1
    flash_attention: FlashAttention = "auto"
    kv_type: KvChoice = "auto"
    adapters: tuple[Adapter, ...] = ()
    draft_model: str = ""

    @classmethod
    def rebuilt(cls, value: Mapping[str, Any]) -> ModelSpec:
        """Rebuild from the fields of one; raise `KeyError`, `TypeError` or `ValueError` where they are malformed."""
        return cls(
            path=str(value["path"]),
            context_tokens=_whole(value["context_tokens"]),
            slots=_whole(value["slots"]),
            threads=_whole(value["threads"]),
            gpu_layers=_whole(value["gpu_layers"]),
            flash_attention=cast(FlashAttention, _one_of(FlashAttention, value["flash_attention"])),
            kv_type=cast(KvChoice, _one_of(KvChoice, value["kv_type"])),
            adapters=tuple(Adapter(str(each["path"]), float(each["scale"])) for each in value["adapters"]),
            draft_model=str(value["draft_model"]),
        )


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the engine's process behaves: it leaves after `idle_exit_s` seconds in which nobody asked for anything.

    Each client says what it wants; see `host.Host`.
    """

    idle_exit_s: float = 600.0


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"no whole number: {value!r}")
    return value


def _one_of(choices: Any, value: object) -> object:
    if value not in get_args(choices):
        raise ValueError(f"no such choice: {value!r}")
    return value
