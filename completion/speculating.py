"""Writes what follows the acceptance of a suggestion, once the person pauses before it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from ..clients.errors import ModelError
from ..clients.model import InfillClient
from ..context.document import Snapshot
from ..context.snippet import Parallel
from . import ahead, extras, gate, window
from .ahead import Ahead, Future
from .asking import Asking, CompletionOptions
from .generation import Generation, Work
from .known import Answer, KnownAnswers
from .question import Key, Question

_log = logging.getLogger(__name__)

_NOT_NEEDED = "What it was written for will not come."


class Speculation:
    """The work ahead, one piece for each document; what comes of it is added to the known answers.

    `may_see` tells which other files a model may be shown, `work` makes the rules for one generation.
    """

    def __init__(
        self,
        client: InfillClient,
        asking: Asking,
        known: KnownAnswers,
        may_see: Callable[[Path | None, str], bool] | None,
        work: Callable[[Snapshot, int, CompletionOptions], Work],
        parallel: Callable[[Snapshot, int, Question, CompletionOptions], Parallel | None],
    ) -> None:
        self._client = client
        self._asking = asking
        self._known = known
        self._may_see = may_see
        self._work = work
        self._parallel = parallel
        self._ahead: dict[Key, Ahead] = {}
        self._pausing: dict[Key, asyncio.TimerHandle] = {}

    def works_on(self, key: Key) -> bool:
        """Whether something is written for a document, or about to be."""
        return key in self._ahead or key in self._pausing

    def generation(self, key: Key) -> Generation | None:
        """What is being written for a document."""
        later = self._ahead.get(key)
        return later.generation if later is not None else None

    def leads_on(self, question: Question) -> bool:
        """Whether the work under way is for a state that may still follow this one."""
        later = self._ahead.get(question.key)
        return later is not None and later.leads_on(question)

    def edited(self, question: Question) -> None:
        """A document is in another state: stop what is written for one that will not come."""
        self._no_pause(question.key)
        if not self.leads_on(question):
            self._forsake(question.key)

    def shown(self, snapshot: Snapshot, offset: int, text: str, answer: Answer, options: CompletionOptions) -> None:
        """`text`, from `answer`, is shown at `offset`: if the person pauses, work on what follows its acceptance."""
        plan = self._asking.plan(options)
        if not plan.ahead:
            return
        question = self._asking.pose(snapshot, offset, plan, options)
        key = question.key
        self._no_pause(key)
        if self.leads_on(question):
            return

        def begin() -> None:
            del self._pausing[key]
            self._asking.pace.works_ahead()
            if future := ahead.accepted(snapshot, offset, text):
                self._begin(question, window.plain(text), future, answer, options, since=offset, further=True)

        self._pausing[key] = asyncio.get_running_loop().call_later(plan.ahead_after_ms / 1000, begin)

    def stop(self, key: Key) -> None:
        """Nothing is written ahead for a document any more."""
        self._no_pause(key)
        self._forsake(key)

    def stop_all(self) -> list[Generation]:
        """The same for every document; return what was being written, which ends soon."""
        running = [later.generation for later in self._ahead.values()]
        for key in {*self._pausing, *self._ahead}:
            self.stop(key)
        return running

    def _begin(
        self,
        origin: Question,
        shown: str,
        future: Future,
        answer: Answer,
        options: CompletionOptions,
        *,
        since: int,
        further: bool,
    ) -> None:
        """Write for a future state; with `further`, for the line after it where nothing follows on that line.

        The window begins where it does for the cursor at `since`: another would have all of it read now, and all of
        it again at the next key.
        """
        plan = self._asking.plan(options)
        question = self._asking.pose(future.snapshot, future.offset, plan, options, since)
        key = question.key
        refused = gate.refusal(future.snapshot, future.offset, options.max_document_bytes)
        if refused or gate.unwanted(question, options) or self._known.find(question):
            return
        self._forsake(key)

        def ended(generation: Generation) -> None:
            if self.generation(key) is generation:
                del self._ahead[key]
            if generation.error is not None and not isinstance(generation.error, ModelError):
                # Only the kind: an error's message may hold document text.
                _log.error("writing ahead failed: %s", type(generation.error).__name__)
            if generation.answer is None or generation.broken_off:
                return
            self._known.add(generation.answer)
            if further and not generation.answer.text and (beyond := ahead.next_line(future)):
                self._begin(origin, shown, beyond, answer, options, since=since, further=False)

        root, may_see = future.snapshot.root, self._may_see
        pieces = tuple(extra for extra in answer.extras if may_see is None or may_see(root, extra.path))
        shown_sources = extras.shown(answer.sources)
        parallel = self._parallel(future.snapshot, future.offset, question, options)
        sources = (
            *(source for source in shown_sources if may_see is None or may_see(root, source.path)),
            *extras.followed(parallel),
        )
        request = self._asking.request(future.snapshot, question, pieces, plan, "speculative", parallel)
        work = self._work(future.snapshot, future.offset, options)
        self._ahead[key] = Ahead(origin, shown, Generation(self._client, question, request, sources, work, ended))

    def _no_pause(self, key: Key) -> None:
        if timer := self._pausing.pop(key, None):
            timer.cancel()

    def _forsake(self, key: Key) -> None:
        if later := self._ahead.pop(key, None):
            later.generation.drop(_NOT_NEEDED)
