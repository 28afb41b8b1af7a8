"""The way of a keystroke below the protocol: gate, window, context, model, stop, filters, answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..clients.errors import ModelError
from ..clients.model import InfillClient, InfillRequest, ModelInfo, Usage
from ..context.document import Snapshot
from ..context.snippet import Packed
from . import extras, gate, languages, mode, window
from .analysis import Analysis
from .filters import chain
from .filters.scene import Scene
from .stopping import StopRule
from .trace import Completion, Trace

INFO_PATIENCE_S = 0.05


@dataclass(frozen=True, slots=True)
class CompletionOptions:
    """What a person set: budgets in tokens, `time_limit_ms` for generating, `multiline` for blocks."""

    context_tokens: int = 1024
    max_tokens: int = 64
    time_limit_ms: int = 600
    multiline: Literal["auto", "never", "always"] = "auto"
    max_document_bytes: int = 2_000_000


class Completer:
    """Answers every request with a completion, or with silence and its reason. Lives on one event loop.

    `changed` and `closed` follow the open documents. Without an executor of its own making (`analysis`) it
    starts one thread when the first document changes.
    """

    def __init__(self, client: InfillClient, analysis: Executor | None = None) -> None:
        self._client = client
        self._analysis = Analysis(analysis)
        self._steady = extras.SteadyContext()
        self._info: ModelInfo | None = None
        self._asking: asyncio.Task[ModelInfo] | None = None

    def changed(self, snapshot: Snapshot) -> None:
        """A document was opened or edited: refresh its context soon, off the event loop."""
        self._analysis.changed(snapshot)

    def closed(self, path: str, root: Path | None) -> None:
        """A document was closed: its file speaks for itself again."""
        self._steady.forget(str(root) if root is not None else "", path)
        self._analysis.closed(path, root)

    async def close(self) -> None:
        """Stop what runs in the background; the client is its owner's to close."""
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait({self._asking})
        self._analysis.close()

    async def complete(
        self,
        snapshot: Snapshot,
        offset: int,
        options: CompletionOptions,
        *,
        wait_for_context: bool = False,
    ) -> Completion:
        """Suggest what to insert at `offset`; never raises a `ModelError`.

        With `wait_for_context` the context is refreshed and the model asked for first; otherwise what exists
        is used. Cancelling the task cancels the model's work.
        """
        began = time.perf_counter()
        trace = Trace(at=time.time(), kind="completion", path=snapshot.path)
        trouble: ModelError | None = None
        text = ""
        try:
            text = await self._suggest(snapshot, offset, options, trace, wait_for_context)
        except ModelError as error:
            trouble = error
            trace.reason = str(error)
            self._info = None
        trace.ms = (time.perf_counter() - began) * 1000
        return Completion(text, offset, offset, trace, trouble)

    async def _suggest(
        self, snapshot: Snapshot, offset: int, options: CompletionOptions, trace: Trace, wait: bool
    ) -> str:
        with _stage(trace, "gate"):
            trace.reason = gate.refusal(snapshot, offset, options.max_document_bytes)
        if trace.reason:
            return ""
        info = await self._model(wait)
        if info is not None:
            trace.lane, trace.model = info.lane, info.name
        with _stage(trace, "context"):
            packed = await self._context(snapshot, offset, options, info, wait)
            trace.sources = extras.sources(packed.snippets)
        size = window.budget(info.context_tokens if info else 0, options.max_tokens, options.context_tokens)
        view = window.cut(snapshot.text, offset, *size)
        place = mode.look(view.before, view.after)
        shape = languages.shape(snapshot.language)
        how = mode.decide(place, shape, options.multiline)
        request = InfillRequest(
            prefix=view.before,
            suffix=view.after,
            path=snapshot.path,
            workspace=snapshot.workspace,
            repository=snapshot.repository,
            extras=extras.group(packed.snippets),
            max_tokens=options.max_tokens,
            time_limit_ms=options.time_limit_ms,
            stop=("\n",) if how.kind == "line" else (),
        )
        rule = StopRule(how, place, shape)
        usage = await self._stream(request, rule, trace)
        if info is None and (info := await self._model(False)) is not None:
            trace.lane, trace.model = info.lane, info.name
        with _stage(trace, "filters"):
            scene = Scene(
                before=view.before,
                after=view.after,
                shape=shape,
                path=snapshot.path,
                shown_paths=frozenset(extra.path for extra in request.extras),
                begins_inside=view.begins_inside,
                cut_short=not rule.stopped and usage is not None and usage.finish in ("length", "time"),
            )
            text, trace.filters = chain.clean(scene, rule.text)
        trace.shown = bool(text)
        if not text:
            trace.reason = _silence(rule, trace.filters, usage)
        return text.replace("\n", view.eol) if view.eol != "\n" else text

    async def _context(
        self,
        snapshot: Snapshot,
        offset: int,
        options: CompletionOptions,
        info: ModelInfo | None,
        wait: bool,
    ) -> Packed:
        if wait:
            await self._analysis.fresh(snapshot)
        index = self._analysis.index(snapshot.root)
        total = (info.context_tokens if info else 0) or window.DEFAULT_CONTEXT_TOKENS
        if index is None:
            return Packed((), 0, 0.0)
        return self._steady.snippets(index, snapshot, offset, min(options.context_tokens, total // 2))

    async def _model(self, wait: bool) -> ModelInfo | None:
        """What answers, if it is known or says so at once; with `wait`, once it does (or its `ModelError`)."""
        if self._info is not None:
            return self._info
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._client.info(), name="model info")
            self._asking.add_done_callback(_retrieved)
        asking = self._asking
        done, _ = await asyncio.wait({asking}, timeout=None if wait else INFO_PATIENCE_S)
        if not done:
            return None
        if asking.cancelled() or (error := asking.exception()) is None:
            self._info = None if asking.cancelled() else asking.result()
            return self._info
        if wait or not isinstance(error, ModelError):
            raise error
        return None

    async def _stream(self, request: InfillRequest, rule: StopRule, trace: Trace) -> Usage | None:
        began = time.perf_counter()
        async with self._client.infill(request) as stream:
            async for piece in stream:
                if rule.feed(piece):
                    break
        rule.finish()
        usage = stream.usage
        if usage is None:
            trace.stages["model"] = (time.perf_counter() - began) * 1000
            return None
        trace.stages["queue"] = usage.queue_ms
        trace.stages["prefill"] = usage.prefill_ms
        trace.stages["decode"] = usage.decode_ms
        trace.prompt_tokens = usage.prompt_tokens
        trace.reused_tokens = usage.reused_tokens
        trace.evaluated_tokens = usage.evaluated_tokens
        trace.generated_tokens = usage.generated_tokens
        return usage


def _retrieved(task: asyncio.Task[ModelInfo]) -> None:
    """A failure that nobody waited for is no news: the next request meets it again."""
    if not task.cancelled():
        task.exception()


@contextmanager
def _stage(trace: Trace, name: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        trace.stages[name] = (time.perf_counter() - began) * 1000


def _silence(rule: StopRule, filters: list[str], usage: Usage | None) -> str:
    if filters and rule.text.strip():
        return f"Nothing of the model's text was left to show after these filters: {', '.join(filters)}."
    if rule.reason and rule.reason != "the line is complete":
        return f"The model's text ended before it began: {rule.reason}."
    if usage is not None and usage.finish == "time":
        return "The time limit passed before the model wrote anything."
    return "The model had nothing to add here."
