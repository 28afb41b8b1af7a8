"""One question and its answer, read to its end, to `max_tokens`, or to the time limit after its first piece."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..chat import Deadlines
from ..model import Finish, InfillRequest, Usage
from ..remote import transport
from ..remote.deadlines import Watch
from . import failures, routes
from .connection import Connection, Events

_DEADLINES = Deadlines(first_s=15.0, idle_s=10.0, total_s=90.0)
"""A suggestion that takes longer is of no use to anybody; the server hangs."""

_LAST_WORDS_S = 0.5
"""So long after the end of the text its usage is waited for."""


class Answer:
    """Asks when it is run. `usage` may be asked for at any time."""

    def __init__(self, connection: Connection, asked: routes.Question, request: InfillRequest) -> None:
        self._connection = connection
        self._asked = asked
        self._request = request
        self._reader = routes.Reader()
        self._first_ms = 0.0
        self._total_ms = 0.0

    @property
    def prompt_chars(self) -> int:
        """The length of the prompt, where we rendered it ourselves, else 0."""
        return self._asked.prompt_chars

    async def run(self, show: Callable[[str], None]) -> Finish:
        """Ask, hand each piece on, return why the answer ended; raise `ModelError` where it did not come whole."""
        scope = asyncio.timeout_at(None)
        try:
            async with scope:
                watch = Watch(_DEADLINES, self._connection.host)
                async with self._connection.events(self._asked.path, self._asked.body, watch) as events:
                    await self._read(events, watch, scope, show)
        except TimeoutError:
            if not scope.expired():
                raise
            return self._reader.finish or "time"
        if self._reader.finish is None:
            raise transport.cut(None, self._connection.host)
        return self._reader.finish

    async def _read(self, events: Events, watch: Watch, scope: asyncio.Timeout, show: Callable[[str], None]) -> None:
        clock = asyncio.get_running_loop().time
        while (event := await watch.wait(events.next())) is not None:
            self._total_ms = watch.elapsed_ms()
            try:
                text = self._reader.feed(event)
            except (TypeError, ValueError, AttributeError) as error:
                what = f"an event lacks its parts, {type(error).__name__}"
                raise failures.garbled(self._connection.host, what) from None
            if not self._first_ms and (text or self._reader.generated):
                self._first_ms = self._total_ms
                scope.reschedule(clock() + self._request.time_limit_ms / 1000)
            if text:
                watch.content()
                if self._request.max_tokens:
                    show(text)
            if self._reader.finish is not None:
                scope.reschedule(clock() + _LAST_WORDS_S)

    def usage(self, finish: Finish) -> Usage | None:
        """What is known of what it took; None where the server has told nothing."""
        return self._reader.usage(finish, self._first_ms or self._total_ms, self._total_ms)
