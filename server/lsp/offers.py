"""The suggestions that the editor has: which it showed, and what was taken of them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...completion.known import Answer
from ...completion.trace import Trace
from ..history.keeper import Keeper
from ..history.offers import Offer
from ..text.documents import Document, Documents
from .remaining import Remaining

ACCEPTED = "twolane.accepted"
_REMEMBERED = 64
_TOLD_S = 5.0
"""So long what has become of offers waits for more to be written with it."""


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

    def is_same(self, answer: Answer | None, text: str, offset: int, model: str, now: str) -> bool:
        """Whether `text`, for `offset` of the text `now`, is what is left of this one, or of the same made again."""
        if self.offer.model != model:
            return False
        if answer is not None and self.answer is answer:
            return self.text.endswith(text)
        typed = offset - self.offset
        return 0 <= typed < len(self.text) and now[self.offset : offset] + text == self.text


class Offers:
    """Lives on one event loop. The keeper hears of each offer soon, and of what becomes of it; no text among it."""

    def __init__(
        self, documents: Documents, keeper: Keeper, looked_at: Callable[[Answer], None] = lambda _: None
    ) -> None:
        """`looked_at` hears what a person sees, or has taken a part of."""
        self._keeper = keeper
        self._looked_at = looked_at
        self._remaining = Remaining(documents)
        self._live: OrderedDict[str, _Live] = OrderedDict()
        self._news: dict[str, tuple[Path | None, Offer]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def made(self, document: Document, answer: Answer | None, text: str, offset: int, trace: Trace) -> str:
        """A suggestion goes to the editor: the name by which the editor speaks of it.

        What is left of a suggestion while it is typed is that suggestion.
        """
        model, now = trace.model or "", document.snapshot().text
        for name, live in reversed(self._live.items()):
            if live.uri == document.uri and live.is_same(answer, text, offset, model, now):
                live.left = text
                return name
        offer = Offer(
            at=time.time(),
            language=document.language,
            lane=trace.lane or "",
            model=model,
            origin=trace.origin,
            chars=len(text),
            lines=1 + text.count("\n"),
            name=uuid.uuid4().hex,
        )
        live = _Live(document.uri, document.location.root, answer, text, text, offset, offer)
        self._live[offer.name] = live
        if len(self._live) > _REMEMBERED:
            self._live.popitem(last=False)
        self._tell(live)
        return offer.name

    def shown(self, params: object) -> None:
        """The editor showed a suggestion."""
        if live := self._live.get(_name(params)):
            self._seen(live)
            live.offer.shown = True
            self._tell(live)

    def partly_accepted(self, params: object) -> None:
        """The editor put in a part, from the start of its item on; the length counts UTF-16 code units."""
        length = params.get("acceptedLength") if isinstance(params, Mapping) else None
        live = self._live.get(_name(params))
        if live is None or not isinstance(length, int) or isinstance(length, bool) or length <= 0:
            return
        whole = _text(params)
        if not whole or not live.text.endswith(whole):
            whole = live.left
        self._seen(live)
        taken = whole.encode("utf-16-le", "surrogatepass")[: 2 * length].decode("utf-16-le", "replace")
        self._accepted(live, len(live.text) - len(whole) + min(len(taken), len(whole)))

    def accepted(self, name: object) -> None:
        """The editor put all of a suggestion in."""
        if isinstance(name, str) and (live := self._live.get(name)):
            self._accepted(live, len(live.text))

    def end(self) -> None:
        """Nothing more is heard: hand over what is known."""
        self._remaining.end()
        self._live.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._hand_over()

    def _seen(self, live: _Live) -> None:
        if live.answer is not None:
            self._looked_at(live.answer)

    def _accepted(self, live: _Live, reached: int) -> None:
        """The text stands in the document up to there, or does so in a moment."""
        if reached <= live.offer.accepted_chars:
            return
        live.offer.accepted_chars = reached
        self._tell(live)
        self._remaining.follow(live.uri, live.offer, live.text[:reached], live.offset, lambda: self._tell(live))

    def _tell(self, live: _Live) -> None:
        """There is something new to be written of an offer."""
        self._news[live.offer.name] = live.root, live.offer
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_TOLD_S, self._hand_over)

    def _hand_over(self) -> None:
        news, self._news, self._timer = self._news, {}, None
        for root, offer in news.values():
            self._keeper.keep(root, replace(offer, survival=dict(offer.survival)))


def _name(params: Any) -> str:
    """The name in a notification: the first argument of the command of its item."""
    item = _item(params)
    command = item.get("command") if isinstance(item, Mapping) else None
    arguments = command.get("arguments") if isinstance(command, Mapping) else None
    name = arguments[0] if isinstance(arguments, list) and arguments else None
    return name if isinstance(name, str) else ""


def _text(params: Any) -> str:
    """The text of the item in a notification."""
    item = _item(params)
    text = item.get("insertText") if isinstance(item, Mapping) else None
    return text if isinstance(text, str) else ""


def _item(params: Any) -> Any:
    return params.get("item") if isinstance(params, Mapping) else None
