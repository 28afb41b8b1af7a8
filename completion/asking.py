"""What is asked of the model, and in which sizes: who answers, how fast it is, how much is wanted."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass

from ..clients.errors import ModelError
from ..clients.model import Extra, InfillClient, InfillRequest, ModelInfo, Priority
from ..context.document import Snapshot
from ..context.snippet import Parallel
from . import window
from .mode import Setting, ends_line, likely_one_line
from .pace import Pace, Plan
from .question import Question, pose

INFO_PATIENCE_S = 0.05
_PAUSE_S = 10.0
"""So long a model that could not say who it is is not asked that again."""


@dataclass(frozen=True, slots=True)
class CompletionOptions:
    """What a person set: budgets in tokens, `time_limit_ms` for generating, `multiline` for blocks.

    `goal_ms` is to hold for nine answers of ten, 0 for what suits the device; `ahead` lets the engine work on
    what is likely to be asked next; a request waits up to `wait_ms` for the next key, -1 for what suits the lane.
    `check` has what the model wrote looked at as code. A small model's line is the likeliest that so many `hypotheses`
    at a time find; with `copies` it goes on as the same text did before. `in_strings`, `in_comments` and
    `in_middle_of_line` allow suggestions there.
    """

    context_tokens: int = 1024
    max_tokens: int = 64
    time_limit_ms: int = 600
    multiline: Setting = "auto"
    max_document_bytes: int = 2_000_000
    goal_ms: int = 0
    ahead: bool = True
    wait_ms: int = -1
    check: bool = True
    in_strings: bool = True
    in_comments: bool = True
    in_middle_of_line: bool = True
    hypotheses: int = 4
    copies: bool = True


class Asking:
    """Knows the model and its pace, and makes requests that suit both."""

    def __init__(self, client: InfillClient) -> None:
        self.pace = Pace()
        self.info: ModelInfo | None = None
        self._client = client
        self._asking: asyncio.Task[ModelInfo] | None = None
        self._again_at = -math.inf
        self._question: Question | None = None
        self._place: tuple[Snapshot | None, int, tuple[int, int], Setting, int | None] = (None, 0, (0, 0), "auto", None)

    async def model(self, *, wait: bool) -> ModelInfo | None:
        """What answers, if it is known or says so at once; with `wait`, once it does (or its `ModelError`).

        One that could not say so is left alone for a while, unless somebody waits: who asks it for an answer, as is
        done at the next key, hears why not, or that it can.
        """
        if self.info is not None:
            return self.info
        if not wait and time.monotonic() < self._again_at:
            return None
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._client.info(), name="model info")
            self._asking.add_done_callback(self._heard)
        asking = self._asking
        done, _ = await asyncio.wait({asking}, timeout=None if wait else INFO_PATIENCE_S)
        if not done:
            return None
        if asking.cancelled() or (error := asking.exception()) is None:
            self.info = None if asking.cancelled() else asking.result()
            if self.info is not None:
                self.pace.met(self.info)
            return self.info
        if wait or not isinstance(error, ModelError):
            raise error
        return None

    async def who_answered(self) -> ModelInfo | None:
        """An answer came: what from, if that was not known yet and is said at once."""
        self._again_at = -math.inf
        return await self.model(wait=False) if self.info is None else None

    def _heard(self, asking: asyncio.Task[ModelInfo]) -> None:
        if not asking.cancelled() and isinstance(asking.exception(), ModelError):
            self._again_at = time.monotonic() + _PAUSE_S

    def copies(self, options: CompletionOptions) -> bool:
        """Whether the model goes on as other places do, and may."""
        return self.info is not None and self.info.copies and options.copies

    def plan(self, options: CompletionOptions) -> Plan:
        """Choose the sizes for the next request."""
        limits = options.max_tokens, options.time_limit_ms, options.goal_ms
        return self.pace.plan(
            self.info, *limits, ahead=options.ahead, hypotheses=options.hypotheses, copies=options.copies
        )

    def pose(
        self, snapshot: Snapshot, offset: int, plan: Plan, options: CompletionOptions, since: int | None = None
    ) -> Question:
        """Look at a cursor through a window of the planned size, with the start of that at `since`.

        The length of answers takes no part in that: it varies with the speed, and a window that moved with it would
        make the model read all of it again. The edit, the request and its answer ask at the same place.
        """
        size = window.budget(self._room(plan), options.max_tokens, options.context_tokens)
        place = snapshot, offset, size, options.multiline, since
        if self._question is None or self._place[0] is not snapshot or self._place[1:] != place[1:]:
            self._question, self._place = pose(*place), place
        return self._question

    def context_tokens(self, plan: Plan, options: CompletionOptions) -> int:
        """How much of other files there is room for."""
        return min(options.context_tokens, self._room(plan) // 2, plan.context_tokens or options.context_tokens)

    def request(
        self,
        snapshot: Snapshot,
        question: Question,
        extras: tuple[Extra, ...],
        plan: Plan,
        priority: Priority,
        parallel: Parallel | None = None,
    ) -> InfillRequest:
        """Make the request for a question; one that only warms asks for no text.

        What another place goes on with is followed instead of searching for the line.

        A server elsewhere is told to stop where an answer most likely ends: to break it off costs its connection.
        """
        elsewhere = self.info is not None and bool(self.info.host)
        one_line = question.one_line or (elsewhere and question.mode.kind == "line" and likely_one_line(question.place))
        searches = question.mode.kind == "line" and ends_line(question.place) and parallel is None
        return InfillRequest(
            prefix=question.view.before,
            suffix=question.view.after,
            path=snapshot.path,
            workspace=snapshot.workspace,
            repository=snapshot.repository,
            extras=extras,
            max_tokens=0 if priority == "warm" else plan.max_tokens,
            time_limit_ms=plan.time_limit_ms,
            stop=("\n",) if one_line else (),
            priority=priority,
            lines=question.lines,
            hypotheses=plan.hypotheses if searches else 1,
            copies=plan.copies,
            onward=parallel.text if parallel is not None else "",
            document=snapshot.uri,
        )

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait({self._asking})

    def _room(self, plan: Plan) -> int:
        """Tokens of window and other files together."""
        own = (self.info.context_tokens if self.info else 0) or window.DEFAULT_CONTEXT_TOKENS
        return min(own, plan.prompt_tokens) if plan.prompt_tokens else own


def as_set(options: CompletionOptions) -> Plan:
    """The sizes a person set, whatever the speed: for the command line and for measurements."""
    limits = options.max_tokens, options.time_limit_ms
    hypotheses, copies = options.hypotheses, options.copies
    return Plan(options.goal_ms, 0.0, 0.0, 0.0, 0, *limits, ahead=False, hypotheses=hypotheses, copies=copies)
