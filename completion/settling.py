"""What the model wrote becomes an answer: filtered, checked, and with the reason where nothing is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from ..clients.model import ModelInfo
from ..context.document import Snapshot
from . import mode, window
from .checks import names, region, syntax, trial
from .checks.trees import Trees
from .checks.trial import Trial
from .checks.verdict import Verdict
from .filters import brackets, chain
from .filters.scene import Scene
from .filters.shape import trailing_space
from .generation import Generation
from .known import Answer
from .mode import Mode
from .question import Question
from .silence import silence
from .stopping import StopRule


class Place(NamedTuple):
    """Where an answer is to be put in; whether it is looked at as code (`check`)."""

    snapshot: Snapshot
    offset: int
    check: bool = True


class Settling:
    """Filters and checks. Lives on one event loop; what it does there at once takes a few milliseconds."""

    def __init__(self, judge: names.Judge | None = None) -> None:
        """`judge` knows the names of the workspace; without it they are not checked."""
        self._trees = Trees()
        self._judge = judge
        self._loading: dict[str, asyncio.Task[None]] = {}

    def expects(self, language: str) -> None:
        """Documents of a language are open: load beside the event loop what parses it."""
        if language not in self._loading and not self._trees.knows(language):
            self._loading[language] = asyncio.create_task(self._trees.ready(language), name=f"grammar of {language}")

    async def ready(self, language: str) -> None:
        """The same, and wait for it."""
        await self._trees.ready(language)

    def forget(self, key: object) -> None:
        """Let go of what is held for a document."""
        self._trees.forget(key)

    async def close(self) -> None:
        """Wait for what is being loaded."""
        await asyncio.gather(*self._loading.values(), return_exceptions=True)

    def at(self, place: Place, info: Callable[[], ModelInfo | None]) -> Work:
        """What is to be done for one place; `info` tells who answers, once it has."""
        return Work(self._trees, self._judge, place, info)

    def clean(self, question: Question, text: str, answer: Answer) -> tuple[str, tuple[str, ...]]:
        """Clean what is left of an answer; return that and what the filters did.

        Where nothing but the answer's own beginning was typed, what is left is as sound as it was. What an editor has
        closed by itself stands behind the cursor now, and need not be said again.
        """
        if question.view.after == answer.question.view.after:
            return text, ()
        text, changed = chain.clean(_scene(question, answer, None), text, chain.BEHIND)
        return text, chain.told(changed)


class Work:
    """A `generation.Work`: the code at the cursor is parsed while the model reads, the answer made when it has written.

    So that nobody waits for the first, and the second has little left to do.
    """

    def __init__(
        self, trees: Trees, judge: names.Judge | None, place: Place, info: Callable[[], ModelInfo | None]
    ) -> None:
        self._trees = trees
        self._judge = judge
        self._place = place
        self._info = info
        self._trial: Trial | None = None
        self._since = time.monotonic()

    def begin(self, question: Question) -> tuple[Question, StopRule]:
        """How much is wanted, as the syntax tree has it, and the rule that finds its end."""
        tried = self._begin(question) if self._trees.knows(question.language) else None
        if tried is not None:
            how = mode.decide(question.place, question.shape, question.multiline, tried.standing())
            question = replace(question, mode=how)
        if tried is None or tried.base.broken:
            question = _outside_of_text(question)
        rule = StopRule(
            question.mode,
            question.place,
            question.shape,
            closed=tried.closed if tried is not None else None,
            fits=tried.fits if tried is not None and not question.place.rest.strip() else None,
        )
        return question, rule

    async def end(self, generation: Generation) -> Answer:
        """Filter and check what was written."""
        rule, usage, question = generation.rule, generation.usage, generation.question
        info = self._info()
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
        tried = self._trial or self._begin(question)
        began = time.perf_counter()
        text, filters = chain.clean(_scene(question, draft, tried), rule.text)
        filtered = time.perf_counter()
        text, verdicts = await self._checked(question, text, tried)
        reason = "" if text else silence(generation, filters, verdicts)
        return replace(
            draft,
            text=text,
            filters=chain.told(filters),
            filters_ms=(filtered - began) * 1000,
            checks=tuple(map(str, verdicts)),
            checks_ms=(time.perf_counter() - filtered) * 1000,
            reason=reason,
        )

    def _begin(self, question: Question) -> Trial | None:
        text, offset = self._place.snapshot.text, self._place.offset
        document = window.cut(text, offset, len(text), len(text)) if len(text) <= trial.LONGEST_DOCUMENT else None
        self._trial = trial.begin(self._trees, question, region.view(text, offset), document)
        return self._trial

    async def _checked(self, question: Question, text: str, tried: Trial | None) -> tuple[str, list[Verdict]]:
        place = self._place
        if not text or not place.check:
            return text, []
        verdict = syntax.check(tried, question, text)
        verdicts = [verdict]
        if verdict.text and self._judge is not None:
            waited_s = time.monotonic() - self._since
            verdict = await names.check(self._judge, place.snapshot, place.offset, verdict.text, tried, waited_s)
            verdicts.append(verdict)
        return trailing_space(Scene(question.view.before, question.view.after), verdict.text), verdicts


def _outside_of_text(question: Question) -> Question:
    """Where no tree can be trusted: by its look, a string or comment? No block begins there."""
    how, shape = question.mode, question.shape
    if shape is None or (how.kind == "line" and not how.may_open):
        return question
    inside = brackets.inside(question.view, shape)
    return replace(question, mode=Mode("line", f"inside a {inside}")) if inside else question


def _scene(question: Question, answer: Answer, tried: Trial | None) -> Scene:
    def errors(shown: str) -> int | None:
        found = tried.errors(shown) if tried is not None else None
        return len(found) if found is not None else None

    view = question.view
    return Scene(
        before=view.before,
        after=view.after,
        shape=question.shape,
        path=question.key[1],
        shown_paths=frozenset(extra.path for extra in answer.extras),
        begins_inside=view.begins_inside,
        cut_short=answer.cut_short,
        errors=errors,
    )
