"""`twolane doctor`: what is wrong with this machine's set-up, and the command that mends it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import platformdirs

from ..checks import backend, machine, money, places
from ..checks.check import Check
from ..checks.elsewhere import elsewhere
from ..checks.engine import engine
from ..config import settings as settings_module
from .files import workspace_of
from .outcome import DONE, FAILED, emit, say

_MARKS = {"ok": "ok", "note": "note", "warning": "warn", "error": "FAIL"}


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; exit code 1 where something must be mended."""
    checks = list(_checks(arguments.trust, arguments.ask))
    bad = [check for check in checks if check.level == "error"]
    if arguments.json:
        emit({"ok": not bad, "checks": [_document(check) for check in checks]})
    else:
        for check in checks:
            say(f"{_MARKS[check.level]:5} {check.name:10} {check.detail}")
            if check.fix and not check.ok:
                say(f"{'':16} → {check.fix}")
        say()
        say(_verdict(len(bad), sum(check.level == "warning" for check in checks)))
    return FAILED if bad else DONE


def _checks(trusted: bool, ask: bool) -> Iterator[Check]:
    yield machine.python()
    llama, built = backend.library()
    yield llama
    yield from machine.tools(needed=built is None)
    yield backend.device(built)
    here = Path.cwd()
    loaded = settings_module.load(workspace_of(here), trusted=trusted)
    yield from places.settings(loaded)
    yield places.model(loaded, offloads=built is not None and built.offloads)
    yield places.config(loaded.files[0].parent)
    yield places.folder("data", platformdirs.user_data_path("twolane", appauthor=False))
    yield places.folder("state", platformdirs.user_state_path("twolane", appauthor=False))
    yield places.folder("log", platformdirs.user_log_path("twolane", appauthor=False))
    yield from engine()
    yield from elsewhere(loaded, ask=ask)
    yield money.budget(loaded, workspace_of(here))
    yield machine.disk(platformdirs.user_state_path("twolane", appauthor=False))


def _document(check: Check) -> dict[str, object]:
    document = {**asdict(check), "ok": check.ok}
    return {key: document[key] for key in ("name", "ok", "level", "detail", "fix")}


def _verdict(bad: int, warnings: int) -> str:
    if bad:
        return f"{bad} to mend."
    return f"Nothing must be mended; {warnings} worth a look." if warnings else "Nothing must be mended."
