"""The sections of the settings about the model on this machine and the process that holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...clients.engine.spec import Adapter
from .option import option


@dataclass(frozen=True, slots=True)
class Near:
    """The local model that answers keystrokes."""

    model: str = option(
        "",
        "The GGUF file of a model that can fill in the middle. Empty: the small starter model that comes "
        "with Twolane. `~` is your home folder; a relative path starts at the folder of this file.",
        "trusted",
        path=True,
    )
    context_tokens: int = option(
        0,
        "The model's window for one file, in tokens. 0: chosen from the model and this machine's memory.",
        "user",
        low=0,
        high=1_048_576,
    )
    slots: int = option(
        0,
        "How many files keep their state in the model at once. 0: chosen from the memory of this machine.",
        "user",
        low=0,
        high=256,
    )
    threads: int = option(
        0,
        "Processor threads the model computes with. 0: as many as there are cores that no other program is using.",
        "user",
        low=0,
        high=1024,
    )
    gpu_layers: int = option(
        -1,
        "Layers of the model to put on the GPU. -1: as many as fit; 0: none.",
        "user",
        low=-1,
        high=10_000,
    )
    flash_attention: Literal["auto", "on", "off"] = option(
        "auto",
        "Compute attention in pieces that need less memory. `auto`: where the GPU can, not where that would be slower.",
        "user",
        choices=("auto", "on", "off"),
    )
    kv_type: Literal["auto", "f16", "q8_0", "q4_0"] = option(
        "auto",
        "How the state of files is stored: in 16 bits a number, or in 8 or 4, which needs flash attention and changes "
        "suggestions a little (`q8_0`) or more (`q4_0`). `auto`: 16 bits, or 8 where the GPU's memory is short.",
        "user",
        choices=("auto", "f16", "q8_0", "q4_0"),
    )
    adapters: tuple[Adapter, ...] = option(
        (),
        'LoRA adapters (fine-tunes) for the model, GGUF files: `["own.gguf"]`, or with a strength of their own '
        '`[{ path = "own.gguf", scale = 0.5 }]`. Relative paths start at the folder of this file.',
        "trusted",
        adapters=True,
    )
    draft_model: str = option(
        "",
        "The GGUF file of a small model with the same vocabulary, which guesses ahead for the model and so makes it "
        "faster. Empty: none.",
        "trusted",
        path=True,
    )


@dataclass(frozen=True, slots=True)
class Engine:
    """The process that holds the model, shared by all your editor windows."""

    idle_exit_minutes: float = option(
        10.0,
        "The engine leaves, and gives its memory back, after so many minutes in which nobody needed it.",
        "user",
        low=0.05,
        high=10_080,
    )
