"""Single answers of the real completer for the commands, from one warm process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Any

from ...clients.model import InfillClient, ModelInfo
from ...completion.completer import Completer, CompletionOptions
from ...completion.trace import Completion
from ...context.document import Snapshot
from ..compose import build
from ..config.settings import Settings


class Answers:
    """Asks the completer as an editor would, but waits for the model and for the context."""

    def __init__(
        self, client: InfillClient, completer: Completer, options: CompletionOptions, settings: Settings
    ) -> None:
        self._completer = completer
        self._client = client
        self._options = options
        self._settings = settings

    async def ready(self) -> ModelInfo:
        """Wait until the model is loaded; raise `ModelError` where it cannot be."""
        return await self._client.info()

    async def ask(self, snapshot: Snapshot, offset: int, context_tokens: int | None = None) -> Completion:
        """Complete at `offset`; raise `ModelError` where the model failed."""
        options = self._options
        if context_tokens is not None:
            options = replace(options, context_tokens=context_tokens)
        completion = await self._completer.complete(snapshot, offset, options, wait_for_context=True)
        return _untroubled(completion)

    async def keystroke(self, snapshot: Snapshot, offset: int, *, first: bool) -> Completion:
        """Tell of a change and complete at once, as an editor does; only the `first` waits for the context."""
        self._completer.changed(snapshot)
        completion = await self._completer.complete(snapshot, offset, self._options, wait_for_context=first)
        return _untroubled(completion)

    def forget(self, snapshot: Snapshot) -> None:
        """Let the disk speak for this file again."""
        self._completer.closed(snapshot.path, snapshot.root)

    def silence(self, snapshot: Snapshot) -> str:
        """Why the settings want no suggestion in this file; empty where they do."""
        return self._settings.completion.silence(snapshot.language)


@asynccontextmanager
async def open_answers(settings: Settings) -> AsyncIterator[Answers]:
    """Build the object graph and let go of it at the end; the engine stays for others."""
    services = build(settings)
    try:
        yield Answers(services.engine, services.completer, services.options, settings)
    finally:
        await services.close()


def _untroubled(completion: Completion) -> Completion:
    if completion.trouble is not None:
        raise completion.trouble
    return completion


def document(completion: Completion) -> dict[str, Any]:
    """The answer as scripts rely on it."""
    trace = completion.trace
    return {
        "text": completion.text,
        "lane": trace.lane,
        "model": trace.model,
        "ms": round(trace.ms, 3),
        "prompt_tokens": trace.prompt_tokens,
        "reused_tokens": trace.reused_tokens,
        "sources": [asdict(source) for source in trace.sources],
        "reason": trace.reason,
    }


def silent(reason: str) -> dict[str, Any]:
    """The answer where the model was not asked."""
    return {
        "text": "",
        "lane": None,
        "model": None,
        "ms": 0.0,
        "prompt_tokens": 0,
        "reused_tokens": 0,
        "sources": [],
        "reason": reason,
    }
