"""A finding that was dismissed stays away, through edits and restarts, as long as its text stands."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.review.test_proof import CLAIM, TEXT
from twolane.context.languages.reading import read_text
from twolane.context.parsing import Refused
from twolane.review.changes import Lines
from twolane.review.dismissals import Dismissals, UnreadableDismissals
from twolane.review.proof import Proved, Reviewed, prove
from twolane.review.regions import regions


def reviewed(text: str, dismissals: Dismissals) -> Proved:
    """Claim the same defect about whatever line it stands in now."""
    rows = text.split("\n")
    line = next(number for number, row in enumerate(rows, 1) if "total / len" in row)
    facts = read_text("python", text)
    assert not isinstance(facts, Refused)
    file = Reviewed("stats.py", text, regions(text, facts, [Lines(1, len(rows) - 1)]), facts)
    return prove([replace(CLAIM, start_line=line, end_line=line)], [file], dismissals.__contains__)


def test_a_dismissed_finding_does_not_come_back_in_fifty_edits(tmp_path: Path) -> None:
    path = tmp_path / "dismissed.json"
    Dismissals(path).add(reviewed(TEXT, Dismissals(path)).findings)
    dice = random.Random(7)
    rows = TEXT.split("\n")
    for number in range(50):
        keep = next(at for at, row in enumerate(rows) if "total / len" in row)
        at = dice.choice([0, keep, len(rows) - 1])
        rows.insert(at, "    extra = 1" if at == keep else f"# line {number}")
        proved = reviewed("\n".join(rows), Dismissals(path))
        assert proved.findings == ()
        assert proved.dropped == {"dismissed before": 1}


def test_two_writers_lose_nothing_and_words_are_kept_for_people(tmp_path: Path) -> None:
    path, lock = tmp_path / "dismissed.json", tmp_path / "elsewhere" / "lock"
    (finding,) = reviewed(TEXT, Dismissals(path)).findings
    one, two = (Dismissals(path, lock=lock, in_words=True) for _ in range(2))
    one.add([finding], "callers never pass an empty list")
    two.add([replace(finding, rule="another")])
    assert finding in two
    assert len(one) == 2
    assert "callers never pass an empty list" in path.read_text()
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["dismissed.json"]


def test_a_broken_file_is_told_and_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "dismissed.json"
    (finding,) = reviewed(TEXT, Dismissals(path)).findings
    path.write_text("{")
    with pytest.raises(UnreadableDismissals, match="mend it or delete it"):
        Dismissals(path).add([finding])
    assert path.read_text() == "{"
