"""`python -m benchmarks.replay.through`: what really stood in the holes goes through all that a model's text does.

A model that is right writes the hidden text, and then on into what stands below; the end has to be found, and nothing
of the text may be changed. Told for each language: how many true texts are shown whole, how many end early or go on
beyond what was hidden (a statement may), how many are held back, and how many are changed, which is always a fault of
ours. `--json FILE` keeps all but the whole ones.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from twolane.clients.model import Health, InfillRequest, InfillStream, ModelInfo, Usage
from twolane.completion.asking import CompletionOptions
from twolane.completion.completer import Completer
from twolane.context.document import Snapshot
from twolane.evaluation.holes import Hole, below, draw

from .projects import every_language

_GOES_ON = 400
_PIECE = 6

Outcome = Literal["whole", "shorter", "longer", "silent", "changed"]
OUTCOMES: tuple[Outcome, ...] = ("whole", "shorter", "longer", "silent", "changed")


class _Stream:
    def __init__(self, text: str) -> None:
        self._text = text
        self.usage: Usage | None = None

    async def __aiter__(self) -> AsyncIterator[str]:
        for at in range(0, len(self._text), _PIECE):
            yield self._text[at : at + _PIECE]
        self.usage = Usage(1, 0, 1, 1, 0.0, 0.0, 0.0, "end")

    def interrupt(self) -> None:
        """Nothing more is wanted."""
        self.usage = Usage(1, 0, 1, 1, 0.0, 0.0, 0.0, "stop")


@dataclass(slots=True)
class Right:
    """A model that writes what it is told to."""

    text: str = ""
    health: Health = field(default_factory=lambda: Health("ready"))

    @asynccontextmanager
    async def infill(self, _request: InfillRequest) -> AsyncIterator[InfillStream]:
        """Write the text."""
        yield _Stream(self.text)

    async def info(self) -> ModelInfo:
        """It is nobody."""
        return ModelInfo("right", "none", "", 8192, "cpu")

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Guess."""
        return [len(text) // 3 for text in texts]

    async def close(self) -> None:
        """There is nothing to let go of."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person would have seen of a true text, and why."""

    outcome: Outcome
    text: str
    filters: tuple[str, ...]
    checks: tuple[str, ...]
    reason: str


async def shown(hole: Hole) -> Shown:
    """Put what stood in a hole through everything."""
    completer = Completer(Right(hole.text + hole.after[:_GOES_ON]))
    snapshot = Snapshot("file:///x", "x", None, hole.language, 1, hole.before + hole.after)
    found = await completer.complete(snapshot, len(hole.before), CompletionOptions(), wait_for_context=True)
    await completer.close()
    trace = found.trace
    outcome = judged(hole.text, found.text)
    return Shown(outcome, found.text, tuple(trace.filters), tuple(trace.checks), trace.reason)


def judged(true: str, text: str) -> Outcome:
    """What became of a true text; white space at line ends counts nothing, nor what a filter takes for a new line."""
    wanted, got = _plain(true), _plain(text)
    if got == wanted:
        return "whole"
    if not got:
        return "silent"
    if wanted.startswith(got):
        return "shorter"
    return "longer" if got.startswith(wanted) else "changed"


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).rstrip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Put true texts through, and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay.through", description=__doc__)
    parser.add_argument("--repository", type=Path, action="append", help="a project's folder; may be given again")
    parser.add_argument("--holes", type=int, default=200, help="how many of each project (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write down what was not shown whole")
    options = parser.parse_args(arguments)
    folders = [folder.resolve() for folder in options.repository or _fetched()]
    tallies: dict[str, Counter[str]] = defaultdict(Counter)
    told: list[dict[str, Any]] = []
    for hole, found in asyncio.run(_all(folders, options.holes, options.seed)):
        tallies[hole.language][found.outcome] += 1
        if found.outcome != "whole":
            told.append(
                {"outcome": found.outcome, "language": hole.language, "kind": hole.kind, "path": str(hole.path)}
                | {"line": hole.line + 1, "hidden": hole.text, "shown": found.text, "filters": found.filters}
                | {"checks": found.checks, "reason": found.reason}
            )
    if options.json:
        options.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    for line in table(tallies):
        print(line)
    return 0


def _fetched() -> Iterator[Path]:
    for folder, problem in every_language():
        if problem:
            print(f"{folder}: {problem}", file=sys.stderr)
        else:
            yield folder


async def _all(folders: Sequence[Path], count: int, seed: int) -> list[tuple[Hole, Shown]]:
    found: list[tuple[Hole, Shown]] = []
    for folder in folders:
        found += [(hole, await shown(hole)) for _, hole in draw({folder: below(folder)}, count, seed)]
        print(f"{folder.name}: {len(found)} so far", file=sys.stderr)
    return found


def table(tallies: dict[str, Counter[str]]) -> list[str]:
    """The figures for people."""
    lines = [f"  {'':18}{'true texts':>11}" + "".join(f"{outcome:>9}" for outcome in OUTCOMES)]
    for language, tally in (*sorted(tallies.items()), ("all", sum(tallies.values(), Counter()))):
        each = "".join(f"{tally[outcome]:>9}" for outcome in OUTCOMES)
        lines.append(f"  {language:18}{sum(tally.values()):>11}{each}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
