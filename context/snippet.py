"""What the context hands over: pieces of other files, each with the reason it is there or the place it is from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """Lines `start_line`..`end_line` (1-based, inclusive) of `path` (workspace-relative, '/' separated).

    `text` is what the model is shown, `symbol` the name it is there for, `why` one short phrase for people,
    `score` comparable within one answer only, `tokens` as `tokens.count` counts.
    """

    path: str
    start_line: int
    end_line: int
    symbol: str
    why: str
    score: float
    tokens: int
    text: str


@dataclass(frozen=True, slots=True)
class Packed:
    """Snippets in prompt order, and what their assembly took. The first `slow` of them do not follow the cursor."""

    snippets: tuple[Snippet, ...]
    tokens: int
    ms: float
    slow: int = 0


@dataclass(frozen=True, slots=True)
class Parallel:
    """`text` stands at `line` (from 1) of `path`, behind what also stands before the cursor; its lines end in \\n."""

    path: str
    line: int
    text: str
