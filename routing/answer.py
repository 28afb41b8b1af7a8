"""The answer to one ask, with the secrets put back: in pieces as they come, or whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..clients.chat import ChatFinish, ChatUsage
from ..clients.errors import AnswerGarbled, ModelError
from ..clients.model import Lane
from .ask import AskRecord
from .course import Course
from .egress import uncovered
from .errors import AskFailed
from .secrets.veil import Veil


class Answer:
    """Read it by `async for`, or by `whole` where nothing is shown before its end; once, and one of the two.

    As long as nothing was handed out a failure is mended by asking again, perhaps another model. An answer that was
    asked for with a schema comes in one piece, so that secrets can be put back into its strings. `veiled` is what
    `whole` read as the model wrote it, placeholders and all: only that may go out again.
    """

    def __init__(self, course: Course, record: AskRecord, veil: Veil) -> None:
        self._course = course
        self._veil = veil
        self._restorer = veil.restorer()
        self._over = False
        self.record = record
        self.veiled = ""
        self.finish: ChatFinish | None = None

    @property
    def lane(self) -> Lane | None:
        """Where the answer comes from."""
        return self.record.lane

    @property
    def model(self) -> str | None:
        """The model that answers."""
        return self.record.model

    @property
    def usage(self) -> ChatUsage | None:
        """What was reported so far."""
        return self.record.usage if self._over else self._course.attempt.usage

    @property
    def received_bytes(self) -> int:
        """How much of the answer has come, for a progress display."""
        return 0 if self._over else self._course.attempt.received

    def __aiter__(self) -> Answer:
        return self

    async def __anext__(self) -> str:
        """Return the next piece; raise `AskFailed` where the answer broke off, and what came of it is void."""
        if self._over:
            raise StopAsyncIteration
        if self._course.attempt.offer.request.schema is not None:
            return await self.whole()
        while True:
            try:
                piece = await self._course.attempt.piece()
            except ModelError as error:
                await self._mend(error)
                continue
            text = await self._ended() if piece is None else uncovered(self._restorer.feed(piece), self._veil)
            if text:
                self.record.shown = True
                return text
            if piece is None:
                raise StopAsyncIteration

    async def whole(self, heard: Callable[[str | None], None] = lambda _: None) -> str:
        """Return all of the answer; raise `AskFailed` or `Refused`.

        `heard` gets each piece as it comes, for a preview: with placeholders in the place of secrets, None where an
        answer begins anew. Nothing of it is to be used.
        """
        while True:
            parts: list[str] = []
            heard(None)
            try:
                while (piece := await self._course.attempt.piece()) is not None:
                    parts.append(piece)
                    heard(piece)
                self.veiled = "".join(parts)
                text = self._restored(self.veiled)
            except ModelError as error:
                await self._mend(error)
                continue
            await self._ended()
            self.record.shown = True
            return text

    async def _mend(self, error: ModelError) -> None:
        self._restorer = self._veil.restorer()
        if self.record.shown:
            self._over = True
            await self._course.lost(error)
            raise AskFailed(f"{error} What had come of the answer is not to be used.", error, shown=True)
        await self._course.again(error)

    async def _ended(self) -> str:
        self.finish = self._course.attempt.finish
        await self._course.done()
        self._over = True
        return uncovered(self._restorer.end(), self._veil)

    def _restored(self, text: str) -> str:
        attempt = self._course.attempt
        if attempt.offer.request.schema is None:
            return uncovered(text, self._veil)
        if attempt.finish == "length":
            return text
        try:
            document = json.loads(text)
        except ValueError:
            raise AnswerGarbled(f"The answer of {attempt.offer.seat.client.host} is not JSON; ask again.") from None
        return json.dumps(self._in_strings(document), ensure_ascii=False)

    def _in_strings(self, value: Any) -> Any:
        if isinstance(value, str):
            return uncovered(value, self._veil)
        if isinstance(value, list):
            return [self._in_strings(one) for one in value]
        if isinstance(value, dict):
            return {uncovered(key, self._veil): self._in_strings(one) for key, one in value.items()}
        return value
