"""Pieces of text on their way to a model, each with the files it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .tier import Verdict

Kind = Literal["file", "snippet", "diff", "diagnostics", "names", "instruction"]
"""The file at hand; lines of another; changes; messages of tools; file names, one a line; what a person typed."""


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of text and where it comes from.

    `path` is relative to the workspace or absolute, '' for text that comes from no file; `mentions` are further
    files whose text or name is in it. `start_line` and `end_line` count from 1, both included, 0: not lines of a
    file. Without a `required` source the request makes no sense.
    """

    kind: Kind
    text: str
    path: str = ""
    start_line: int = 0
    end_line: int = 0
    mentions: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that a lane may not see, and why."""

    path: str
    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What of a request a lane may see, in the order it came.

    `refusal` is one sentence where a required source may not be seen ('' otherwise), and then `sources` is
    empty. `verdict` is the strictest tier among what was asked for as required.
    """

    sources: tuple[Source, ...]
    dropped: tuple[Dropped, ...]
    verdict: Verdict
    refusal: str = ""
