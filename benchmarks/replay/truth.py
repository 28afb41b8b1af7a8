"""`python -m benchmarks.replay.truth`: the checks look at what really stood in the holes, and at the same with a slip.

A finding about a true text is a fault of ours. The slip is one name of the text to which letters are added, so that it
means nothing: how many of those are noticed tells what the checks are worth.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from twolane.completion.analysis import Analysis
from twolane.completion.checks import region, syntax, trial
from twolane.completion.checks.names import Silent
from twolane.completion.checks.trees import Trees
from twolane.completion.checks.trial import Trial
from twolane.completion.judging import WorkspaceJudge
from twolane.completion.question import pose
from twolane.completion.window import cut
from twolane.context.document import Snapshot
from twolane.context.languages.reading import read_text
from twolane.context.parsing import Refused
from twolane.evaluation.holes import Hole, below, draw
from twolane.server.config.settings import Settings
from twolane.server.indexer import indexer_for

from ..report import own_places
from .projects import every_language

_SLIP = "Wrt"
LEAST = 3


@dataclass(slots=True)
class Tally:
    """Of one language: true texts judged, those blamed by each check, slips made and noticed."""

    judged: int = 0
    silent: Counter[str] = field(default_factory=Counter)
    syntax: int = 0
    names: int = 0
    slips: int = 0
    noticed: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay.truth", description=__doc__)
    parser.add_argument("--repository", type=Path, action="append", help="a project's folder; may be given again")
    parser.add_argument("--holes", type=int, default=450, help="how many of each project (%(default)s)")
    parser.add_argument("--only", default="", help="projects whose folder's name contains one of these words")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    folders = [folder.resolve() for folder in options.repository or _fetched(options.only.split())]
    tallies = asyncio.run(_judged(folders, options.holes, options.seed))
    for line in table(tallies):
        print(line)
    return 0


def _fetched(only: Sequence[str]) -> Iterator[Path]:
    for folder, problem in every_language():
        if problem:
            print(f"{folder}: {problem}", file=sys.stderr)
        elif not only or any(word in str(folder) for word in only):
            yield folder


def table(tallies: dict[str, Tally]) -> list[str]:
    """The figures for people."""
    lines = [f"  {'':16}{'true texts':>11}{'judged':>8}{'blamed: syntax':>16}{'names':>7}{'slips noticed':>15}"]
    for language, tally in sorted(tallies.items()):
        silent = sum(tally.silent.values())
        share = f"{tally.noticed} of {tally.slips}"
        lines.append(
            f"  {language:16}{tally.judged + silent:>11}{tally.judged:>8}{tally.syntax:>16}{tally.names:>7}{share:>15}"
        )
    return lines


async def _judged(folders: Sequence[Path], count: int, seed: int) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    with own_places() as env:
        os.environ.update(env)
        for folder in folders:
            analysis = Analysis(indexer=indexer_for(Settings()))
            judge = WorkspaceJudge(analysis, most_seconds=60)
            try:
                holes = sorted(
                    (hole for _, hole in draw({folder: below(folder)}, count, seed)), key=lambda hole: str(hole.path)
                )
                for path, group in groupby(holes, key=lambda hole: hole.path):
                    for hole in group:
                        await _one(analysis, judge, folder, hole, tallies.setdefault(hole.language, Tally()), seed)
                    analysis.closed(path.relative_to(folder).as_posix(), folder)
            finally:
                analysis.close()
    return tallies


async def _one(analysis: Analysis, judge: WorkspaceJudge, folder: Path, hole: Hole, tally: Tally, seed: int) -> None:
    relative = hole.path.relative_to(folder).as_posix()
    snapshot = Snapshot(hole.path.as_uri(), relative, folder, hole.language, 1, hole.without)
    await analysis.fresh(snapshot)
    offset = len(hole.before)
    tried = _tried(snapshot, offset)
    verdict = syntax.check(tried, pose(snapshot, offset, (24_000, 6_000), "auto"), hole.text)
    if verdict.finding in ("withheld", "cut"):
        tally.syntax += 1
        print(f"{relative}:{hole.line + 1}: {verdict}: {hole.text!r}", file=sys.stderr)
    found = await judge.findings(snapshot, offset, hole.text, tried)
    if isinstance(found, Silent):
        tally.silent[found.why] += 1
        return
    tally.judged += 1
    if found:
        tally.names += 1
        for one in found:
            said = hole.text[one.at :].partition("\n")[0]
            print(f"{relative}:{hole.line + 1}: {one.problem}: {said!r}", file=sys.stderr)
    if (wrong := slipped(hole, random.Random(f"{seed}{relative}{offset}"))) is not None:
        tally.slips += 1
        told = await judge.findings(snapshot, offset, wrong, _tried(snapshot, offset))
        tally.noticed += not isinstance(told, Silent) and len(told) > len(found)


def _tried(snapshot: Snapshot, offset: int) -> Trial | None:
    text = snapshot.text
    document = cut(text, offset, len(text), len(text)) if len(text) <= trial.LONGEST_DOCUMENT else None
    question = pose(snapshot, offset, (24_000, 6_000), "auto")
    return trial.begin(Trees(), question, region.view(text, offset), document)


def slipped(hole: Hole, chance: random.Random) -> str | None:
    """The text with a slip in one of its names that stand alone, behind no dot; None where it has none."""
    facts = read_text(hole.language, hole.before + hole.text + hole.after)
    if isinstance(facts, Refused):
        return None
    rows = hole.text.split("\n")
    first, column = hole.line + 1, len(hole.before) - hole.before.rfind("\n") - 1
    ends: list[int] = []
    for one in facts.references:
        row = one.line - first
        if one.receiver or not 0 <= row < len(rows) or len(one.name) < LEAST:
            continue
        at = one.column - (column if row == 0 else 0)
        if at >= 0 and rows[row].startswith(one.name, at):
            ends.append(sum(map(len, rows[:row])) + row + at + len(one.name))
    if not ends:
        return None
    end = chance.choice(ends)
    return hole.text[:end] + _SLIP + hole.text[end:]


if __name__ == "__main__":
    sys.exit(main())
