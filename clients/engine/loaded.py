"""A model that answers, with what was chosen for it and by whom."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model import ModelInfo
from .adapters import Adapters
from .draft_model import Drafter
from .fitting import Device, Plan
from .llama import Model, Sequences
from .runner import Runner
from .spec import ModelSpec
from .weights import Facts, Weights, facts

_STUCK_SECONDS, _STUCK_TOKENS = 30.0, 1000
"""A step that takes so long, and as long as reading so many tokens, is a hang: pieces of prompts are much shorter."""

_WRITTEN_SECONDS = 2.0
"""A file that nobody has written to for so long is taken to be whole."""


@dataclass(slots=True)
class Draft:
    """The small model that guesses ahead."""

    path: str
    plan: Plan
    weights: Weights
    sequences: Sequences
    drafter: Drafter


@dataclass(slots=True)
class Loaded:
    """A model that answers. `files` are those that it was made of, as they were before they were read."""

    spec: ModelSpec
    info: ModelInfo
    plan: Plan
    weights: Weights
    adapters: Adapters
    sequences: Sequences
    runner: Runner
    seconds: float
    devices: tuple[Device, ...]
    draft: Draft | None
    stepped_down: str
    release: Callable[[Loaded], None]
    files: Mapping[Path, Facts]

    @property
    def model(self) -> Model:
        """The weights and vocabulary."""
        return self.weights.model

    @property
    def stuck_after_s(self) -> float:
        """How long a step takes that never ends."""
        return max(_STUCK_SECONDS, _STUCK_TOKENS / max(self.info.reads_per_s, 0.1))

    @property
    def outdated(self) -> bool:
        """Whether one of its files is another by now; one that is gone, or is just being written, does not count."""
        return any(_replaced(path, before) for path, before in self.files.items())

    def close(self) -> None:
        """Free everything that nobody else uses."""
        self.release(self)

    def status(self) -> dict[str, Any]:
        """Describe it for `engine status`; what it shares with another is counted there."""
        chosen, asked, shared = self.plan, self.spec, self.weights.bytes_of(self) == 0
        return {
            "name": self.info.name,
            "reads_per_s": self.info.reads_per_s,
            "writes_per_s": self.info.writes_per_s,
            "path": self.info.path,
            "family": self.info.family,
            "device": self.info.device,
            "devices": [
                {"name": device.name, "description": device.description, "total_bytes": device.total_bytes}
                | {"free_bytes_before": device.free_bytes}
                for device in (self.devices if chosen.on_device else ())
            ],
            "context_tokens": chosen.context_tokens,
            "threads": chosen.threads,
            "gpu_layers": chosen.gpu_layers,
            "kv_type": chosen.kv_type,
            "flash_attention": chosen.flash_attention,
            "chosen": {
                "context_tokens": _by(asked.context_tokens),
                "slots": _by(asked.slots),
                "threads": _by(asked.threads),
                "gpu_layers": _by(asked.gpu_layers + 1),
                "kv_type": _by(asked.kv_type != "auto"),
                "flash_attention": _by(asked.flash_attention != "auto"),
            },
            "stepped_down": self.stepped_down or None,
            "adapters": self.adapters.status(),
            "shares_weights": shared,
            "draft_model": self._draft_status(),
            "loaded_in_ms": round(self.seconds * 1000, 1),
            "memory": {
                "model_bytes": self.weights.bytes_of(self) + self.adapters.size + self._draft_bytes(),
                "kv_bytes": self._kv_bytes(),
                "parked_bytes": self.runner.parking.bytes,
            },
            **self.runner.status(),
        }

    def _draft_status(self) -> dict[str, Any] | None:
        if self.draft is None:
            return None
        return {
            "path": self.draft.path,
            "device": "gpu" if self.draft.plan.on_device else "cpu",
            "guessed_tokens": self.draft.drafter.guessed_tokens,
            "accepted_tokens": self.draft.drafter.accepted_tokens,
        }

    def _kv_bytes(self) -> int:
        chosen = self.plan
        own = chosen.kv_bytes * self.sequences.cells // (chosen.context_tokens * chosen.slots)
        return own + (self.draft.plan.kv_bytes if self.draft else 0)

    def _draft_bytes(self) -> int:
        return self.draft.weights.bytes_of(self) if self.draft else 0


def _by(given: int | bool) -> str:
    return "set" if given else "auto"


def _replaced(path: Path, before: Facts) -> bool:
    with contextlib.suppress(OSError):
        now = facts(path)
        return now != before and not 0 <= time.time() - now[1] / 1e9 < _WRITTEN_SECONDS
    return False
