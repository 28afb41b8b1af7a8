"""A report as GitHub's workflow commands: each finding becomes an annotation of the change.

The escapes are those of GitHub's documentation on workflow commands: in data `%`, CR and LF, in properties also `:`
and `,`. What cannot be shown is left out, because a log is read in terminals too.
"""

from __future__ import annotations

from typing import Final

from ..finding import Severity
from .report import Report, visible

_COMMANDS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> str:
    """One line for each finding and each file that was not reviewed to the end; '' where there is nothing to say."""
    lines = [
        f"::{_COMMANDS[one.severity]} file={_property(one.path)},line={one.start_line},endLine={one.end_line},"
        f"title={_property(f'{one.title[:120]} [{one.rule}]')}::{_data(one.why)}"
        for one in report.findings
    ]
    lines += [
        f"::warning file={_property(review.path)},title=Not reviewed to the end::{_data(review.incomplete)}"
        for review in report.incomplete
    ]
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    return visible(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
