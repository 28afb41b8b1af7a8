"""Reviews of the corpus, counted: how many defects are found, how much of what is said is one, and what it costs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twolane.review.finding import Finding
from twolane.review.reviewing import Reviewer
from twolane.server import changed, reviewing

from ..report import Figure, figure
from .corpus import Case


@dataclass
class Score:
    """`found` defects of `defects`; `alarms` are findings about `clean` changes, `again` further ones of one defect."""

    defects: int = 0
    clean: int = 0
    found: int = 0
    alarms: int = 0
    again: int = 0
    cost_usd: float = 0.0
    seconds: list[float] = field(default_factory=list)
    incomplete: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    misplaced: int = 0

    @property
    def recall(self) -> float:
        """Percent of the defects that were found."""
        return 100 * self.found / max(1, self.defects)

    @property
    def precision(self) -> float:
        """Percent of all findings that are the first one of a defect; 100 where nothing was said."""
        said = self.found + self.alarms + self.again
        return 100 * self.found / said if said else 100.0


async def judge(
    cases: Sequence[Case], reviewer: Reviewer, root: Path, begin: Callable[[Case], None] = lambda _: None
) -> Score:
    """Review each case alone; one that does not come to its end counts for nothing but in `incomplete`."""
    score = Score()
    for case in cases:
        begin(case)
        file = root / case.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(case.text, encoding="utf-8")
        looked = reviewing.look(changed.Changed(case.path, case.text, case.lines))
        began = time.perf_counter()
        findings: list[Finding] = []
        for subject in reviewing.subjects(root, looked, looked.regions, None, ""):
            review = await reviewer.review(subject, lambda _: False)
            score.cost_usd += review.cost_usd
            score.dropped.update(review.dropped)
            if review.incomplete:
                score.incomplete[review.incomplete] += 1
                break
            findings += review.findings
        else:
            score.seconds.append(time.perf_counter() - began)
            rows = case.text.split("\n")
            for one in findings:
                there = "\n".join(row.strip() for row in rows[one.start_line - 1 : one.end_line])
                score.misplaced += one.quote not in there
            if case.defect:
                score.defects += 1
                score.found += bool(findings)
                score.again += max(0, len(findings) - 1)
            else:
                score.clean += 1
                score.alarms += len(findings)
    return score


def figures(name: str, score: Score) -> list[Figure]:
    """The score as figures."""
    per_change = score.cost_usd / max(1, score.defects + score.clean)
    return [
        figure(f"{name}: recall on {score.defects} defects", "%", [score.recall]),
        figure(f"{name}: precision", "%", [score.precision]),
        figure(f"{name}: findings about {score.clean} clean changes", "", [float(score.alarms)]),
        figure(f"{name}: said again", "", [float(score.again)]),
        figure(f"{name}: findings whose quote is absent", "", [float(score.misplaced)], goal=0.0),
        figure(f"{name}: cost of a change", "cents", [per_change * 100]),
        figure(f"{name}: time of a change", "s", score.seconds or [0.0]),
    ]
