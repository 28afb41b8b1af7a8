"""The way of a keystroke below the protocol: gate, window, known answers, context, model, filters, answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from ..clients.errors import ModelError
from ..clients.model import InfillClient
from ..context.document import Snapshot
from ..context.snippet import Packed, Parallel
from . import extras, gate
from .alternatives import Alternatives
from .analysis import Analysis
from .asking import Asking, CompletionOptions, as_set
from .checks.names import Judge
from .counting import Counting
from .generation import Dropped, Generation, Work
from .judging import WorkspaceJudge
from .known import Answer, KnownAnswers
from .pace import Plan
from .question import Key, Question, key_of, name_of
from .rhythm import Rhythm
from .settling import Place, Settling
from .speculating import Speculation
from .trace import Completion, Trace, stage, told
from .warming import Warming

_OVERTAKEN = "A newer request for the same document took its place."
_CLOSED = "The document was closed."
_WAIT_MS = {"team": 150}
"""The most that a request waits for the next key where nothing is set, by lane: a shared server is spared what is
overtaken anyway; on this machine what is overtaken is stopped at once and costs nothing."""


class Completer:
    """Answers every request with a completion, or with silence and its reason. Lives on one event loop.

    `changed`, `edited` and `closed` follow the open documents. Without an executor of its own making (`analysis`)
    it starts one thread when the first document changes.
    """

    def __init__(
        self,
        client: InfillClient,
        analysis: Executor | Analysis | None = None,
        may_see: Callable[[Path | None, str], bool] | None = None,
        judge: Judge | None = None,
        may_follow: Callable[[Path | None, str, str], bool] | None = None,
    ) -> None:
        """`may_see` tells which other files of a workspace the model may be shown; all where it is not given.

        `may_follow` tells of a document and another file whether text of that may come to stand in the document.

        `judge` knows the names of the workspace; the analysis where it is not given.
        """
        self._client = client
        self._may_see = may_see
        self._may_follow = may_follow
        self._analysis = analysis if isinstance(analysis, Analysis) else Analysis(analysis)
        self._asking = Asking(client)
        self._counting = Counting(client, self._may_count)
        self._analysis.follow(self._counting.refreshed)
        self._known = KnownAnswers()
        self._warming = Warming(client)
        self._settling = Settling(judge or WorkspaceJudge(self._analysis))
        self._rhythm = Rhythm()
        self._grouping = extras.Grouping()
        self._live: dict[Key, Generation] = {}
        self._alternatives = Alternatives(client, self._asking, self._known, self._work)
        self._speculation = Speculation(client, self._asking, self._known, may_see, self._work, self._parallel)

    def changed(self, snapshot: Snapshot) -> None:
        """A document was opened or edited: refresh its context soon, off the event loop."""
        self._settling.expects(snapshot.language)
        self._counting.ask()
        self._analysis.changed(snapshot)

    def works_on(self, uri: str, path: str, root: Path | None) -> bool:
        """Whether something is being written for a document, so that its edits matter at once."""
        key = name_of(uri, path, root)
        return key in self._live or self._speculation.works_on(key) or self._alternatives.works_on(key)

    def edited(self, snapshot: Snapshot, offset: int, options: CompletionOptions) -> None:
        """An edit left the cursor at `offset`: stop what is being written for a state that will not come."""
        question = self._asking.pose(snapshot, offset, self._asking.plan(options), options)
        self._speculation.edited(question)
        self._alternatives.edited(question)
        live = self._live.get(question.key)
        if live is not None and not live.typed_on(question):
            del self._live[question.key]

    def expect(self, snapshot: Snapshot, offset: int, options: CompletionOptions, *, rested: bool = False) -> None:
        """A request at `offset` is likely: have the model read the prompt, so that only writing is left to do.

        Once more where nothing happens for a while (`rested`): the context may be laid out anew then.
        """
        if not options.ahead or self._asking.info is None:
            return
        if gate.refusal(snapshot, offset, options.max_document_bytes):
            return
        self._seek_parallels(options)
        plan = self._asking.plan(options)
        question = self._asking.pose(snapshot, offset, plan, options)
        if gate.unwanted(question, options):
            return
        key = question.key
        if self._joined(question) or self._known.find(question) or self._speculation.leads_on(question):
            return
        packed = self._packed(snapshot, offset, options, plan)
        pieces, _ = self._grouping.of(packed.snippets)
        self._warming.read(key, self._asking.request(snapshot, question, pieces, plan, "warm"))
        if not rested:
            self._warming.at_rest(key, lambda: self.expect(snapshot, offset, options, rested=True))

    def shown(self, snapshot: Snapshot, offset: int, text: str, answer: Answer, options: CompletionOptions) -> None:
        """`text`, from `answer`, is shown at `offset`: if the person pauses, work on what follows its acceptance."""
        self._speculation.shown(snapshot, offset, text, answer, options)

    def prefer(self, answer: Answer) -> None:
        """A person looks at this one of several answers: what is typed leads on to it where it may."""
        self._known.prefer(answer)

    def rest(self) -> None:
        """Suggestions are paused: nothing is written, or read, for what may come."""
        self._speculation.stop_all()
        self._warming.stop_all()

    def closed(self, snapshot: Snapshot) -> None:
        """A document was closed: its file speaks for itself again."""
        key = key_of(snapshot)
        self._known.forget(key)
        self._settling.forget(key)
        self._rhythm.forget(key)
        self._warming.stop(key)
        self._speculation.stop(key)
        self._alternatives.stop(key, _CLOSED)
        if live := self._live.pop(key, None):
            live.drop(_CLOSED)
        self._analysis.closed(snapshot.path, snapshot.root)

    async def close(self) -> None:
        """Stop what runs in the background; the client is its owner's to close."""
        running = [*self._live.values(), *self._speculation.stop_all()]
        for generation in running:
            generation.drop("The server shuts down.")
        await self._asking.close()
        await self._counting.close()
        await self._warming.close()
        for generation in running:
            await generation.settled()
        await self._settling.close()
        self._analysis.close()

    def at_once(self, snapshot: Snapshot, offset: int, options: CompletionOptions) -> Completion | None:
        """What is known to hold at `offset`, or the silence that is due there; None where that takes time to tell."""
        began = time.perf_counter()
        info = self._asking.info
        if info is None:
            return None
        trace = Trace(time.time(), "completion", snapshot.path, snapshot.language, lane=info.lane, model=info.name)
        text, answer = "", None
        with stage(trace, "gate"):
            trace.reason = gate.refusal(snapshot, offset, options.max_document_bytes)
        if not trace.reason:
            plan = self._asking.plan(options)
            question = self._asking.pose(snapshot, offset, plan, options)
            trace.reason = gate.unwanted(question, options)
            if not trace.reason:
                trace.pace = told(plan)
                if (found := self._found(question, trace)) is None:
                    return None
                text, answer = found
                self._rhythm.asked(question.key)
        trace.ms = (time.perf_counter() - began) * 1000
        trace.shown, trace.reason = bool(text), "" if text else trace.reason
        return Completion(text, offset, offset, trace, None, answer)

    async def complete(
        self,
        snapshot: Snapshot,
        offset: int,
        options: CompletionOptions,
        *,
        wait_for_context: bool = False,
        anew: bool = False,
        alternatives: int = 0,
    ) -> Completion:
        """Suggest what to insert at `offset`; never raises a `ModelError`.

        With `wait_for_context` the context is refreshed and the model asked for first, with the sizes as they are
        set; otherwise what exists is used. `anew` asks the model even where an answer is known, and for so many
        `alternatives` beside it. Cancelling the task cancels the model's work, unless what is typed meanwhile agrees
        with it.
        """
        began = time.perf_counter()
        trace = Trace(at=time.time(), kind="completion", path=snapshot.path, language=snapshot.language)
        trouble: ModelError | None = None
        answer: Answer | None = None
        text, others = "", list[Answer]()
        try:
            text, answer = await self._suggest(snapshot, offset, options, trace, wait_for_context, anew)
            if answer is not None and alternatives:
                with stage(trace, "alternatives"):
                    others = await self._alternatives.beside(snapshot, offset, answer, options, alternatives)
        except Dropped as dropped:
            trace.reason = str(dropped)
        except ModelError as error:
            trouble = error
            trace.reason = str(error)
            self._asking.info = None
        trace.ms = (time.perf_counter() - began) * 1000
        found = {text: answer}
        for other in others:
            found.setdefault(other.question.in_its_lines(other.text), other)
        first, *rest = [one for one in found.items() if one[0]] or [("", answer)]
        trace.shown, trace.reason = bool(first[0]), "" if first[0] else trace.reason
        if (taken := first[1]) is not None and taken is not answer:  # it took the place of what was withheld
            trace.filters, trace.checks = list(taken.filters), list(taken.checks)
        return Completion(first[0], offset, offset, trace, trouble, first[1], tuple(rest))

    async def _suggest(
        self, snapshot: Snapshot, offset: int, options: CompletionOptions, trace: Trace, wait: bool, anew: bool
    ) -> tuple[str, Answer | None]:
        with stage(trace, "gate"):
            trace.reason = gate.refusal(snapshot, offset, options.max_document_bytes)
        if trace.reason:
            return "", None
        info = await self._asking.model(wait=wait)
        if info is not None:
            trace.lane, trace.model = info.lane, info.name
        self._settling.expects(snapshot.language)
        self._seek_parallels(options)
        if wait:
            await self._analysis.fresh(snapshot)
            await self._settling.ready(snapshot.language)
        plan = as_set(options) if wait else self._asking.plan(options)
        question = self._asking.pose(snapshot, offset, plan, options)
        trace.reason = gate.unwanted(question, options)
        if trace.reason:
            return "", None
        if not wait:
            trace.pace = told(plan)
        if not (wait or anew):
            self._rhythm.asked(question.key)
            if (found := await self._without_asking(question, plan, trace)) is not None:
                return found
            await self._wait(snapshot, offset, options, plan, trace)
        answer = await self._ask(snapshot, offset, options, question, plan, trace)
        if (info := await self._asking.who_answered()) is not None:
            trace.lane, trace.model = info.lane, info.name
        return self._told(question, answer, "", "model", trace)

    async def _without_asking(self, question: Question, plan: Plan, trace: Trace) -> tuple[str, Answer | None] | None:
        """What is known to hold here, or is being written already; None where the model is to be asked."""
        if (found := self._found(question, trace)) is not None:
            return found
        running = self._joined(question)
        agreed = running.agrees(question) if running is not None else None
        if running is None or agreed is None:
            return None
        answer = await self._follow(running, agreed, plan, trace)
        if answer is None:
            return None
        left = self._told(question, answer, agreed, "speculated" if running.ahead else "adopted", trace)
        return left if left[0] or not agreed else None

    def _found(self, question: Question, trace: Trace) -> tuple[str, Answer | None] | None:
        """What is known to hold here."""
        if (found := self._known.find(question)) is None:
            return None
        known, typed = found
        origin = "speculated" if known.ahead and not typed else "typed-through"
        left = self._told(question, known, typed, origin, trace)
        return left if left[0] or not typed else None

    async def _ask(
        self,
        snapshot: Snapshot,
        offset: int,
        options: CompletionOptions,
        question: Question,
        plan: Plan,
        trace: Trace,
    ) -> Answer:
        """Have the model write."""
        with stage(trace, "context"):
            packed = self._packed(snapshot, offset, options, plan)
            pieces, sources = self._grouping.of(packed.snippets)
            parallel = self._parallel(snapshot, offset, question, options)
        key = question.key
        self._warming.stop(key)
        self._speculation.stop(key)
        if before := self._live.pop(key, None):
            before.drop(_OVERTAKEN)
        generation = self._live[key] = Generation(
            self._client,
            question,
            self._asking.request(snapshot, question, pieces, plan, "live", parallel),
            (*sources, *extras.followed(parallel)),
            self._work(snapshot, offset, options),
            self._ended,
        )
        trace.sources = list(generation.sources)
        answer = await self._follow(generation, "", plan, trace)
        if answer is None:
            raise Dropped(_OVERTAKEN)
        self._counting.answered(generation.request, answer.usage)
        return answer

    async def _follow(self, generation: Generation, typed: str, plan: Plan, trace: Trace) -> Answer | None:
        """Wait for a generation; tell the pace and the trace what it took."""
        began = time.perf_counter()
        answer: Answer | None = None
        try:
            answer = await generation.follow(typed)
        finally:
            waited_ms = (time.perf_counter() - began) * 1000
            if answer is None:
                self._asking.pace.gave_up(waited_ms, plan.goal_ms, reading=not generation.rule.text)
            else:
                self._asking.pace.answered(waited_ms, answer.usage, plan.goal_ms)
        if answer is not None and answer.usage is not None:
            trace.spent(answer.usage, answer.host)
        else:
            trace.stages["model"] = waited_ms
        return answer

    def _told(
        self, question: Question, answer: Answer, typed: str, origin: str, trace: Trace
    ) -> tuple[str, Answer | None]:
        """What of an answer is left at a question, in the document's line ends; tell the trace."""
        text, trace.filters, trace.checks = answer.text, list(answer.filters), list(answer.checks)
        trace.stages["filters"], trace.stages["checks"] = answer.filters_ms, answer.checks_ms
        if typed:
            with stage(trace, "filters"):
                text, more = self._settling.clean(question, answer.text[len(typed) :], answer)
            trace.filters += more
        if origin == "speculated":
            self._asking.pace.came_true()
        trace.origin, trace.sources = origin, list(answer.sources)
        trace.work = told(answer.usage) if answer.usage is not None else {}
        trace.lane, trace.model = answer.lane or trace.lane, answer.model or trace.model
        trace.shown = bool(text)
        trace.reason = "" if text else answer.reason or "All of the answer is typed already."
        return question.in_its_lines(text), answer

    def _joined(self, question: Question) -> Generation | None:
        """The generation under way, asked for or ahead of it, that may become the answer to a question."""
        for generation in (self._live.get(question.key), self._speculation.generation(question.key)):
            if generation is not None and not generation.done and generation.agrees(question) is not None:
                return generation
        return None

    def _ended(self, generation: Generation) -> None:
        """An answer that was asked for is there: remember it."""
        key = generation.question.key
        if self._live.get(key) is generation:
            del self._live[key]
        if generation.answer is not None and not generation.broken_off:
            self._known.add(generation.answer)

    def _work(self, snapshot: Snapshot, offset: int, options: CompletionOptions) -> Work:
        return self._settling.at(Place(snapshot, offset, options.check), lambda: self._asking.info)

    async def _wait(
        self, snapshot: Snapshot, offset: int, options: CompletionOptions, plan: Plan, trace: Trace
    ) -> None:
        """Where waiting is set, let the next key come first; the model reads the prompt meanwhile."""
        most = options.wait_ms if options.wait_ms >= 0 else _WAIT_MS.get(trace.lane or "", 0)
        seconds = self._rhythm.wait_s(plan.usual_ms, most)
        if seconds > 0:
            self.expect(snapshot, offset, options)
            with stage(trace, "wait"):
                await asyncio.sleep(seconds)

    def _may_count(self) -> bool:
        """Whether the model is on this machine, and there to count."""
        info = self._asking.info
        return info is not None and not info.host and info.lane == "near" and self._client.health.kind == "ready"

    def _seek_parallels(self, options: CompletionOptions) -> None:
        """Have files near the documents read, once a model is known that goes on as they do."""
        if self._asking.copies(options) and options.context_tokens:
            self._analysis.seek_parallels()

    def _parallel(
        self, snapshot: Snapshot, offset: int, question: Question, options: CompletionOptions
    ) -> Parallel | None:
        """Another place that says what stands before the cursor, and that the model may be shown."""
        index = self._analysis.index(snapshot.root)
        if index is None or not self._asking.copies(options):
            return None
        view, others = question.view, options.context_tokens > 0
        return index.parallel(
            snapshot, offset, view.before, view.after, others=others, allowed=lambda path: self._follows(snapshot, path)
        )

    def _follows(self, snapshot: Snapshot, path: str) -> bool:
        may_see, may_follow, root = self._may_see, self._may_follow, snapshot.root
        seen = may_see is None or may_see(root, path)
        return seen and (may_follow is None or may_follow(root, snapshot.path, path))

    def _packed(self, snapshot: Snapshot, offset: int, options: CompletionOptions, plan: Plan) -> Packed:
        index = self._analysis.index(snapshot.root)
        if index is None:
            return Packed((), 0, 0.0)
        room = self._asking.context_tokens(plan, options)
        packed = index.snippets(snapshot, offset, room, self._counting.counts)
        self._counting.ask()
        may_see = self._may_see
        if may_see is None or all(may_see(snapshot.root, snippet.path) for snippet in packed.snippets):
            return packed
        seen = tuple(snippet for snippet in packed.snippets if may_see(snapshot.root, snippet.path))
        return replace(packed, snippets=seen)
