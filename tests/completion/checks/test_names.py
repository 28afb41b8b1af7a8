"""What cannot be right is cut away with its line, or withheld; who does not know in time is not waited for."""

from __future__ import annotations

import asyncio

import pytest

from twolane.completion.checks import names
from twolane.completion.checks.names import Finding
from twolane.context.document import Snapshot

SNAPSHOT = Snapshot("file:///x", "x", None, "python", 1, "")


class Told:
    def __init__(self, *found: Finding, knows: bool = True, late: bool = False) -> None:
        self.found, self.knows, self.late = found, knows, late

    async def findings(self, snapshot: Snapshot, offset: int, text: str) -> tuple[Finding, ...] | None:
        if self.late:
            await asyncio.Event().wait()
        return self.found if self.knows else None


@pytest.mark.parametrize(
    ("judge", "finding", "shown"),
    [
        (Told(), "fits", "a()\nb()"),
        (Told(Finding("unknown name", 4)), "cut", "a()"),
        (Told(Finding("unknown name", 1)), "withheld", ""),
        (Told(knows=False), "unchecked", "a()\nb()"),
        (Told(late=True), "unchecked", "a()\nb()"),
    ],
)
async def test_names(judge: Told, finding: str, shown: str) -> None:
    verdict = await names.check(judge, SNAPSHOT, 0, "a()\nb()", lambda _: True)
    assert (verdict.finding, verdict.text) == (finding, shown)


async def test_a_beginning_that_does_not_fit_is_withheld_too() -> None:
    verdict = await names.check(Told(Finding("unknown name", 4)), SNAPSHOT, 0, "a()\nb()", lambda _: False)
    assert (verdict.finding, verdict.text) == ("withheld", "")
