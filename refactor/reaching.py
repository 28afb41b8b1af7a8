"""From a task and a place to the stretches of files that may change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..context.facts import Definition
from ..context.relations import Site
from .command import Command
from .original import Original
from .outline import Outline
from .scope import Span


class Reaching:
    """`lines` are those of the definition at hand, or of the selection where it lies in none."""

    def __init__(self, command: Command, outline: Outline, target: Definition | None) -> None:
        self.target = target
        self._command = command
        self._outline = outline
        first, last = command.first_line, command.last_line
        for one in outline.touched(first, last) if target is None else (target,):
            low, high = outline.whole(one)
            first, last = min(first, low), max(last, high)
        if target is not None:
            for one in outline.touched(command.first_line, command.last_line):
                if not (one.start_line <= target.start_line and target.last_line <= one.last_line):
                    low, high = outline.whole(one)
                    first, last = min(first, low), max(last, high)
        self.lines = first, last

    def spans(self) -> tuple[Span, ...]:
        """What may change of the file at hand."""
        original, outline = self._command.original, self._outline
        first, last = self.lines
        what = self.target.symbol if self.target is not None else "the selected lines"
        found = [_span(original, first, last, what)]
        if self.target is not None and self._command.task.reach == "around":
            found += self._gaps(original, first, last)
            outer = outline.outermost(self.target)
            if outer is not self.target:
                found += self._gaps(original, *outline.whole(outer))
        if self._command.task.name != "docs":
            found.append(_imports(original, outline))
        return widened(found)

    def follows(self, original: Original, outline: Outline, sites: Sequence[Site]) -> tuple[Span, ...]:
        """What may change of a file that uses the definition: the lines of each use, or the functions around them."""
        found: list[Span] = []
        whole = self._command.task.reach == "callers"
        for site in sites:
            first, last = site.start_line, site.end_line
            if whole and site.definition is not None:
                first, last = min(first, site.definition.start_line), max(last, site.definition.last_line)
            elif whole:
                last = min(original.line_count, last + 8)
            found.append(_span(original, first, last, site.why))
        found.append(_imports(original, outline))
        return tuple(found)

    @staticmethod
    def appending(original: Original, outline: Outline) -> tuple[Span, ...]:
        """What may change of a test file: its end and its imports."""
        end = len(original.plain)
        start = len(original.plain.rstrip("\n")) + 1
        return (
            Span(min(start, end), end, "gap", "new tests at its end"),
            _imports(original, outline),
        )

    @staticmethod
    def _gaps(original: Original, first: int, last: int) -> list[Span]:
        """The blank lines before and after some lines, where new definitions may stand."""
        low, high = first, last
        while low > 1 and not original.lines(low - 1, low - 1).strip():
            low -= 1
        while high < original.line_count and not original.lines(high + 1, high + 1).strip():
            high += 1
        before = Span(original.line_start(low), original.line_start(first), "gap", "new definitions")
        after = Span(original.line_start(last + 1), original.line_start(high + 1), "gap", "new definitions")
        return [before, after]


def widened(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, stretches of code that meet joined into one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.reach, one.start, one.end)):
        last = found[-1] if found else None
        if last is not None and last.reach == span.reach == "code" and span.start <= last.end:
            why = last.why if span.why in last.why else f"{last.why}; {span.why}"
            found[-1] = Span(last.start, max(last.end, span.end), "code", why)
        elif last is None or span != last:
            found.append(span)
    return tuple(sorted(found, key=lambda one: (one.start, one.end)))


def _span(original: Original, first: int, last: int, why: str) -> Span:
    return Span(original.line_start(first), original.line_start(last + 1), "code", why)


def _imports(original: Original, outline: Outline) -> Span:
    lines = outline.import_lines()
    if lines is not None:
        return Span(original.line_start(lines[0]), original.line_start(lines[1] + 1), "imports", "imports")
    place = original.line_start(outline.place_for_imports())
    end = place
    while end < len(original.plain) and original.plain[end] == "\n":
        end += 1
    return Span(place, end, "imports", "imports")
