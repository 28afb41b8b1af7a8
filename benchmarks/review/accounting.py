"""A provider that remembers prompts as Anthropic documents it, and reports what it read, wrote and took in anew.

A prompt is remembered up to each marked block, if it is long enough by then. A later prompt reads the longest beginning
that was remembered and that ends at most twenty blocks before a mark of its own; the rest up to its last mark is
written, what follows is plain input. Tokens are counted by this project's own counter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation, Script
from twolane.context import tokens

LEAST_TOKENS = 1_024
"""A shorter beginning is not remembered."""
_BLOCKS_BACK = 20


@dataclass(frozen=True, slots=True)
class Paid:
    """Tokens of one request's prompt."""

    read: int
    written: int
    fresh: int

    @property
    def prompt(self) -> int:
        """All of it."""
        return self.read + self.written + self.fresh

    @property
    def worth(self) -> float:
        """What it costs, in tokens of plain input: a tenth for what is read, a quarter more for what is written."""
        return self.read * 0.1 + self.written * 1.25 + self.fresh


@dataclass
class Accounts:
    """What was remembered, and what each request paid."""

    paid: list[Paid] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def take(self, body: dict[str, Any]) -> Paid:
        """Count one request."""
        blocks = [*body.get("system", ()), *(block for turn in body["messages"] for block in turn["content"])]
        sizes = [tokens.count(block["text"]) for block in blocks]
        names, digest = [], hashlib.sha256(json.dumps([body["model"], body.get("output_config")]).encode())
        for block in blocks:
            digest.update(f"{len(block['text'])}:{block['text']}".encode())
            names.append(digest.hexdigest())
        marks = [number for number, block in enumerate(blocks) if "cache_control" in block]
        ends = [end for mark in marks for end in range(max(0, mark - _BLOCKS_BACK), mark + 1)]
        read = max((sum(sizes[: end + 1]) for end in ends if names[end] in self._known), default=0)
        last = max((sum(sizes[: mark + 1]) for mark in marks), default=0)
        last = last if last >= LEAST_TOKENS else 0
        self._known |= {names[mark] for mark in marks if sum(sizes[: mark + 1]) >= LEAST_TOKENS}
        one = Paid(read, max(0, last - read), sum(sizes) - max(read, last))
        self.paid.append(one)
        return one

    def script(self, answer: Callable[[dict[str, Any]], Any]) -> Script:
        """Answer each request with what `answer` makes of it, and report the usage."""

        async def script(talk: Conversation) -> None:
            body = talk.request.json
            paid = self.take(body)
            text = json.dumps(answer(body))
            usage = {
                "input_tokens": paid.fresh,
                "cache_read_input_tokens": paid.read,
                "cache_creation_input_tokens": paid.written,
                "output_tokens": 1,
            }
            message: dict[str, Any] = {
                "id": "m",
                "type": "message",
                "role": "assistant",
                "model": "m",
                "content": [],
                "usage": usage,
            }
            message |= {"stop_reason": None, "stop_sequence": None}
            await talk.head()
            begin = api.event("message_start", message=message)
            end = api.closed() + api.ending("end_turn", tokens.count(text))
            await talk.chunk(begin + api.opened() + api.delta(text) + end)
            await talk.end()

        return script


def question(body: dict[str, Any]) -> str:
    """The last block of a request: what is asked."""
    last: str = body["messages"][-1]["content"][-1]["text"]
    return last
