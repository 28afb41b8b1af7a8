"""A report for scripts: one JSON object."""

from __future__ import annotations

from typing import Any

from ..finding import Finding
from .report import Report


def render(report: Report) -> dict[str, Any]:
    """The object that `--json` and `--format json` print."""
    return {
        "findings": [finding(one) for one in report.findings],
        "files": len(report.reviews),
        "incomplete": [{"path": review.path, "reason": review.incomplete} for review in report.incomplete],
        "skipped": dict(report.skipped),
        "dropped": dict(report.dropped),
        "models": sorted({review.model for review in report.reviews if review.model}),
        "cost_usd": round(report.cost_usd, 6),
    }


def finding(one: Finding) -> dict[str, Any]:
    """One finding; `name` stays the same while its text does."""
    return {
        "name": one.name,
        "path": one.path,
        "start_line": one.start_line,
        "end_line": one.end_line,
        "rule": one.rule,
        "severity": one.severity,
        "title": one.title,
        "why": one.why,
        "quote": one.quote,
        "symbol": one.symbol,
        "replacement": {"target": one.replacement.target, "text": one.replacement.text} if one.replacement else None,
        "related": [{"path": other.path, "line": other.line, "note": other.note} for other in one.related],
    }
