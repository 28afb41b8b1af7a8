"""The suggestions that the editor has: which it showed, what was taken of them, and whether that stays."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...completion.known import Answer
from ...completion.trace import Trace
from ..history.keeper import Keeper
from ..history.offers import AFTER_S, Offer
from ..history.survival import MOST_CHARS, survival
from ..text.documents import Document, Documents

ACCEPTED = "twolane.accepted"
_REMEMBERED = 64
_SETTLED_S = 1.0
"""After so long the editor has told of the edit that put the text in, whichever of the two it tells first."""

_MOVED = 500
"""Characters by which edits above may have moved the text by then."""

_LONGEST_DOCUMENT = 400_000
"""Bytes; the text of a longer document is not kept for a comparison later."""


@dataclass(slots=True)
class _Live:
    """An offer that something may still become of: `text` as it was first handed over for `offset`, and what is left.

    What was typed of it, or taken in parts, is not left any more.
    """

    uri: str
    root: Path | None
    answer: Answer | None
    text: str
    left: str
    offset: int
    offer: Offer
    timers: list[asyncio.TimerHandle] = field(default_factory=list)


class Offers:
    """Lives on one event loop. The keeper gets each offer once nothing more can become of it; no text among it."""

    def __init__(self, documents: Documents, keeper: Keeper) -> None:
        self._documents = documents
        self._keeper = keeper
        self._live: OrderedDict[str, _Live] = OrderedDict()

    def made(self, document: Document, answer: Answer | None, text: str, offset: int, trace: Trace) -> str:
        """A suggestion goes to the editor: the name by which the editor speaks of it.

        What is left of a suggestion while it is typed is that suggestion.
        """
        for name, live in reversed(self._live.items()):
            if answer is not None and live.answer is answer and live.uri == document.uri and live.text.endswith(text):
                live.left = text
                return name
        offer = Offer(
            at=time.time(),
            language=document.language,
            lane=trace.lane or "",
            model=trace.model or "",
            origin=trace.origin,
            chars=len(text),
            lines=1 + text.count("\n"),
        )
        name = uuid.uuid4().hex
        self._live[name] = _Live(document.uri, document.location.root, answer, text, text, offset, offer)
        while len(self._live) > _REMEMBERED:
            self._let_go(next(iter(self._live)))
        return name

    def shown(self, params: object) -> None:
        """The editor showed a suggestion."""
        if live := self._live.get(_name(params)):
            live.offer.shown = True

    def partly_accepted(self, params: object) -> None:
        """The editor put in a part, from the start on; the length counts UTF-16 code units."""
        length = params.get("acceptedLength") if isinstance(params, Mapping) else None
        live = self._live.get(_name(params))
        if live is None or not isinstance(length, int) or isinstance(length, bool) or length <= 0:
            return
        taken = live.left.encode("utf-16-le", "surrogatepass")[: 2 * length].decode("utf-16-le", "replace")
        self._accepted(live, len(taken))

    def accepted(self, name: object) -> None:
        """The editor put all of a suggestion in."""
        if isinstance(name, str) and (live := self._live.get(name)):
            self._accepted(live, len(live.left))

    def end(self) -> None:
        """Nothing more is heard: hand over what is known."""
        for name in list(self._live):
            self._let_go(name)

    def _accepted(self, live: _Live, chars: int) -> None:
        """So many characters of what is left were put in, just now or in a moment."""
        first = not live.offer.accepted_chars
        reached = len(live.text) - len(live.left) + min(chars, len(live.left))
        live.offer.accepted_chars = max(live.offer.accepted_chars, reached)
        if first:
            live.timers = [asyncio.get_running_loop().call_later(_SETTLED_S, self._follow, live)]

    def _follow(self, live: _Live) -> None:
        """Note where the accepted text stands, and look for it again and again."""
        document = self._documents.get(live.uri)
        if document is None or document.byte_size > _LONGEST_DOCUMENT:
            return
        text = live.text[: min(live.offer.accepted_chars, MOST_CHARS)]
        then = document.snapshot().text
        at = then.find(text, max(0, live.offset - _MOVED))
        if at < 0:
            return
        loop = asyncio.get_running_loop()
        live.timers = [
            loop.call_later(after - _SETTLED_S, self._look, live, text, then, at, after) for after in AFTER_S
        ]

    def _look(self, live: _Live, text: str, then: str, at: int, after: int) -> None:
        document = self._documents.get(live.uri)
        if document is not None:
            live.offer.survival[after] = round(survival(text, then, at, document.snapshot().text), 3)

    def _let_go(self, name: str) -> None:
        live = self._live.pop(name)
        for timer in live.timers:
            timer.cancel()
        self._keeper.keep(live.root, live.offer)


def _name(params: Any) -> str:
    """The name in a notification: the first argument of the command of its item."""
    item = params.get("item") if isinstance(params, Mapping) else None
    command = item.get("command") if isinstance(item, Mapping) else None
    arguments = command.get("arguments") if isinstance(command, Mapping) else None
    name = arguments[0] if isinstance(arguments, list) and arguments else None
    return name if isinstance(name, str) else ""
