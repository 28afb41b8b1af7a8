"""Weights that are in memory, each once, however many specifications want them.

Two projects with a fine-tune of their own over one base model, or with different windows, share its weights; the
last that lets go frees them. Used by the engine's worker thread only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .llama import Model

Facts = tuple[int, int]
"""A file's size and time of change: what tells it from another one under its name."""

Key = tuple[str, Facts, int]
"""The file's real path, its facts, and the layers that were asked onto devices."""


@dataclass(slots=True)
class Weights:
    """A loaded model and who uses it; `gpu_layers` of it are on devices."""

    key: Key
    model: Model
    gpu_layers: int
    users: list[object] = field(default_factory=list)

    def bytes_of(self, user: object) -> int:
        """What they count for in the account of one user: all for the first, nothing for the others."""
        return self.model.size if self.users and self.users[0] is user else 0


class Shelf:
    """All weights in memory."""

    def __init__(self) -> None:
        self._held: dict[Key, Weights] = {}

    def find(self, path: Path, gpu_layers: int) -> Weights | None:
        """The weights of this file, as it is now, if they are in memory for the same setting of `gpu_layers`."""
        return self._held.get(_key(path, gpu_layers))

    def bring(self, path: Path, wanted_layers: int, gpu_layers: int, load: Callable[[], Model]) -> Weights:
        """Return the weights, loading them if need be.

        `wanted_layers` is the setting, `gpu_layers` what it came to. The caller puts itself among the `users`.
        """
        key = _key(path, wanted_layers)
        if key not in self._held:
            self._held[key] = Weights(key, load(), gpu_layers)
        return self._held[key]

    def let_go(self, weights: Weights, user: object) -> None:
        """One user less; without any the weights are freed."""
        weights.users[:] = [other for other in weights.users if other is not user]
        if not weights.users and self._held.get(weights.key) is weights:
            del self._held[weights.key]
            weights.model.close()


def facts(path: Path) -> Facts:
    """Tell a file from others; raise `OSError` where it is not there."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _key(path: Path, gpu_layers: int) -> Key:
    return os.path.realpath(path), facts(path), gpu_layers
