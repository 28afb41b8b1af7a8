"""What the model wrote becomes an answer: filtered, checked, and with the reason where nothing is left."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import NamedTuple

from ..clients.model import ModelInfo
from ..context.document import Snapshot
from .checks import names, region, syntax
from .checks.trees import Trees
from .checks.verdict import Verdict
from .filters import chain
from .filters.scene import Scene
from .filters.shape import trailing_space
from .generation import Generation
from .known import Answer
from .question import Question
from .window import Window


class Place(NamedTuple):
    """Where an answer is to be put in."""

    snapshot: Snapshot
    offset: int


class Settling:
    """Filters and checks. Lives on one event loop; what it does there at once takes a few milliseconds."""

    def __init__(self, judge: names.Judge | None = None) -> None:
        """`judge` knows the names of the workspace; without it they are not checked."""
        self._trees = Trees()
        self._judge = judge

    async def settle(self, generation: Generation, info: ModelInfo | None, place: Place | None) -> Answer:
        """Make the answer of what the model wrote for a place; without one it is not checked."""
        rule, usage, question = generation.rule, generation.usage, generation.question
        draft = Answer(
            question=question,
            text="",
            cut_short=generation.cut_short,
            ahead=generation.ahead,
            extras=generation.request.extras,
            sources=generation.sources,
            usage=usage,
            lane=info.lane if info else None,
            model=info.name if info else None,
            host=info.host if info else "",
        )
        await self._trees.ready(question.language)
        began = time.perf_counter()
        around = region.view(place.snapshot.text, place.offset) if place is not None else None
        text, filters = self.clean(question, rule.text, draft, around)
        filtered = time.perf_counter()
        text, verdicts = await self._checked(question, text, place, around)
        reason = "" if text else _silence(generation, filters, verdicts)
        return replace(
            draft,
            text=text,
            filters=tuple(filters),
            filters_ms=(filtered - began) * 1000,
            checks=tuple(map(str, verdicts)),
            checks_ms=(time.perf_counter() - filtered) * 1000,
            reason=reason,
        )

    def clean(
        self, question: Question, text: str, answer: Answer, around: Window | None = None
    ) -> tuple[str, list[str]]:
        """Apply the filters; return what is left and the names of those that changed something.

        `around` is the document around the cursor where it holds more than the question's view.
        """
        view = question.view
        scene = Scene(
            before=view.before,
            after=view.after,
            shape=question.shape,
            path=question.key[1],
            shown_paths=frozenset(extra.path for extra in answer.extras),
            begins_inside=view.begins_inside,
            cut_short=answer.cut_short,
            errors=lambda shown: syntax.count(self._trees, question, shown, around),
        )
        return chain.clean(scene, text)

    def forget(self, question_key: object) -> None:
        """Let go of what is held for a document."""
        self._trees.forget(question_key)

    async def _checked(
        self, question: Question, text: str, place: Place | None, around: Window | None
    ) -> tuple[str, list[Verdict]]:
        if not text or place is None:
            return text, []
        verdict = syntax.check(self._trees, question, text, around)
        verdicts = [verdict]
        if verdict.text and self._judge is not None:
            verdict = await names.check(
                self._judge,
                place.snapshot,
                place.offset,
                verdict.text,
                lambda kept: syntax.check(self._trees, question, kept, around).finding == "fits",
            )
            verdicts.append(verdict)
        return trailing_space(Scene("", ""), verdict.text), verdicts


def _silence(generation: Generation, filters: list[str], verdicts: list[Verdict]) -> str:
    rule, usage = generation.rule, generation.usage
    if verdicts:
        return f"What the model wrote was withheld: {verdicts[-1].check}, {verdicts[-1].why}."
    if filters and rule.text.strip():
        return f"Nothing of the model's text was left to show after these filters: {', '.join(filters)}."
    if rule.reason and rule.reason != "the line is complete":
        return f"The model's text ended before it began: {rule.reason}."
    if usage is not None and usage.finish == "time":
        return "The time limit passed before the model wrote anything."
    return "The model had nothing to add here."
