"""What an answer may change: stretches of files that were in view, and new files of one kind. All else stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from .original import Original

Reach = Literal["code", "imports", "gap"]
"""Any edit; lines that import and nothing else; new definitions between those that are there."""

Keeps = Literal["all", "names", "told"]
"""What stays of public definitions: that they are there and are used as before; that they are there; or neither, but a
person is told."""


@dataclass(frozen=True, slots=True)
class Span:
    """Plain offsets `start`..`end` of a file, whole lines; `why` says for people what it is.

    An insertion at either end lies within. Within a "gap" stand blank lines only.
    """

    start: int
    end: int
    reach: Reach
    why: str


@dataclass(frozen=True, slots=True)
class NewFiles:
    """That new files may be made: with one of `suffixes`, and where `tests` is set, named like tests only."""

    suffixes: tuple[str, ...]
    language: str
    tests: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """All that may change, by path. `subject` is the file at hand.

    `vanishing` are symbols (path, dotted name) that may be gone afterwards, because they get another name. `keeps` says
    what others may rely on.
    """

    subject: str
    originals: Mapping[str, Original]
    spans: Mapping[str, tuple[Span, ...]]
    new_files: NewFiles | None = None
    vanishing: frozenset[tuple[str, str]] = field(default=frozenset())
    keeps: Keeps = "all"

    def allows(self, path: str, start: int, end: int) -> Span | None:
        """The span that an edit of plain offsets `start`..`end` lies in, the one of widest reach first."""
        inside = [span for span in self.spans.get(path, ()) if span.start <= start and end <= span.end]
        return min(inside, key=lambda span: _REACHES.index(span.reach), default=None)

    def only(self, paths: frozenset[str]) -> Scope:
        """The same without the files that are not among `paths`: what a model has not seen, it may not change."""
        kept = {path: original for path, original in self.originals.items() if path in paths}
        return Scope(
            self.subject,
            MappingProxyType(kept),
            MappingProxyType({path: spans for path, spans in self.spans.items() if path in kept}),
            self.new_files,
            self.vanishing,
            self.keeps,
        )

    def lets_vanish(self, path: str, symbol: str) -> bool:
        """Whether a symbol, or what it belongs to, gets another name."""
        return any(
            path == where and (symbol == name or symbol.startswith(f"{name}.")) for where, name in self.vanishing
        )

    def described(self) -> tuple[str, ...]:
        """One line for each stretch that may change, with its lines."""
        lines: list[str] = []
        for path, spans in self.spans.items():
            original = self.originals[path]
            for span in spans:
                first = original.line_of(span.start)
                last = max(first, original.line_of(max(span.start, span.end - 1)))
                where = f"line {first}" if first == last else f"lines {first} to {last}"
                lines.append(f"{path}, {where}: {span.why}")
        if self.new_files is not None:
            kind = "new test files" if self.new_files.tests else "new files"
            lines.append(f"{kind} ending in {' or '.join(self.new_files.suffixes)}")
        return tuple(lines)


_REACHES: tuple[Reach, ...] = ("code", "gap", "imports")
