"""What cannot be right is cut away with its line, or withheld; who does not know in time is not waited for."""

from __future__ import annotations

import asyncio

import pytest

from twolane.completion.checks import meaning, names
from twolane.completion.checks import trial as trials
from twolane.completion.checks.names import Finding, Silent
from twolane.completion.checks.trees import Trees
from twolane.completion.checks.trial import Trial
from twolane.completion.question import pose
from twolane.context.document import Snapshot

SNAPSHOT = Snapshot("file:///x", "x", None, "python", 1, "")


class Told:
    def __init__(self, *found: Finding, knows: bool = True, late: bool = False) -> None:
        self.found, self.knows, self.late = found, knows, late

    async def findings(
        self, snapshot: Snapshot, offset: int, text: str, trial: Trial | None
    ) -> tuple[Finding, ...] | Silent:
        if self.late:
            await asyncio.Event().wait()
        return self.found if self.knows else Silent("nobody has read it")


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
    verdict = await names.check(judge, SNAPSHOT, 0, "a()\nb()", None)
    assert (verdict.finding, verdict.text) == (finding, shown)


async def test_a_beginning_that_does_not_fit_is_withheld_too() -> None:
    document = Snapshot("file:///x", "x", None, "python", 1, "")
    trial = trials.begin(Trees(), pose(document, 0, (24_000, 6_000), "auto"))
    verdict = await names.check(Told(Finding("unknown name", 5)), SNAPSHOT, 0, "a() )\nb()", trial)
    assert (verdict.finding, verdict.text) == ("withheld", "")


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("unknown name", "a name in it is neither defined nor imported in this file, nor known to the language"),
        ("unknown member", "a member that the object does not have"),
        ("arguments do not fit", "more or fewer arguments than that takes"),
    ],
)
async def test_what_is_withheld_is_said_in_a_sentence_that_names_the_check(problem: str, said: str) -> None:
    verdict = await names.check(Told(Finding(problem, 1)), SNAPSHOT, 0, "secret_word()", None)
    sentence = meaning.withheld(verdict)
    assert sentence.startswith("What the model wrote was withheld: ")
    assert said in sentence
    assert sentence.endswith("(check `names`).")
    assert "secret_word" not in sentence
    assert meaning.told(str(verdict), sentence) == "names: all of it was withheld"
    assert said in meaning.told(str(verdict))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("syntax: fits", "syntax: nothing wrong was found"),
        (
            "syntax: fits (a block begins at its end)",
            "syntax: nothing wrong was found (a block begins at its end)",
        ),
        ("syntax: closed (brackets were open)", "syntax: what it had left open was closed"),
        ("syntax: cut (syntax error)", "syntax: its end was left out, because it would be a syntax error here"),
        (
            "names: unchecked (the answer could not wait for it any longer)",
            "names: not checked, because the answer could not wait for it any longer",
        ),
        ("names: unchecked (no time)", "names: not checked, because no time"),
        ("something else: of a later version", "something else: of a later version"),
    ],
)
def test_what_a_check_found_is_told_in_words(line: str, told: str) -> None:
    assert meaning.told(line) == told


@pytest.mark.parametrize(("waited_s", "least", "most"), [(0.0, 0.001, 0.005), (0.2, 0.01, 0.03), (60.0, 0.01, 0.05)])
def test_who_waited_long_for_the_model_waits_a_little_for_the_check(waited_s: float, least: float, most: float) -> None:
    assert least <= names.patience(waited_s) <= most
