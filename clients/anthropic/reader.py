"""The events of one answer become text, usage and a reason to have ended; anything out of order is an error.

The order is that of the Messages API's streaming documentation: message_start, then blocks by index, each with a
start, deltas and a stop, then message_delta with the reason, then message_stop. Kinds that are not known are ignored,
as the documentation asks.
"""

from __future__ import annotations

from typing import Any

from ..chat import ChatFinish, ChatRequest, ChatUsage
from ..errors import AnswerDeclined, AnswerGarbled
from ..remote import conformity, figures
from ..remote.pieces import Whole

_FINISHES: dict[str, ChatFinish] = {
    "end_turn": "end",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}


class Reader:
    """Reads one answer. `ended` is true after message_stop; `moved` tells whether the last event carried content."""

    def __init__(self, request: ChatRequest, host: str) -> None:
        self.usage: ChatUsage | None = None
        self.finish: ChatFinish | None = None
        self.ended = False
        self.moved = False
        self._schema = request.schema
        self._host = host
        self._blocks: dict[int, str] = {}
        self._reason: str | None = None
        self._whole = Whole()
        self._text: list[str] = []

    def feed(self, event: Any) -> str:
        """Take one event of the SDK, return the text it adds; raise `AnswerGarbled` or `AnswerDeclined`."""
        self.moved = False
        try:
            text = self._taken(event)
        except (AttributeError, TypeError, ValueError) as error:
            raise self._garbled(f"an event lacks its parts, {type(error).__name__}") from None
        if text and self._schema is not None:
            self._text.append(text)
        return text

    def _taken(self, event: Any) -> str:
        kind = event.type
        if kind == "message_start":
            self._count(event.message.usage)
        elif self.usage is None:
            raise self._garbled("it does not begin with its beginning")
        elif kind == "content_block_start":
            return self._begin(event.index, event.content_block)
        elif kind == "content_block_delta":
            return self._grow(event.index, event.delta)
        elif kind == "content_block_stop":
            del self._blocks[self._known(event.index)]
        elif kind == "message_delta":
            self._reason = event.delta.stop_reason or self._reason
            self._count(event.usage)
        elif kind == "message_stop":
            return self._end()
        return ""

    def _begin(self, index: int, block: Any) -> str:
        self._blocks[int(index)] = str(block.type)
        if block.type != "text" or not block.text:
            return ""
        self.moved = True
        return self._whole.feed(str(block.text))

    def _grow(self, index: int, delta: Any) -> str:
        kind = self._blocks[self._known(index)]
        self.moved = True
        if delta.type != "text_delta":
            return ""
        if kind != "text":
            raise self._garbled("text stands where none belongs")
        if not isinstance(delta.text, str):
            raise self._garbled("a text is none")
        self.moved = bool(delta.text)
        return self._whole.feed(delta.text)

    def _end(self) -> str:
        if self._reason == "refusal":
            raise AnswerDeclined(f"The model at {self._host} declines to answer this; ask for something else.")
        if self._reason not in _FINISHES:
            raise self._garbled(f"it ended for the reason {self._reason!r:.40}")
        if self._blocks:
            raise self._garbled("it ended within a block")
        self.finish = _FINISHES[self._reason]
        self.ended = True
        if (rest := self._whole.end()) and self._schema is not None:
            self._text.append(rest)
        if self._schema is not None and self.finish == "end":
            conformity.check("".join(self._text), self._schema, self._host)
        return rest

    def _known(self, index: Any) -> int:
        if index not in self._blocks:
            raise self._garbled("a piece belongs to no block")
        return int(index)

    def _count(self, told: Any) -> None:
        """Take over what is reported; later figures are running totals, so none takes back what was said before."""
        before = self.usage or ChatUsage(0, 0)
        self.usage = ChatUsage(
            input_tokens=_figure(told, "input_tokens", before.input_tokens),
            output_tokens=_figure(told, "output_tokens", before.output_tokens),
            cache_read_tokens=_figure(told, "cache_read_input_tokens", before.cache_read_tokens),
            cache_write_tokens=_figure(told, "cache_creation_input_tokens", before.cache_write_tokens),
        )

    def _garbled(self, what: str) -> AnswerGarbled:
        return AnswerGarbled(f"The answer of {self._host} is not what the Messages API says ({what}); ask again.")


def _figure(told: Any, name: str, before: int) -> int:
    value = getattr(told, name, None)
    return before if value is None else max(before, figures.tokens(value))
