"""What else could stand at a cursor, where a person asks to choose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from ..clients.model import InfillClient
from ..context.document import Snapshot
from . import extras
from .asking import Asking, CompletionOptions
from .generation import Dropped, Generation, Work
from .known import Answer, KnownAnswers
from .question import Key, Question

_NOT_NEEDED = "Nobody waits for another answer any more."


class Alternatives:
    """Asks for other answers beside one, and adds them to the known ones; `work` makes the rules for each."""

    def __init__(
        self,
        client: InfillClient,
        asking: Asking,
        known: KnownAnswers,
        work: Callable[[Snapshot, int, CompletionOptions], Work],
    ) -> None:
        self._client = client
        self._asking = asking
        self._known = known
        self._work = work
        self._writing: dict[Key, list[Generation]] = {}

    def works_on(self, key: Key) -> bool:
        """Whether something is written for a document."""
        return key in self._writing

    def edited(self, question: Question) -> None:
        """A document is in another state: stop those that do not agree with it."""
        for generation in self._writing.get(question.key, ()):
            generation.typed_on(question)

    def stop(self, key: Key, reason: str) -> None:
        """Nothing is written for a document any more."""
        for generation in self._writing.get(key, ()):
            generation.drop(reason)

    async def beside(
        self, snapshot: Snapshot, offset: int, first: Answer, options: CompletionOptions, count: int
    ) -> list[Answer]:
        """At most `count` other answers of one batch, which begin with less likely tokens than the likeliest one.

        A server elsewhere draws them, so that some may be the same: those are told once.
        Beside a line that was searched for or copied stands what the model says word by word, too.
        """
        question, plan = first.question, self._asking.plan(options)
        asked = self._asking.request(snapshot, question, first.extras, plan, "live")
        copied = first.usage is not None and first.usage.copied_tokens > 0
        numbers = range(0 if asked.hypotheses > 1 or copied else 1, count + 1)
        request = replace(asked, hypotheses=1, copies=False)
        generations = self._writing[question.key] = [
            Generation(
                self._client,
                question,
                replace(request, alternative=number),
                extras.shown(first.sources),
                self._work(snapshot, offset, options),
                lambda _: None,
            )
            for number in numbers
        ]
        try:
            following = (generation.follow("") for generation in generations)
            found = await asyncio.gather(*following, return_exceptions=True)
        finally:
            if self._writing.get(question.key) is generations:
                del self._writing[question.key]
            for generation in generations:
                generation.drop(_NOT_NEEDED)
        if trouble := [one for one in found if isinstance(one, BaseException) and not isinstance(one, Dropped)]:
            raise trouble[0]
        others = {one.text: one for one in found if isinstance(one, Answer) and one.text not in ("", first.text)}
        answers = list(others.values())[:count]
        for answer in (*reversed(answers), first):
            self._known.add(answer)
        return answers
