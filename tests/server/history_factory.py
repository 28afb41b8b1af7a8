"""Traces as completions leave them, and a history of a test's own."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twolane.clients.model import Usage
from twolane.completion.pace import Plan
from twolane.completion.trace import Source, Trace
from twolane.server.history.store import Store
from twolane.server.history.writing import append

PLAN = Plan(250, 120.0, 900.0, 60.0, 2048, 48, 300, ahead=True)


def usage(**changed: Any) -> Usage:
    return Usage(**(asdict(Usage(1570, 1560, 10, 6, 1.0, 2.0, 80.0, "stop", model_ms=81.5)) | changed))


def trace(**changed: Any) -> Trace:
    """A suggestion that was written when it was asked for."""
    made: dict[str, Any] = {
        "at": time.time(),
        "kind": "completion",
        "path": "src/a.py",
        "language": "python",
        "ms": 84.25,
        "stages": {"gate": 0.01, "queue": 1.0, "prefill": 2.0, "decode": 80.0, "filters": 0.2},
        "lane": "near",
        "model": "tiny",
        "prompt_tokens": 1570,
        "reused_tokens": 1560,
        "evaluated_tokens": 10,
        "generated_tokens": 6,
        "origin": "model",
        "pace": asdict(PLAN),
        "work": asdict(usage()),
        "sources": [Source("src/b.py", 3, 9, "area", "imported here as area")],
        "filters": ["overlap"],
        "shown": True,
    }
    return Trace(**(made | changed))


def remember(store: Store, root: Path | None, *traces: Trace, days: int = 30, **options: Any) -> None:
    append(store, [(root, one) for one in traces], days, time.time(), **options)
