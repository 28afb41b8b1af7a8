"""Measure review: `python -m benchmarks.review [saving|caching|judging ...]`, all of it without a word.

    --runs N          saves that are timed, and saves of one file that are counted
    --pairs N         defects, and as many clean changes, that are judged
    --lane NAME       who is asked: silent, perfect, eager, sloppy (all scripted), or `configured`: whoever your own
                      settings let answer, for money and under your caps
    --json            one JSON document

Without a key the judging runs against scripted models. It then tries the harness out and says nothing about any model.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from tests.clients.scripted.server import serving
from tests.routing.gateway_factory import housed
from twolane.clients.anthropic.client import AnthropicClient
from twolane.review.reviewing import Reviewer, ReviewOptions
from twolane.server import reviewing
from twolane.server.config import gateway as rules
from twolane.server.config.settings import load
from twolane.server.elsewhere import build_gateway

from ..report import Figure, machine, tell
from . import caching, saving
from .accounting import Accounts
from .corpus import cases
from .judging import Score, figures, judge
from .patches import PATCHES
from .scripted import NAMES, scripted

PARTS = ("saving", "caching", "judging")
_SEED = 8


async def judged(lane: str, pairs: int) -> Score:
    """Judge whoever `lane` names on so many pairs of the corpus."""
    corpus = cases(PATCHES, pairs, _SEED)
    with tempfile.TemporaryDirectory(prefix="twolane-review-") as place:
        root = Path(place)
        async with AsyncExitStack() as stack:
            if lane == "configured":
                loaded = load(root, trusted=False)
                elsewhere = build_gateway(loaded.settings, rules.fault(loaded))
                stack.push_async_callback(elsewhere.close)
                return await judge(corpus, Reviewer(elsewhere.gateway, reviewing.options(loaded.settings)), root)
            model = scripted(lane, _SEED)
            accounts = Accounts()
            server = await stack.enter_async_context(serving(accounts.script(model)))
            client = AnthropicClient(lambda: "key", server.url)
            stack.push_async_callback(client.close)
            house = await stack.enter_async_context(housed(root, client))

            def begin(case: object) -> None:
                model.case = next(one for one in corpus if one is case)

            return await judge(corpus, Reviewer(house.gateway, ReviewOptions()), root, begin)


def main(words: Sequence[str] | None = None) -> None:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--lane", choices=[*NAMES, "configured"])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(words)
    parts = arguments.parts or PARTS
    where = machine()
    found: list[Figure] = []
    notes: list[str] = []
    if "saving" in parts:
        found += saving.measure(arguments.runs, 5_000, 200)
        notes.append("save to request: the real server, a scripted provider on loopback; the file was analysed before.")
    if "caching" in parts:
        found += caching.figures(asyncio.run(caching.saves(max(2, arguments.runs))))
        notes.append("the cache: as a scripted provider accounts for it; no real one was asked.")
    if "judging" in parts:
        for lane in (arguments.lane,) if arguments.lane else NAMES:
            score = asyncio.run(judged(lane, arguments.pairs))
            found += figures(lane, score)
            notes += [
                f"{lane}: {count} not reviewed to the end: {reason}" for reason, count in score.incomplete.items()
            ]
            notes += [f"{lane}: {count} dropped: {reason}" for reason, count in sorted(score.dropped.items())]
        if arguments.lane != "configured":
            notes.append("scripted models answer by rule: their scores try the harness out and judge no model.")
    if os.getloadavg()[0] > (os.cpu_count() or 1):
        notes.append("the machine was busy with other work: times are longer than on an idle one.")
    tell("Review", where, found, notes, arguments.json)


if __name__ == "__main__":
    main()
