"""What an engine was loading when it died, so that the next one asks for less instead of dying the same way.

A device's driver, a failed assertion or the system itself can end the process where memory is short; nothing
in the process survives to tell. So each load is noted in a file first. The next engine finds the note and counts a
death. The note is taken back when the model has proved good, or the engine leaves in order.
"""

from __future__ import annotations

import contextlib
import faulthandler
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Literal

from .fitting import Plan
from .spec import ModelSpec

_log = logging.getLogger(__name__)

NOTES, CRASH = "engine.trials.json", "engine.crash"
"""The files' names in the engine's folder."""

MOST_DEATHS = 2
_MEMORY_SECONDS = 3600.0
"""A death is forgotten after this long: what else took the memory may be gone."""

_LONGEST_WORDS = 4096
_NUMBERS = ("context_tokens", "slots", "gpu_layers")

Stage = Literal["loading", "computing", "good"]

Entry = dict[str, Any]


class LastWords:
    """What Python says when a signal such as that of `abort` ends the process: kept for the next engine to read."""

    def __init__(self, folder: Path) -> None:
        """Read into `said` what the last engine left, and listen for this one's."""
        self._file = folder / CRASH
        self.said = ""
        with contextlib.suppress(OSError):
            self.said = self._file.read_text("utf-8", "replace")[:_LONGEST_WORDS].strip()
        if self.said:
            _log.warning("the last engine ended itself:\n%s", self.said)
        self._open: IO[bytes] | None = None
        with contextlib.suppress(OSError):
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._open = os.fdopen(descriptor, "wb")
            faulthandler.enable(self._open)

    def close(self) -> None:
        """There will be none: the engine leaves in order."""
        faulthandler.enable()
        if self._open:
            self._open.close()
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)


class Trials:
    """The notes of one engine's folder. Only the engine that holds its lock may have them."""

    def __init__(self, folder: Path, *, aborted: bool = False, clock: Callable[[], float] = time.time) -> None:
        """Read what the last engine left, and count its death where it died.

        `aborted` says that it ended itself: then what it computed on devices is to blame where it loaded nothing.
        """
        file = self._file = folder / NOTES
        self._clock = clock
        self._entries = _read(file)
        loading = [each for each in self._entries.values() if each["stage"] == "loading" and self._recent(each)]
        computing = [each for each in self._entries.values() if each["stage"] == "computing"]  # for days, perhaps
        for entry in loading or (computing if aborted else []):
            entry["deaths"] = 1 + (entry["deaths"] if self._recent(entry) else 0)
            entry["at"] = clock()
            _log.warning("the last engine died while %s %s", entry["stage"], entry["path"])
        self._settle()

    def deaths(self, spec: ModelSpec) -> int:
        """How many engines have lately died of this specification; what is longer ago is forgotten."""
        key = _key(spec)
        entry = self._entries.get(key)
        if entry is None:
            return 0
        if not self._recent(entry):
            del self._entries[key]
            return 0
        return int(entry["deaths"])

    def minutes_left(self, spec: ModelSpec) -> int:
        """In how many minutes its deaths are forgotten."""
        since = self._clock() - float(self._entries.get(_key(spec), {}).get("at", 0.0))
        return max(1, round((_MEMORY_SECONDS - since) / 60))

    def tried(self, spec: ModelSpec, chosen: Plan) -> Plan:
        """What the last engine tried: `chosen`, with the numbers that it noted in place of what would be chosen now."""
        noted = self._entries.get(_key(spec), {}).get("plan", {})
        numbers = {key: noted[key] for key in _NUMBERS if type(noted.get(key)) is int and noted[key] >= 0}
        return replace(chosen, **numbers)

    def note(self, spec: ModelSpec, stage: Stage, chosen: Plan | None = None) -> None:
        """Note what is done with a specification from now on, and with which plan."""
        entry = self._entries.setdefault(_key(spec), {"path": spec.path, "deaths": 0, "at": self._clock()})
        entry["stage"] = stage
        if chosen and not entry["deaths"]:
            entry["plan"] = {key: getattr(chosen, key) for key in _NUMBERS}
        if stage == "good" and not entry["deaths"]:
            del self._entries[_key(spec)]
        self._write()

    def leave(self, *, forget: bool = False) -> None:
        """The engine leaves in order; what has died before is still known unless it is to be forgotten."""
        if forget:
            self._entries.clear()
        self._settle()

    def _settle(self) -> None:
        """Nothing is loaded, and nobody died of it."""
        died = {key: entry for key, entry in self._entries.items() if entry["deaths"] and self._recent(entry)}
        self._entries = {key: entry | {"stage": "good"} for key, entry in died.items()}
        self._write()

    def _recent(self, entry: Entry) -> bool:
        return 0 <= self._clock() - float(entry["at"]) < _MEMORY_SECONDS

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            if not self._entries:
                self._file.unlink(missing_ok=True)
                return
            fresh = self._file.with_suffix(".new")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(self._entries, file)
            fresh.replace(self._file)


def forget(folder: Path) -> None:
    """Forget all deaths: whoever stops the engine wants a fresh start. No engine may run in `folder`."""
    for name in (NOTES, CRASH):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _key(spec: ModelSpec) -> str:
    """Tell specifications apart, and the file of one from a later file under its name."""
    facts: tuple[int, ...] = ()
    with contextlib.suppress(OSError):
        status = Path(spec.path).expanduser().stat()
        facts = status.st_size, status.st_mtime_ns
    return hashlib.sha256(repr((spec, facts)).encode("utf-8", "replace")).hexdigest()[:32]


def _read(file: Path) -> dict[str, Entry]:
    """Read the notes; what is not one is left out, so that a damaged file costs nothing."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    entries = found.items() if isinstance(found, dict) else ()
    return {key: entry for key, entry in entries if _sound(entry)}


def _sound(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("path"), str)
        and isinstance(entry.get("stage"), str)
        and isinstance(entry.get("plan", {}), dict)
        and type(entry.get("deaths")) is int
        and isinstance(entry.get("at"), int | float)
        and not isinstance(entry.get("at"), bool)
    )
