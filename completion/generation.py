"""One answer while it is written. Several requests may wait for it, one after the other, as the typing agrees."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from ..clients.model import InfillClient, InfillRequest, Usage
from .known import Answer
from .question import Question, typed_since
from .stopping import StopRule
from .trace import Source

_GRACE_S = 0.02
"""So long a generation that nobody waits for goes on: an editor cancels, changes and asks again in one breath.

On a busy machine that breath is long.
"""

_HOLD_S = 0.5
"""So long it goes on where the text typed meanwhile agrees with it: editors wait a little before they ask again."""

_CHANGED = "The document changed while the model wrote."


class Dropped(Exception):
    """Nothing more comes; `str(dropped)` is the reason, one sentence."""


class Work(Protocol):
    """What is done for a generation beside the model."""

    def begin(self, question: Question) -> tuple[Question, StopRule]:
        """While the model reads: the question as it is really put, and what finds the end of its answer."""
        ...

    async def end(self, generation: Generation) -> Answer:
        """When it has written: make the answer."""
        ...


class Generation:
    """Runs on its own task from the start. When it ends by itself `work` makes the `answer` of it.

    `on_end` then hears of it, once, also where a `ModelError` ended it; not where it was dropped.
    """

    def __init__(
        self,
        client: InfillClient,
        question: Question,
        request: InfillRequest,
        sources: tuple[Source, ...],
        work: Work,
        on_end: Callable[[Generation], None],
    ) -> None:
        self.question = question
        self.request = request
        self.sources = sources
        self.rule = StopRule(question.mode, question.place, question.shape)
        self.usage: Usage | None = None
        self.answer: Answer | None = None
        self.error: Exception | None = None
        self.done = False
        self._client = client
        self._work = work
        self._on_end = on_end
        self._typed = ""
        self._waiting = 0
        self._news: list[asyncio.Future[None]] = []
        self._last_call: asyncio.TimerHandle | None = None
        self._task = asyncio.get_running_loop().create_task(self._run(), name="generation")

    @property
    def ahead(self) -> bool:
        """Whether it was begun before anybody asked."""
        return self.request.priority != "live"

    @property
    def cut_short(self) -> bool:
        """Whether the model ran out of tokens or time before the end was found."""
        return not self.rule.stopped and self.usage is not None and self.usage.finish in ("length", "time")

    @property
    def broken_off(self) -> bool:
        """Whether the model was stopped, or never asked, before the end was found: what is there says nothing."""
        return not self.rule.stopped and self.usage is not None and self.usage.finish == "cancelled"

    def agrees(self, question: Question) -> str | None:
        """What was typed since its own question, where the text so far may become it; else None."""
        typed = typed_since(self.question, question)
        return typed if typed is not None and self._fits(typed) else None

    async def follow(self, typed: str) -> Answer | None:
        """Wait for the answer; None as soon as it cannot hold behind what was `typed`.

        Raise the `ModelError` that ended it, or `Dropped`. Who leaves early may leave it alone; then it ends soon.
        """
        self._waiting += 1
        self._typed = typed
        self._keep()
        try:
            while self._fits(typed):
                if self.done:
                    if self.error is not None:
                        raise self.error
                    return self.answer
                news = asyncio.get_running_loop().create_future()
                self._news.append(news)
                await news
            return None
        finally:
            self._waiting -= 1
            if not (self._waiting or self.done or self.ahead):
                self._end_in(_GRACE_S)

    def typed_on(self, question: Question) -> bool:
        """The document changed: go on for a while where the text agrees and tell so, else stop."""
        typed = self.agrees(question)
        if typed is None:
            self.drop(_CHANGED)
            return False
        self._typed = typed
        if not self._waiting and not self.ahead:
            self._end_in(_HOLD_S)
        return True

    def drop(self, reason: str) -> None:
        """Stop now; whoever waits is told the reason."""
        self._keep()
        if not self.done:
            self.error = self.error or Dropped(reason)
            self.done = True
            self._task.cancel()
            self._tell()

    async def settled(self) -> None:
        """Wait until the model's work is over, however it ended."""
        await asyncio.wait([self._task])

    def _fits(self, typed: str) -> bool:
        if self.answer is not None:
            return self.answer.text.startswith(typed)
        text = self.rule.text
        return text.startswith(typed) or (not self.done and not self.rule.stopped and typed.startswith(text))

    def _end_in(self, seconds: float) -> None:
        self._keep()
        self._last_call = asyncio.get_running_loop().call_later(seconds, self._leave)

    def _keep(self) -> None:
        if self._last_call is not None:
            self._last_call.cancel()
            self._last_call = None

    def _leave(self) -> None:
        if not self._waiting:
            self.drop("Nobody waited for the answer any more.")

    async def _run(self) -> None:
        try:
            async with self._client.infill(self.request) as stream:
                self.question, self.rule = self._work.begin(self.question)
                async for piece in stream:
                    if self.rule.feed(piece):
                        stream.interrupt()
                        break
                    if not self._fits(self._typed):
                        self.drop(_CHANGED)
                    self._tell()
                self.rule.finish()
                self.usage = stream.usage
                self.answer = await self._work.end(self)
                self._ended()
        except asyncio.CancelledError:
            self._failed(Dropped("The request was cancelled while the model wrote."))
        except Exception as error:
            self._failed(error)
        self._ended()

    def _failed(self, error: Exception) -> None:
        """Once the answer is there, what goes wrong while the model is left is no longer anybody's trouble."""
        if self.answer is None:
            self.error = self.error or error

    def _ended(self) -> None:
        """Nothing more comes: tell so, once. Whoever waits does not wait for the model to say what it took."""
        if self.done:
            return
        self.done = True
        self._keep()
        if not isinstance(self.error, Dropped):
            self._on_end(self)
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, []
        for one in news:
            if not one.done():
                one.set_result(None)
