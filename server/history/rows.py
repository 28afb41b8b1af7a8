"""A trace becomes a row and is told again. No document's text can get into a row.

Of a trace only known fields are taken: numbers, names of files and symbols, sentences of ours. Free text is held to
one line and a length, so that what came in by mistake does not stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...clients.model import Usage
from ...completion.pace import Plan
from ...completion.trace import Trace

COLUMNS = (
    *("at", "kind", "path", "language", "ms", "lane", "model"),
    *("prompt_tokens", "reused_tokens", "evaluated_tokens", "generated_tokens"),
    *("origin", "shown", "reason", "work", "details"),
)
"""The columns of table `request` that hold a trace, all but its sources: those of one request serve the next, too."""

_PATH, _NAME, _SENTENCE = 1_000, 100, 500
_SOURCES = 200
_SIZES = ("line", "column", "chars", "lines")
_PLAN, _USAGE = frozenset(Plan.__slots__), frozenset(Usage.__slots__)


def row(trace: Trace) -> tuple[Any, ...]:
    """The values of `COLUMNS`."""
    details = {
        "stages": {_line(name, _NAME): round(float(ms), 3) for name, ms in trace.stages.items()},
        "pace": _numbers(trace.pace, _PLAN),
        "filters": [_line(name, _NAME) for name in trace.filters],
        "checks": [_line(name, _NAME) for name in trace.checks],
        "sent": [{"host": _line(str(to["host"]), _NAME), "bytes": int(to["bytes"])} for to in trace.sent],
        **{name: int(getattr(trace, name)) for name in _SIZES},
    }
    return (
        trace.at,
        _line(trace.kind, _NAME),
        _line(trace.path, _PATH),
        _line(trace.language, _NAME),
        round(trace.ms, 3),
        trace.lane,
        _line(trace.model, _NAME) if trace.model is not None else None,
        trace.prompt_tokens,
        trace.reused_tokens,
        trace.evaluated_tokens,
        trace.generated_tokens,
        _line(trace.origin, _NAME),
        int(trace.shown),
        _line(trace.reason, _SENTENCE),
        _json(_numbers(trace.work, _USAGE)),
        _json(details),
    )


def sources(trace: Trace) -> str:
    """The pieces of other files, as `pieces.sources` holds them."""
    return _json(
        [
            {
                "path": _line(source.path, _PATH),
                "start_line": source.start_line,
                "end_line": source.end_line,
                "symbol": _line(source.symbol, _NAME),
                "why": _line(source.why, _SENTENCE),
            }
            for source in trace.sources[:_SOURCES]
        ]
    )


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row and its `sources` as the contract of `explain` names its fields: the trace's own, in the same order."""
    document = {name: values[name] for name in COLUMNS if name not in ("details", "work", "shown")}
    document |= {name: json.loads(values[name]) for name in ("work", "sources")}
    document |= (
        {"checks": []} | dict.fromkeys(_SIZES, 0) | json.loads(values["details"]) | {"shown": bool(values["shown"])}
    )
    return {name: document[name] for name in Trace.__slots__}


def _numbers(told: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """What is known of a plan or a usage: numbers, and the one word that says how an answer ended."""
    taken: dict[str, Any] = {
        name: value for name, value in told.items() if name in known and isinstance(value, int | float)
    }
    if "finish" in known and isinstance(told.get("finish"), str):
        taken["finish"] = _line(told["finish"], _NAME)
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in taken.items()}


def _line(text: str, most: int) -> str:
    whole = "".join(char if char.isprintable() else " " for char in text)
    return whole if len(whole) <= most else f"{whole[: most - 1]}…"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
