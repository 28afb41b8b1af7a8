"""Both lanes at the same holes: the completer as an editor would ask it, the far lane within a sum of money."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from ..clients.errors import ModelError
from ..context.document import Snapshot
from ..evaluation.asking import Answer, Asker, Piece, Place
from ..evaluation.holes import Hole
from ..routing.errors import CapReached, LedgerClosed, NoCandidate
from .commands.answers import Answers
from .commands.files import UnreadableError, read_snapshot
from .commands.masking import masked

NEAR, ALONE, FAR = "near", "near, no other files", "far"
SIDES = (NEAR, ALONE, FAR)

_OWN_STAGES = ("queue", "prefill", "decode", "model", "filters", "checks")
_AT_ONCE = 4
_FINAL = (CapReached, LedgerClosed, NoCandidate)
"""What the next place would be told as well."""


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
        self.stopped = ""

    async def ask(self, places: Sequence[Place], done: Callable[[], None]) -> list[Answer]:
        """An answer for each place, in order; `done` hears of each."""
        found: list[Answer | None] = [None] * len(places)
        waiting = iter(enumerate(places))

        async def work() -> None:
            for number, place in waiting:
                found[number] = await self._asked(place)
                done()

        async with asyncio.TaskGroup() as group:
            for _ in range(min(_AT_ONCE, len(places))):
                group.create_task(work())
        return [answer or Answer(trouble="not asked") for answer in found]

    async def _asked(self, place: Place) -> Answer:
        if self.stopped:
            return Answer(trouble=self.stopped)
        quote = await self._asker.quote(place)
        if quote.worst_usd > self._left:
            left = max(0.0, self._left)
            self.stopped = f"the next answer could cost ${quote.worst_usd:.4f}, and ${left:.4f} is left of --at-most"
            return Answer(trouble=self.stopped)
        self._left -= quote.worst_usd
        answer = await self._asker.ask(place)
        self._left += quote.worst_usd - answer.cost_usd
        if isinstance(answer.refusal, _FINAL):
            self.stopped = answer.trouble
        return answer
