"""What else could stand at a cursor, where a person asks to choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..clients.model import InfillClient
from ..context.document import Snapshot
from .asking import Asking, CompletionOptions
from .generation import Generation, Work
from .known import Answer, KnownAnswers

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

    async def beside(
        self, snapshot: Snapshot, offset: int, first: Answer, options: CompletionOptions, count: int
    ) -> list[str]:
        """At most `count` answers of one batch that begin with less likely tokens than `first`, as text to insert."""
        question, plan = first.question, self._asking.plan(options)
        request = self._asking.request(snapshot, question, first.extras, plan, "live")
        generations = [
            Generation(
                self._client,
                question,
                replace(request, alternative=number),
                first.sources,
                self._work(snapshot, offset, options),
                lambda _: None,
            )
            for number in range(1, count + 1)
        ]
        try:
            found = [await generation.follow("") for generation in generations]
        finally:
            for generation in generations:
                generation.drop(_NOT_NEEDED)
        answers = [answer for answer in found if answer is not None and answer.text]
        for answer in (*reversed(answers), first):
            self._known.add(answer)
        return [question.in_its_lines(answer.text) for answer in answers]
