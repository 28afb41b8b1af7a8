"""A question in words is told like a completion: the same trace, for `explain` and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...completion.trace import Source, Trace

if TYPE_CHECKING:
    from ...routing.ask import AskRecord


def trace_of(record: AskRecord) -> Trace:
    """What became of one ask. Pieces that a lane may not see stand among the filters."""
    usage = record.usage
    read = usage.cache_read_tokens if usage is not None else 0
    fresh = usage.input_tokens + usage.cache_write_tokens if usage is not None else 0
    return Trace(
        at=record.at,
        kind=record.kind,
        path=record.path,
        language=record.language,
        ms=record.ms,
        stages=dict(record.stages),
        lane=record.lane,
        model=record.model,
        prompt_tokens=read + fresh,
        reused_tokens=read,
        evaluated_tokens=fresh,
        generated_tokens=usage.output_tokens if usage is not None else 0,
        sources=[Source(one.path, one.start_line, one.end_line, "", one.kind) for one in record.sources],
        filters=[f"{one.path or one.kind}: {one.reason}" for one in record.dropped],
        shown=record.shown,
        reason=record.reason,
        sent=[{"host": one.host, "bytes": one.bytes} for one in record.sent],
    )
