"""Both lanes at the same holes: the completer as an editor would ask it, the far lane within a sum of money."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from ..clients.errors import ModelError
from ..context.document import Snapshot
from ..evaluation.asking import Answer, Asker, Piece, Place
from ..evaluation.holes import Hole
from ..routing.ask import AskRecord, Quote
from ..routing.errors import CapReached, GatewayError, LedgerClosed, NoCandidate
from ..routing.money.amount import MICRO
from .commands.answers import Answers
from .commands.files import UnreadableError, read_snapshot
from .commands.masking import masked

NEAR, ALONE, FAR = "near", "near, no other files", "far"
SIDES = (NEAR, ALONE, FAR)
GIVEN_UP, NOT_ASKED = "ended while it was being answered", "ended before it was asked"

_OWN_STAGES = ("queue", "prefill", "decode", "model", "filters", "checks")
AT_ONCE = 4
_TRIES = 3
"""So many attempts at an answer are paid for where there is money for them; one at least."""


class NearSide:
    """The lane that completes in a person's editor, asked from one warm process."""

    def __init__(self, answers: Answers, root: Path) -> None:
        self._answers = answers
        self._root = root
        self._version = 0
        self._has_answered = False

    async def ask(self, hole: Hole) -> tuple[dict[str, Answer], tuple[Piece, ...]]:
        """Its answers with and without what other files say, and the lines that it was shown of them.

        Raise `ModelError` where no model can be had; once there was one, its failures cost one place each. A server
        elsewhere is asked once only: each answer costs.
        """
        self._version += 1
        try:
            snapshot = read_snapshot(hole.path, self._root, self._version)
        except UnreadableError as error:
            return {NEAR: Answer(trouble=str(error))}, ()
        if snapshot.text != hole.before + hole.text + hole.after:
            return {NEAR: Answer(trouble=f"{snapshot.path} has changed meanwhile")}, ()
        if reason := self._answers.silence(snapshot):
            return {NEAR: Answer(trouble=reason)}, ()
        start = len(hole.before)
        snapshot, offset = masked(snapshot, start, start + len(hole.text), frozenset())
        try:
            await self._answers.ready(snapshot)
            self._has_answered = True
            first, pieces = await self._asked(snapshot, offset, None)
            if first.lane != "near":
                return {NEAR: first}, pieces
            return {NEAR: first, ALONE: (await self._asked(snapshot, offset, 0))[0]}, pieces
        except ModelError as error:
            if not self._has_answered:
                raise
            return {NEAR: Answer(trouble=str(error))}, ()
        finally:
            self._answers.forget(snapshot)

    async def _asked(self, snapshot: Snapshot, offset: int, tokens: int | None) -> tuple[Answer, tuple[Piece, ...]]:
        completion = await self._answers.ask(snapshot, offset, tokens)
        trace = completion.trace
        ms = sum(trace.stages.get(name, 0.0) for name in _OWN_STAGES)
        answer = Answer(completion.text, trace.lane, trace.model, ms, 0.0, trace.reason)
        pieces = (self._piece(one.path, one.start_line, one.end_line) for one in trace.sources)
        return answer, tuple(piece for piece in pieces if piece is not None)

    def _piece(self, path: str, first: int, last: int) -> Piece | None:
        try:
            text = read_snapshot(self._root / path, self._root).text
        except UnreadableError:
            return None
        return Piece(path, first, last, "\n".join(text.replace("\r\n", "\n").split("\n")[first - 1 : last]))


class FarSide:
    """The far lane, asked about several places at once until `most_usd` could be passed by one more."""

    def __init__(self, asker: Asker, most_usd: float) -> None:
        self._asker = asker
        self._left = most_usd
        self._under_way = 0
        self._settled = asyncio.Event()
        self.stopped = ""

    async def ask(self, places: Sequence[Place], done: Callable[[int, Answer], None]) -> None:
        """Ask about each place; `done` hears of each answer with its place's number as soon as it is there.

        A cancel hangs up: `done` then hears what the answers under way cost, and of the other places nothing.
        """
        waiting = iter(enumerate(places))

        async def work() -> None:
            for number, place in waiting:
                paid: list[AskRecord] = []
                try:
                    done(number, await self._asked(place, paid.append))
                except asyncio.CancelledError:
                    for record in (one for one in paid if one.sent):
                        done(number, Answer("", record.lane, record.model, 0.0, record.cost / MICRO, trouble=GIVEN_UP))
                    raise

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(places))):
                group.create_task(work())

    async def _asked(self, place: Place, paid: Callable[[AskRecord], None]) -> Answer:
        if self.stopped:
            return Answer(trouble=self.stopped)
        quote = await self._asker.quote(place)
        aside = await self._set_aside(quote.worst_usd)
        if aside is None:
            return Answer(trouble=self.stopped)
        cost = 0.0
        try:
            answer = await self._asker.ask(place, aside, paid)
            cost = answer.cost_usd
        finally:
            self._under_way -= 1
            self._left += aside - cost
            self._settled.set()
        if answer.refusal is not None and _concerns_all(answer.refusal, quote):
            self.stopped = answer.trouble
        return answer

    async def _set_aside(self, worst_usd: float) -> float | None:
        """Set the worst case aside, and return what may be spent; None where that is too much.

        Where others have set it aside, wait for what they leave of theirs.
        """
        while not self.stopped and worst_usd > self._left and self._under_way:
            self._settled.clear()
            await self._settled.wait()
        if self.stopped:
            return None
        if worst_usd > self._left:
            left = max(0.0, self._left)
            self.stopped = f"the next answer could cost ${worst_usd:.4f}, and ${left:.4f} is left of --at-most"
            return None
        aside = max(worst_usd, min(self._left, worst_usd * _TRIES))
        self._left -= aside
        self._under_way += 1
        return aside


def _concerns_all(refusal: GatewayError, quote: Quote) -> bool:
    """Whether the next place would be told so as well: money and a model's health are no file's own, rules are."""
    if isinstance(refusal, NoCandidate):
        return quote.model is not None or any(step.by == "health" for step in quote.decision.steps)
    return isinstance(refusal, CapReached | LedgerClosed)
