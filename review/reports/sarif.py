"""A report in SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format").

Paths are URIs relative to the repository's root; `partialFingerprints` lets a viewer follow a finding across commits.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from ..finding import Finding
from .report import Report

SCHEMA_URI: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT: Final = "SRCROOT"


def render(report: Report, version: str) -> dict[str, Any]:
    """The whole log; `version` is the program's."""
    findings = report.findings
    rules = sorted({one.rule for one in findings})
    return {
        "$schema": SCHEMA_URI,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "twolane",
                        "semanticVersion": version,
                        "rules": [
                            {"id": rule, "shortDescription": {"text": rule.replace("-", " ").capitalize()}}
                            for rule in rules
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
                "results": [_result(one, rules.index(one.rule)) for one in findings],
                "invocations": [
                    {
                        "executionSuccessful": not report.incomplete,
                        "toolExecutionNotifications": [
                            {
                                "level": "warning",
                                "message": {"text": f"Not reviewed to the end: {review.incomplete}"},
                                "locations": [{"physicalLocation": {"artifactLocation": _artifact(review.path)}}],
                            }
                            for review in report.incomplete
                        ],
                    }
                ],
            }
        ],
    }


def _result(one: Finding, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": one.rule,
        "ruleIndex": rule,
        "level": one.severity,
        "message": _message(f"{one.title} {one.why}"),
        "locations": [_location(one.path, one.start_line, one.end_line, one.quote)],
        "partialFingerprints": {"twolane/v1": one.name},
    }
    if one.related:
        result["relatedLocations"] = [
            {**_location(other.path, other.line, other.line), "message": _message(other.note)} for other in one.related
        ]
    return result


def _message(text: str) -> dict[str, str]:
    """A message of words alone: in a plain text too, a viewer makes a link of `[…](…)` (3.11.6)."""
    return {"text": text.replace("](", "] (")}


def _location(path: str, first: int, last: int, text: str = "") -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": first, "endLine": last}
    if text:
        region["snippet"] = {"text": text}
    return {"physicalLocation": {"artifactLocation": _artifact(path), "region": region}}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": _ROOT}
