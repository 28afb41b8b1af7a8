"""What an engine is asked to be: plain values, the same on both sides of the socket."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model and how to load it. Zero (and -1 for `gpu_layers`) means: choose from what this machine has.

    `context_tokens` is the window of one file, `slots` how many files keep their state at once.
    """

    path: str
    context_tokens: int = 0
    slots: int = 0
    threads: int = 0
    gpu_layers: int = -1


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the engine's process behaves: it leaves after `idle_exit_s` seconds with no client connected."""

    idle_exit_s: float = 600.0
