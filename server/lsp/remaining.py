"""How much of an accepted text still stands in its document, after half a minute and up to ten."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from ..history.offers import AFTER_S, Offer
from ..history.survival import survival
from ..text.documents import Document, Documents

_MOST = 128
"""Texts that are followed at once: more than anybody accepts in ten minutes."""

_SETTLED_S = 1.0
"""After so long the editor has told of the edit that put the text in, where it tells of the acceptance first."""

_MOVED = 500
"""Characters by which edits above may have moved the text by then."""

_LONGEST_DOCUMENT = 400_000
"""Bytes; the text of a longer document is not kept for a comparison later."""


@dataclass(slots=True)
class _Text:
    """An accepted text that was offered for `offset`; `told` hears of every share that its offer has got."""

    uri: str
    offer: Offer
    text: str
    offset: int
    told: Callable[[], None]
    timers: list[asyncio.TimerHandle] = field(default_factory=list)


class Remaining:
    """Lives on one event loop; texts are compared on a thread beside it."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._followed: OrderedDict[str, _Text] = OrderedDict()
        self._comparing: set[asyncio.Task[None]] = set()

    def follow(self, uri: str, offer: Offer, text: str, offset: int, told: Callable[[], None]) -> None:
        """Look again and again for a text that was put in just now, or is in a moment.

        Where more of the same offer is accepted later, all of it is followed from then on.
        """
        self._let_go(offer.name)
        followed = self._followed[offer.name] = _Text(uri, offer, text, offset, told)
        if len(self._followed) > _MOST:
            self._let_go(next(iter(self._followed)))
        since = asyncio.get_running_loop().time()
        document = self._read(uri)
        if document is not None and document.snapshot().text.startswith(text, offset):
            self._begin(followed, since)
        else:
            timer = asyncio.get_running_loop().call_at(since + _SETTLED_S, self._begin, followed, since)
            followed.timers = [timer]

    def end(self) -> None:
        """Nothing is looked for any more."""
        for name in list(self._followed):
            self._let_go(name)
        for task in self._comparing:
            task.cancel()

    def _read(self, uri: str) -> Document | None:
        document = self._documents.get(uri)
        return document if document is not None and document.byte_size <= _LONGEST_DOCUMENT else None

    def _begin(self, followed: _Text, since: float) -> None:
        """Note where the text stands."""
        document = self._read(followed.uri)
        then = document.snapshot().text if document is not None else ""
        at = _nearest(followed.text, then, followed.offset)
        if at is None:
            self._let_go(followed.offer.name)
            return
        loop = asyncio.get_running_loop()
        followed.timers = [loop.call_at(since + after, self._look, followed, then, at, after) for after in AFTER_S]

    def _look(self, followed: _Text, then: str, at: int, after: int) -> None:
        if after == AFTER_S[-1]:
            self._let_go(followed.offer.name)
        if (document := self._read(followed.uri)) is None:
            return
        now = document.snapshot().text

        async def compare() -> None:
            share = await asyncio.to_thread(survival, followed.text, then, at, now)
            followed.offer.survival[after] = round(share, 3)
            followed.told()

        task = asyncio.create_task(compare(), name="survival")
        self._comparing.add(task)
        task.add_done_callback(self._comparing.discard)

    def _let_go(self, name: str) -> None:
        followed = self._followed.pop(name, None)
        for timer in followed.timers if followed is not None else ():
            timer.cancel()


def _nearest(text: str, then: str, offset: int) -> int | None:
    """Where a text stands that should be at `offset`: the same text elsewhere is another one."""
    at = then.find(text, max(0, offset - _MOVED), offset + _MOVED + len(text))
    found: int | None = None
    while at >= 0 and (found is None or abs(at - offset) < abs(found - offset)):
        found = at
        at = then.find(text, at + 1, offset + _MOVED + len(text))
    return found
