"""How many tokens other files' lines cost the model in use: its own count, or a guess where there is none yet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from cachetools import LRUCache

from ..clients.errors import ModelError
from ..clients.model import InfillClient, InfillRequest, Usage
from ..context import tokens

if TYPE_CHECKING:
    from ..context.document import Snapshot
    from ..context.index import ContextIndex

MOST_KNOWN = 50_000
MOST_WAITING = 1_024
"""Texts that wait to be counted; what comes on top is met again."""

LIKELY = 256
"""Candidates of a document that are counted before anybody asks: several times what fits into a budget."""

_BATCH = 32
"""Texts that are counted in one go: a millisecond of the thread that also writes the answers."""

_PATIENCE_S = 1.0
_STEADY = 0.98
"""How much of the rate between counts and guesses a new batch leaves: a few batches settle it."""

_LEAST_PROMPT = 200
_PROMPTS = 16
"""So many prompts of at least so many tokens tell the rate of a model that cannot be asked to count."""

_log = logging.getLogger(__name__)


class TokenCounts:
    """What texts cost one model. Belongs to the event loop; never waits.

    A text costs its lines with their breaks. What is not counted is guessed by `tokens.count`, times the rate between
    the model's counts and such guesses as it was seen so far.
    """

    def __init__(self) -> None:
        self.rate = 1.0
        self._known: LRUCache[str, int] = LRUCache(MOST_KNOWN)
        self._waiting: dict[str, None] = {}
        self._seen = 0

    def __call__(self, text: str) -> int:
        """The tokens of `text`; what nobody has counted yet waits for it from now on."""
        known: int | None = self._known.get(text)
        if known is not None:
            return known
        self.want((text,))
        return max(1, round(tokens.count(text) * self.rate))

    def want(self, texts: Iterable[str]) -> None:
        """Have these texts counted, the first ones first, as far as nobody has."""
        for text in texts:
            if len(self._waiting) < MOST_WAITING and text not in self._known:
                self._waiting.setdefault(text)

    def next(self, most: int) -> list[str]:
        """Texts that wait to be counted; they wait no longer."""
        texts = list(self._waiting)[:most]
        for text in texts:
            del self._waiting[text]
        return texts

    @property
    def waiting(self) -> int:
        """How many texts wait to be counted."""
        return len(self._waiting)

    def learn(self, texts: Sequence[str], counts: Sequence[int]) -> None:
        """Keep what the model counted."""
        self._known.update(zip(texts, counts, strict=True))
        self.learn_rate(sum(counts), sum(map(tokens.count, texts)), len(texts))

    def learn_rate(self, counted: int, guessed: int, weight: int) -> None:
        """Take in that the model counted so many tokens where so many were guessed; `weight` is how often."""
        if guessed <= 0:
            return
        share = max(1 - _STEADY, weight / (self._seen + weight))
        self.rate += (counted / guessed - self.rate) * share
        self._seen += weight


class Counting:
    """Has the model count what may be shown to it, beside everything else. Belongs to the event loop.

    `here` says whether the model may be asked: it is on this machine, and loaded. One elsewhere is sent nothing for
    this; the prompts that it was asked to fill tell the rate.
    """

    def __init__(self, client: InfillClient, here: Callable[[], bool]) -> None:
        self.counts = TokenCounts()
        self._client = client
        self._here = here
        self._task: asyncio.Task[None] | None = None
        self._prompts = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last: object | None = None

    def refreshed(self, index: ContextIndex, snapshot: Snapshot) -> None:
        """What may be shown in a document is worth counting before anybody asks. On the analysis thread."""
        path = snapshot.path
        found = index.revision(path)
        if self._loop is not None and found is not self._last and self._here():
            self._last = found
            texts = index.likely(path, LIKELY)
            try:
                self._loop.call_soon_threadsafe(self._expect, texts)
            except RuntimeError:  # the loop is closed: nobody needs it any more
                return

    def ask(self) -> None:
        """Have counted what waits for it, if the model can be asked; returns at once."""
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:  # a document was opened before anything runs
            return
        if self.counts.waiting and self._here() and (self._task is None or self._task.done()):
            self._task = self._loop.create_task(self._count(), name="token counts")

    def answered(self, request: InfillRequest, usage: Usage | None) -> None:
        """A model that is not asked to count has told what a prompt cost."""
        if usage is None or self._here() or self._prompts >= _PROMPTS or usage.prompt_tokens < _LEAST_PROMPT:
            return
        self._prompts += 1
        shown = "".join((*(f"# {one.path}\n{one.text}\n" for one in request.extras), request.prefix, request.suffix))
        self.counts.learn_rate(usage.prompt_tokens, tokens.count(shown), 1)

    async def close(self) -> None:
        """Stop counting."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    def _expect(self, texts: Sequence[str]) -> None:
        self.counts.want(texts)
        self.ask()

    async def _count(self) -> None:
        while texts := self.counts.next(_BATCH):
            try:
                counting = self._client.count_tokens([f"{text}\n" for text in texts])
                self.counts.learn(texts, await asyncio.wait_for(counting, _PATIENCE_S))
            except (ModelError, TimeoutError) as error:
                _log.info("the model does not count tokens just now: %s", type(error).__name__)
                return
