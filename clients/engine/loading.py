"""A model is loaded to fit this machine: what was left open is chosen, what cannot work is refused first."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from ..errors import ModelRefused, TooLarge
from ..model import ModelInfo
from .families import Family, detect
from .gguf_check import Header, read_header
from .llama import Library, Model, Sequences
from .parking import Parking
from .prompt import PromptBuilder
from .runner import Runner
from .spec import ModelSpec
from .threads import FreeCores

_MIB = 1 << 20
_BATCH_TOKENS = 512
_DEFAULT_CONTEXT, _LEAST_CONTEXT = 4096, 256
_MOST_SLOTS, _FEWEST_SLOTS, _SHARED_SLOTS = 8, 2, 2

_MOST_PARKING = 256 * _MIB
_SPARE_BYTES = 256 * _MIB


@dataclass(frozen=True, slots=True)
class Plan:
    """What a specification became on this machine; all numbers are chosen, `threads` is the most."""

    context_tokens: int
    slots: int
    threads: int
    gpu_layers: int
    kv_bytes: int
    parking_bytes: int


@dataclass(slots=True)
class Loaded:
    """A model that answers."""

    spec: ModelSpec
    info: ModelInfo
    plan: Plan
    model: Model
    sequences: Sequences
    runner: Runner
    seconds: float

    def close(self) -> None:
        """Free everything."""
        self.sequences.close()
        self.model.close()

    def status(self) -> dict[str, Any]:
        """Describe it for `engine status`."""
        now = time.monotonic()
        return {
            "name": self.info.name,
            "path": self.info.path,
            "family": self.info.family,
            "device": self.info.device,
            "context_tokens": self.plan.context_tokens,
            "threads": self.plan.threads,
            "gpu_layers": self.plan.gpu_layers,
            "loaded_in_ms": round(self.seconds * 1000, 1),
            "memory": {
                "model_bytes": self.model.size,
                "kv_bytes": self.plan.kv_bytes,
                "parked_bytes": self.runner.parking.size,
            },
            "parked_files": len(self.runner.parking),
            "moves_suffix": self.sequences.moves,
            "queue": self.runner.waiting,
            "slots": [
                {
                    "file": slot.key[1] if slot.key else None,
                    "workspace": slot.key[0] if slot.key else None,
                    "tokens": len(slot.tokens),
                    "busy": slot.job is not None,
                    "idle_s": round(now - slot.used, 1) if slot.key else None,
                }
                for slot in self.runner.slots
            ],
        }


def plan(header: Header, spec: ModelSpec, *, free_bytes: int, cpus: int, offloads: bool) -> Plan:
    """Choose what `spec` leaves open; raise `TooLarge` where `free_bytes` of memory cannot hold it.

    With a device (`offloads`) the weights go there and only the cache is planned for in main memory.
    """
    trained = header.context_trained or _DEFAULT_CONTEXT
    context = min(max(spec.context_tokens or _DEFAULT_CONTEXT, _LEAST_CONTEXT), trained)
    per_slot = header.kv_bytes_per_token * context
    weights = 0 if offloads and spec.gpu_layers != 0 else header.size
    left = free_bytes - weights - _SPARE_BYTES
    affordable = left // (4 * per_slot) if per_slot else _MOST_SLOTS
    slots = spec.slots or int(max(_FEWEST_SLOTS, min(_MOST_SLOTS, affordable)))
    if left < slots * per_slot:
        needed = weights + slots * per_slot + _SPARE_BYTES
        raise TooLarge(
            f"The model {header.path} needs about {needed // _MIB} MiB and {free_bytes // _MIB} MiB are free: "
            "choose a smaller model or quantization, lower near.context_tokens or near.slots, or close something."
        )
    return Plan(
        context_tokens=context,
        slots=slots,
        threads=spec.threads or max(1, cpus),
        gpu_layers=spec.gpu_layers,
        kv_bytes=slots * per_slot,
        parking_bytes=min(_MOST_PARKING, (left - slots * per_slot) // 4),
    )


def load(library: Library, spec: ModelSpec, progress: Callable[[float], None]) -> Loaded:
    """Load what `spec` names; `progress` hears 0.0 to 1.0. Raise `ModelRefused`."""
    started = time.monotonic()
    path = Path(spec.path).expanduser()
    chosen = plan(
        read_header(path),
        spec,
        free_bytes=psutil.virtual_memory().available,
        cpus=_cores(),
        offloads=library.offloads,
    )
    model = Model(library, path, chosen.gpu_layers, progress)
    try:
        name = model.metadata("general.name") or path.stem
        family: Family = detect(name, model.metadata, model.special)
        builder = PromptBuilder(family, model.tokenize, model.special, model.begin, lines_apart=model.byte_level)
        movable, on_device = not family.prefix_last, library.offloads and chosen.gpu_layers != 0
        if movable and not (on_device or spec.slots):
            chosen = _fewer_slots(chosen)
        sequences = Sequences(
            model,
            context_tokens=chosen.context_tokens,
            slots=chosen.slots,
            threads=chosen.threads,
            batch_tokens=min(_BATCH_TOKENS, chosen.context_tokens),
            movable=movable,
            on_device=on_device,
        )
    except ModelRefused:
        model.close()
        raise
    threads = (lambda: chosen.threads) if spec.threads else _free_cores(chosen.threads).count
    spelling = _Spelling(model, family)
    info = ModelInfo(
        name=name,
        family=family.name,
        path=str(path),
        context_tokens=sequences.context_tokens,
        device="gpu" if on_device else "cpu",
    )
    return Loaded(
        spec=spec,
        info=info,
        plan=chosen,
        model=model,
        sequences=sequences,
        runner=Runner(
            builder,
            spelling,
            sequences,
            slots=chosen.slots,
            threads=threads,
            parking=Parking(chosen.parking_bytes),
        ),
        seconds=time.monotonic() - started,
    )


def _fewer_slots(chosen: Plan) -> Plan:
    """Keep two files in a cache that all share, where attention is dear; the others are parked."""
    per_slot = chosen.kv_bytes // chosen.slots
    slots = min(chosen.slots, _SHARED_SLOTS)
    spared = (chosen.slots - slots) * per_slot
    return replace(chosen, slots=slots, kv_bytes=slots * per_slot, parking_bytes=chosen.parking_bytes + spared)


def _cores() -> int:
    """Count the physical cores that this process may use."""
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed))


def _free_cores(cores: int) -> FreeCores:
    return FreeCores(cores, busy=psutil.getloadavg()[0], spare=max(0, (os.cpu_count() or cores) - cores))


class _Spelling:
    """The vocabulary with the family's stops; remembers both answers per token."""

    def __init__(self, model: Model, family: Family) -> None:
        self._model = model
        self._stops = {token for text in family.stops if (token := model.special(text)) is not None}
        self._pieces: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}

    def piece(self, token: int) -> bytes:
        if token not in self._pieces:
            self._pieces[token] = self._model.piece(token)
        return self._pieces[token]

    def ends(self, token: int) -> bool:
        if token not in self._ends:
            self._ends[token] = token in self._stops or self._model.ends(token)
        return self._ends[token]
