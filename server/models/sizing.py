"""Which model of the catalogue suits this machine: arithmetic on its memory, nothing is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..commands.outcome import CommandError
from .catalogue import Entry

_GIB, _MIB = 1 << 30, 1 << 20
_STATE_TOKENS = 2 * 8192
"""Two files with a window of 8,192 tokens: what makes a model comfortable."""

_COMPUTING_BYTES = 400 * _MIB
"""What a batch needs while it is computed, at a vocabulary of 152,000 tokens."""

_MOST_WEIGHTS = 0.55
"""Weights of more than this share of a card's memory leave too little of its speed: each token reads them all."""

_SHARED = 0.5
"""What of main memory a device that shares it may be counted on for."""

_MANY_CORES = 8
_SMALL_BYTES, _MIDDLE_BYTES = 600 * 10**6, 1800 * 10**6
_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Room:
    """What there is to compute on: the memory of the largest card, or of the machine, in bytes."""

    kind: Literal["card", "processor"]
    name: str
    bytes: int
    cores: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said of one entry; `fits` tells whether it can run at all, in `needs` bytes."""

    entry: Entry
    needs: int
    fits: bool
    recommended: bool
    why: str


def measured() -> Room:
    """Look at this machine in a process of its own, since a broken driver may end whoever asks it."""
    command = [sys.executable, "-P", "-m", "twolane.clients.engine", "--machine"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
        found: Mapping[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise CommandError("this machine's devices could not be listed: `twolane doctor` says why") from None
    return room(found)


def room(found: Mapping[str, Any]) -> Room:
    """What counts of a machine's description: its card with the most memory, if there is one."""
    cards = [
        Room(
            "card",
            str(device["description"] or device["name"]),
            int(device["total_bytes"] * (_SHARED if device["shares_main_memory"] else 1)),
            int(found["cores"]),
        )
        for device in found["devices"]
        if device["total_bytes"]
    ]
    if cards:
        return max(cards, key=lambda card: card.bytes)
    return Room("processor", "the processor", int(found["total_bytes"]), int(found["cores"]))


def advise(entries: Iterable[Entry], room: Room) -> tuple[Advice, ...]:
    """Say of every entry whether it fits, and recommend one at most; entries come from small to large."""
    listed = list(entries)
    suited = [entry for entry in listed if _unsuited(entry, room) == ""]
    best = suited[-1] if suited else None
    return tuple(
        Advice(
            entry,
            _needs(entry),
            _needs(entry) <= room.bytes,
            entry is best,
            _unsuited(entry, room) or ("the largest that suits" if entry is best else "quicker, and less able"),
        )
        for entry in listed
    )


def _needs(entry: Entry) -> int:
    return entry.bytes + _STATE_TOKENS * entry.kv_bytes_per_token + _COMPUTING_BYTES


def _unsuited(entry: Entry, room: Room) -> str:
    """Why a model is not for this machine; empty where it is."""
    if _needs(entry) > room.bytes:
        return f"needs {_needs(entry) / _GIB:.1f} GiB, and {room.name} has {room.bytes / _GIB:.1f}"
    if not entry.commercial:
        return f"its licence ({entry.licence}) forbids commercial use"
    if room.kind == "processor":
        most = _MIDDLE_BYTES if room.cores >= _MANY_CORES else _SMALL_BYTES
        return "slow without a graphics card" if entry.bytes > most else ""
    return "slow on this card" if entry.bytes > _MOST_WEIGHTS * room.bytes else ""
