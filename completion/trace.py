"""What happened to one request, told so that a person can see why there is text or silence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..clients.errors import ModelError
from ..clients.model import Usage

if TYPE_CHECKING:
    from .known import Answer
    from .pace import Plan


@dataclass(slots=True)
class Source:
    """A piece of another file that was in the prompt."""

    path: str
    start_line: int
    end_line: int
    symbol: str
    why: str


@dataclass(slots=True)
class Trace:
    """The record behind `explain`; field names are a contract, times are milliseconds, `at` is Unix seconds.

    `origin` says where the text came from (`known.Origin`), `pace` what was chosen to be in time (`pace.Plan`),
    `work` what the model spent on the answer (`clients.model.Usage`), whenever that was and whoever had asked, `checks`
    what was found out about it (`checks.verdict.Verdict`). `line` and `column` (from 1, in code points) are the
    cursor's, `chars` and `lines` the size of what was shown; 0 where there is none. Nothing in here is text of a
    document or of an answer: it is kept on disk.
    """

    at: float
    kind: str
    path: str
    language: str = ""
    ms: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    lane: str | None = None
    model: str | None = None
    prompt_tokens: int = 0
    reused_tokens: int = 0
    evaluated_tokens: int = 0
    generated_tokens: int = 0
    origin: str = ""
    pace: dict[str, Any] = field(default_factory=dict)
    work: dict[str, Any] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    shown: bool = False
    reason: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    line: int = 0
    column: int = 0
    chars: int = 0
    lines: int = 0

    def document(self) -> dict[str, Any]:
        """The record as `explain` tells it."""
        return {**told(self), "sources": [told(source) for source in self.sources]}

    def spent(self, usage: Usage, host: str) -> None:
        """Note what the model took for the answer, and what was sent to its `host`."""
        if usage.sent_bytes:
            self.sent = [{"host": host, "bytes": usage.sent_bytes}]
        self.stages["queue"] = usage.queue_ms
        self.stages["prefill"] = usage.prefill_ms
        self.stages["decode"] = usage.decode_ms
        self.prompt_tokens = usage.prompt_tokens
        self.reused_tokens = usage.reused_tokens
        self.evaluated_tokens = usage.evaluated_tokens
        self.generated_tokens = usage.generated_tokens


@contextmanager
def stage(trace: Trace, name: str) -> Iterator[None]:
    """Note how long what happens within takes."""
    began = time.perf_counter()
    try:
        yield
    finally:
        trace.stages[name] = (time.perf_counter() - began) * 1000


def told(record: Plan | Usage | Source | Trace) -> dict[str, Any]:
    """The fields of a record by their names; `dataclasses.asdict` would copy what is in them, at every key."""
    return {name: getattr(record, name) for name in record.__slots__}


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` is to replace the document from offset `start` to offset `end`; empty `text` means silence.

    The reason for silence, one sentence, is `trace.reason`; `trouble` is set where a model failed, so that
    the server can tell the person once. `answer` is what the text was taken from; `others` are as good, each with the
    answer that it was taken from.
    """

    text: str
    start: int
    end: int
    trace: Trace
    trouble: ModelError | None = None
    answer: Answer | None = None
    others: tuple[tuple[str, Answer | None], ...] = ()
