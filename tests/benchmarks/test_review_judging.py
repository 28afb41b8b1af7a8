"""The harness that scores reviews counts what was found, invented and said again, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.review.accounting import Accounts
from benchmarks.review.corpus import Case, in_file
from benchmarks.review.judging import Score, judge
from benchmarks.review.scripted import HABITS, Scripted
from tests.clients.scripted.server import serving
from tests.routing.gateway_factory import housed
from twolane.clients.anthropic.client import AnthropicClient
from twolane.review.reviewing import Reviewer, ReviewOptions

REPAIRED = '''\
def size(values):
    """How many there are."""
    return len(values) + 1


def mean(values):
    if not values:
        return 0
    return sum(values) / len(values)


def last(values):
    return values[-1]
'''
BEFORE = REPAIRED.replace("    if not values:\n        return 0\n", "").replace("How many there", "The number there")


def corpus() -> list[Case]:
    return [case for pair in in_file("made up", "stats.py", BEFORE, REPAIRED) for case in pair]


def test_a_repair_taken_back_is_a_defect_and_a_change_of_documentation_is_none() -> None:
    defect, clean = corpus()
    assert (defect.name, defect.defect, clean.defect) == ("made up:mean", True, False)
    assert "if not values" not in defect.text
    assert clean.text == defect.base == REPAIRED
    assert "How many there are" in defect.text


async def score(tmp_path: Path, name: str) -> Score:
    model = Scripted(HABITS[name], 1)
    async with serving(Accounts().script(model)) as server:
        client = AnthropicClient(lambda: "key", server.url)
        async with housed(tmp_path / "project", client) as house:
            (tmp_path / "project").mkdir()

            def begin(case: Case) -> None:
                model.case = case

            found = await judge(corpus(), Reviewer(house.gateway, ReviewOptions()), tmp_path / "project", begin)
        await client.close()
    return found


@pytest.mark.parametrize(("name", "recall", "precision"), [("perfect", 100.0, 100.0), ("silent", 0.0, 100.0)])
async def test_scripted_models_get_the_scores_they_are_made_for(
    tmp_path: Path, name: str, recall: float, precision: float
) -> None:
    found = await score(tmp_path, name)
    assert (found.recall, found.precision, found.alarms, found.misplaced) == (recall, precision, 0, 0)
    assert (found.defects, found.clean) == (1, 1)
    assert found.cost_usd > 0
    assert not found.incomplete


def test_precision_counts_what_is_said_again_and_what_is_said_of_clean_changes() -> None:
    assert Score(defects=4, clean=4, found=2, alarms=1, again=1).precision == 50.0
