"""Models that answer by rule, for a machine without a key: they try the harness out and judge no model."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .accounting import question
from .corpus import Case

NAMES = ("silent", "perfect", "eager", "sloppy")


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares of changes: `finds` a defect; `invents` one where there is none; says a thing `twice`; `misquotes`.

    `sees_through` is the share of its own inventions that it refutes when it is asked.
    """

    finds: float
    invents: float
    twice: float = 0.0
    misquotes: float = 0.0
    sees_through: float = 0.0


HABITS = {
    "silent": Habits(0.0, 0.0),
    "perfect": Habits(1.0, 0.0),
    "eager": Habits(0.8, 0.6, twice=0.2, sees_through=0.7),
    "sloppy": Habits(0.5, 0.3, misquotes=0.4),
}


class Scripted:
    """Answers about the case at hand; `case` is set by the harness before each review."""

    def __init__(self, habits: Habits, seed: int) -> None:
        self.case: Case | None = None
        self._habits = habits
        self._dice = random.Random(seed)
        self._invented: list[bool] = []

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to one question."""
        case, habits, dice = self.case, self._habits, self._dice
        if case is None:
            raise RuntimeError("no case is at hand")
        if question(body).startswith("Somebody reports"):
            told = question(body).split("\n\n")[-1].strip().split("\n")
            wrong = "An invention" in question(body)
            return {
                "findings": [],
                "verdicts": [
                    {"number": number, "holds": not (wrong and dice.random() < habits.sees_through), "because": "so"}
                    for number, _ in enumerate(told, 1)
                ],
            }
        claims: list[dict[str, Any]] = []
        if case.defect and dice.random() < habits.finds:
            claims.append(_claim(case, "taken-back", "The repair is taken back."))
            if dice.random() < habits.twice:
                claims.append(_claim(case, "same-again", "The repair is taken back, in other words."))
        elif not case.defect and dice.random() < habits.invents:
            claims.append(_claim(case, "invention", "An invention."))
        if dice.random() < habits.misquotes:
            claims.append(_claim(case, "misquote", "A quote that is not there.") | {"quote": "nobody_wrote_this()"})
        return {"findings": claims, "verdicts": []}


def scripted(name: str, seed: int) -> Scripted:
    """A model of this name."""
    return Scripted(HABITS[name], seed)


def _claim(case: Case, rule: str, title: str) -> dict[str, Any]:
    rows = case.text.split("\n")
    new = [line for one in case.lines for line in range(one.first, one.last + 1) if rows[line - 1].strip()]
    line = new[0] if new else case.lines[0].first
    return {
        "rule": rule,
        "severity": "error",
        "path": case.path,
        "start_line": line,
        "end_line": line,
        "quote": rows[line - 1].strip(),
        "title": title,
        "why": "It goes wrong.",
        "replace": "",
        "with": "",
        "see": [],
    }


Answer = Callable[[dict[str, Any]], dict[str, Any]]
