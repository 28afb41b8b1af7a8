"""What is asked of the gateway, with what it is set up, and the record that each ask leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..clients.chat import ChatClient, ChatRequest, ChatUsage, Deadlines
from ..clients.model import Lane
from .decision import Decision, Step
from .money.amount import MICRO
from .money.budget import Caps
from .money.prices import PriceTable
from .policy import Policy
from .privacy.sources import Dropped, Source
from .task import REMOTE, Task

Build = Callable[[str, tuple[Source, ...]], ChatRequest]
"""Makes the request for a model's name from the pieces that it may see, secrets already replaced. Pure, and quick.

It is called on a thread of the gateway's."""


def project_name(root: Path | None) -> str:
    """The name under which a workspace's spend is counted: where it really lies."""
    return str(root.resolve()) if root is not None else ""


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A question to whichever model may answer it.

    `path` (relative to `root`), `language` and `size_bytes` are of the file at hand, for the rules. The deadlines
    are those of the whole ask, retries and other models included; `build` need not set any. `lanes` are the only ones
    that may answer, among those that the policy allows; None: all of these. `most` bounds what all attempts together
    may cost, in micro-dollars: one that could pass it is not made; None: only the caps do.
    """

    task: Task
    root: Path | None
    path: str
    sources: tuple[Source, ...]
    build: Build
    language: str = ""
    size_bytes: int = 0
    deadlines: Deadlines = field(default_factory=Deadlines)
    lanes: frozenset[Lane] | None = None
    most: int | None = None

    @property
    def project(self) -> str:
        """The name under which the project's spend is counted."""
        return project_name(self.root)


@dataclass(frozen=True, slots=True)
class Seat:
    """A provider that can be asked: its client and its models, the preferred one first.

    `missing` says what it still needs before it can be asked at all, such as a key; empty where nothing is missing.
    `key_mark` tells one key from another without giving it away (a hash), and is called only after a key was refused.
    Both may be slow and are called off the event loop.
    """

    client: ChatClient
    models: tuple[str, ...]
    missing: Callable[[], str] = str
    key_mark: Callable[[], str] = str

    @property
    def remote(self) -> bool:
        """Whether text leaves this machine on its way there."""
        return self.client.lane in REMOTE


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every ask, from the settings: the rules, the caps, the prices."""

    policy: Policy
    caps: Caps
    prices: PriceTable


@dataclass(frozen=True, slots=True)
class Quote:
    """What would happen if it were asked now. `likely_usd` is for people, `worst_usd` is what would be reserved."""

    decision: Decision
    dropped: tuple[Dropped, ...]
    lane: Lane | None = None
    model: str | None = None
    likely_usd: float = 0.0
    worst_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """Text that left: where to, how many bytes of it, and the ledger's name for that call."""

    host: str
    bytes: int
    call: str


@dataclass(slots=True)
class AskRecord:
    """What became of one ask; `ask` is its name in the ledger. Times are milliseconds, `at` is Unix seconds."""

    ask: str
    at: float
    kind: str
    path: str
    root: Path | None = None
    language: str = ""
    ms: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    lane: Lane | None = None
    model: str | None = None
    usage: ChatUsage | None = None
    cost: int = 0
    sources: tuple[Source, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    steps: list[Step] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    shown: bool = False
    reason: str = ""

    def document(self) -> dict[str, Any]:
        """The entry of `explain`'s contract; no text of any source is in it."""
        usage = self.usage or ChatUsage(0, 0)
        return {
            "at": self.at,
            "kind": self.kind,
            "path": self.path,
            "ms": round(self.ms, 3),
            "stages": {name: round(ms, 3) for name, ms in self.stages.items()},
            "lane": self.lane,
            "model": self.model,
            "prompt_tokens": usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
            "reused_tokens": usage.cache_read_tokens,
            "evaluated_tokens": usage.input_tokens + usage.cache_write_tokens,
            "generated_tokens": usage.output_tokens,
            "sources": [
                {
                    "path": one.path,
                    "start_line": one.start_line,
                    "end_line": one.end_line,
                    "symbol": "",
                    "why": one.kind,
                }
                for one in self.sources
            ],
            "filters": [f"{one.path or one.kind}: {one.reason}" for one in self.dropped],
            "shown": self.shown,
            "reason": self.reason,
            "sent": [{"host": one.host, "bytes": one.bytes, "call": one.call} for one in self.sent],
            "ask": self.ask,
            "cost_usd": self.cost / MICRO,
            "steps": [str(step) for step in self.steps],
        }
