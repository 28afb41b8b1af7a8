"""A report for a terminal: one line for each finding, its reason below it, and what was not looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .report import Report, visible

_MOST_NAMED = 3

_COMMAND = re.compile(r"\A(\s*:)(?=:)|(##)(?=\w*\[)")
"""What a blank behind it makes mere text: a pipeline obeys `::error::`, `##[add-path]`, `##vso[` on its output."""


def render(report: Report) -> str:
    """The whole report; ends with a line break."""
    return "".join(_COMMAND.sub(r"\1\2 ", visible(line)) + "\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for one in report.findings:
        yield f"{one.path}:{one.start_line}: {one.severity}: {one.title} [{one.rule}]"
        yield f"    {one.why}"
        for related in one.related:
            yield f"    {related.path}:{related.line}: {related.note}"
    for review in report.incomplete:
        yield f"{review.path}: not reviewed to the end: {review.incomplete}"
    for reason, count in report.skipped.items():
        yield f"{_files(count)} not reviewed{_named(report.left.get(reason, ()))}: {reason}"
    whole = [review for review in report.reviews if not review.incomplete]
    count, files = len(report.findings), len(report.reviews)
    models = sorted({review.model for review in whole if review.model})
    who = f" by {', '.join(models)}" if models else ""
    found = "nothing found" if not count else "1 finding" if count == 1 else f"{count} findings"
    where = _files(files) if len(whole) == files else f"{len(whole)} of {_files(files)}"
    yield f"{found} in {where}{who}, {_dollars(report.cost_usd)}"
    if report.dropped:
        told = ", ".join(f"{count} {reason}" for reason, count in report.dropped.items())
        yield f"not shown: {told}"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _named(paths: Sequence[str]) -> str:
    if not paths:
        return ""
    more = len(paths) - _MOST_NAMED
    return f" ({', '.join(paths[:_MOST_NAMED])}{f' and {more} more' if more > 0 else ''})"


def _dollars(amount: float) -> str:
    return f"${amount:.4f}" if amount else "free of charge"
