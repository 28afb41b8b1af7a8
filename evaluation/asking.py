"""The far lane at a hole: what it is shown, through the gateway, which decides whether it may see that and pays."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..clients.chat import ChatRequest, Deadlines
from ..clients.model import Lane
from ..routing.ask import AskRecord, AskRequest, Quote
from ..routing.errors import GatewayError
from ..routing.gateway import Gateway
from ..routing.money.amount import MICRO
from ..routing.privacy.sources import Source
from . import prompts
from .holes import Hole

MOST_BEFORE, MOST_AFTER = 24_000, 8_000
"""Characters of the file that are shown on either side of the cursor, in whole lines."""

_DEADLINES = Deadlines(first_s=60.0, idle_s=30.0, total_s=120.0)
_FAR: frozenset[Lane] = frozenset({"far"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of another file that belong to a hole, counted from 1, both included."""

    path: str
    start_line: int
    end_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """A hole in the file `path` of the workspace `root`, with what other files say about it."""

    root: Path
    path: str
    hole: Hole
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a lane wrote at a hole. `text` is empty where it wrote nothing; `reason` says why then.

    `trouble` says why it was not asked, or that its answer is of no use: then it counts for nothing but its cost.
    """

    text: str = ""
    lane: Lane | str | None = None
    model: str | None = None
    ms: float = 0.0
    cost_usd: float = 0.0
    reason: str = ""
    trouble: str = ""
    refusal: GatewayError | None = field(default=None, compare=False, repr=False)


class Asker:
    """Asks the far lane about holes, one question each."""

    def __init__(self, gateway: Gateway, deadlines: Deadlines = _DEADLINES) -> None:
        self._gateway = gateway
        self._deadlines = deadlines
        self._fence = secrets.token_hex(4)

    async def quote(self, place: Place) -> Quote:
        """What the answer at a place would cost, and who would give it; nothing is sent."""
        return await self._gateway.quote(self._asked(place))

    async def ask(
        self, place: Place, most_usd: float | None = None, heard: Callable[[AskRecord], None] = lambda _: None
    ) -> Answer:
        """Ask for `most_usd` at most; raises nothing but a cancel, which hangs up and charges what was reported.

        `heard` gets the record, that of an ask which was given up too.
        """
        spent: list[AskRecord] = []

        def paid(record: AskRecord) -> None:
            spent.append(record)
            heard(record)

        most = round(most_usd * MICRO) if most_usd is not None else None
        began = time.perf_counter()
        text, trouble, refusal = "", "", None
        try:
            async with self._gateway.ask(self._asked(place, most), paid) as answer:
                said = await answer.whole()
                trouble = "the answer was longer than it may be" if answer.finish == "length" else ""
            text = prompts.read(said) if not trouble else ""
        except GatewayError as error:
            trouble, refusal = str(error), error
        except prompts.AnswerUnusable as error:
            trouble = str(error)
        record = spent[-1] if spent else None
        return Answer(
            _in_line_ends(text, place.hole),
            record.lane if record else None,
            record.model if record else None,
            (time.perf_counter() - began) * 1000,
            record.cost / MICRO if record else 0.0,
            "" if text or trouble else "The model had nothing to add here.",
            trouble,
            refusal,
        )

    def _asked(self, place: Place, most: int | None = None) -> AskRequest:
        hole = place.hole
        return AskRequest(
            task="evaluate",
            root=place.root,
            path=place.path,
            sources=sources(place),
            build=partial(_build, self._fence),
            language=hole.language,
            size_bytes=len(hole.without.encode("utf-8", "replace")),
            deadlines=self._deadlines,
            lanes=_FAR,
            most=most,
        )


def sources(place: Place) -> tuple[Source, ...]:
    """Everything that would leave: other files' lines, then what stands before the cursor and what stands behind it."""
    hole = place.hole
    before = hole.before[-MOST_BEFORE:]
    if len(before) < len(hole.before):
        before = before[before.find("\n") + 1 :]
    after = hole.after[:MOST_AFTER]
    if len(after) < len(hole.after):
        after = after[: after.rfind("\n") + 1]
    line = hole.line + 1
    others = [Source("snippet", one.text, one.path, one.start_line, one.end_line) for one in place.pieces]
    first = Source("file", before, place.path, line - before.count("\n"), line, required=True)
    return (*others, first, Source("file", after, place.path, line, line + after.count("\n"), required=True))


def _build(fence: str, model: str, shown: tuple[Source, ...]) -> ChatRequest:
    return prompts.request(model, shown, fence)


def _in_line_ends(text: str, hole: Hole) -> str:
    """The text with the line ends of its file."""
    plain = text.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in hole.without else plain
