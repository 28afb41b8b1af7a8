"""What a review says about a place in the code, and its name across edits and restarts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal, get_args

Severity = Literal["error", "warning", "note"]
"""Wrong for some input or at some moment; a trap or a leak; worth a look. SARIF's three levels."""

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""The worst one first."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A quick fix: `target` stands exactly once in the finding's lines, `text` comes in its place."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that the finding speaks of; lines count from 1."""

    path: str
    line: int
    note: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect, shown at lines `start_line`..`end_line` (1-based, inclusive) of `path`.

    `quote` is the text of the file that the finding is about, and stands in those lines. `rule` is its kind in
    kebab-case, `title` one sentence, `why` what goes wrong and when. `symbol` names the definition around it, '' at the
    top of a file.
    """

    path: str
    start_line: int
    end_line: int
    rule: str
    severity: Severity
    title: str
    why: str
    quote: str
    symbol: str = ""
    replacement: Replacement | None = None
    related: tuple[Related, ...] = ()

    @property
    def name(self) -> str:
        """The same for the same rule about the same text in the same definition, wherever that has moved to.

        White space does not count, nor does the path: a file that is renamed keeps what was said of it.
        """
        content = "\0".join((self.rule, self.symbol, " ".join(self.quote.split())))
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:24]

    @property
    def rank(self) -> tuple[int, str, int, str]:
        """Sorts the worst first, then by place."""
        return SEVERITIES.index(self.severity), self.path, self.start_line, self.rule


def at_least(severity: Severity, limit: Severity) -> bool:
    """Whether `severity` is `limit` or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(limit)
