"""A report for a terminal: one line for each finding, its reason below it, and what was not looked at."""

from __future__ import annotations

from collections.abc import Iterator

from .report import Report


def render(report: Report) -> str:
    """The whole report; ends with a line break."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    for one in report.findings:
        yield f"{one.path}:{one.start_line}: {one.severity}: {one.title} [{one.rule}]"
        yield f"    {one.why}"
        for related in one.related:
            yield f"    {related.path}:{related.line}: {related.note}"
    for review in report.incomplete:
        yield f"{review.path}: not reviewed to the end: {review.incomplete}"
    for reason, count in report.skipped.items():
        yield f"{_files(count)} not reviewed: {reason}"
    count, files = len(report.findings), len(report.reviews)
    models = sorted({review.model for review in report.reviews if review.model})
    who = f" by {', '.join(models)}" if models else ""
    found = "nothing found" if not count else "1 finding" if count == 1 else f"{count} findings"
    yield f"{found} in {_files(files)}{who}, {_dollars(report.cost_usd)}"
    if report.dropped:
        told = ", ".join(f"{count} {reason}" for reason, count in report.dropped.items())
        yield f"not shown: {told}"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _dollars(amount: float) -> str:
    return f"${amount:.4f}" if amount else "free of charge"
