"""Single answers of the real completer for the commands, from one warm process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Any

from ...clients.errors import RequestRefused
from ...clients.model import ModelInfo
from ...completion.trace import Completion
from ...context.document import Snapshot
from ..compose import File, Services, build
from ..config.gateway import fault
from ..config.settings import Loaded, Settings
from .files import workspace_of


class Answers:
    """Asks the completer as an editor would, but waits for the model and for the context."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self._services = services
        self._options = services.options
        self._settings = settings

    async def ready(self, snapshot: Snapshot | None = None) -> ModelInfo:
        """Wait until the model, for a snapshot its own, is loaded; raise `ModelError` where it cannot be."""
        return await (self._services if snapshot is None else self._serving(snapshot)).engine.info()

    async def ask(self, snapshot: Snapshot, offset: int, context_tokens: int | None = None) -> Completion:
        """Complete at `offset`; raise `ModelError` where the model failed."""
        options = self._options
        if context_tokens is not None:
            options = replace(options, context_tokens=context_tokens)
        completer = self._serving(snapshot).completer
        return _untroubled(await completer.complete(snapshot, offset, options, wait_for_context=True))

    async def keystroke(self, snapshot: Snapshot, offset: int, *, first: bool) -> Completion:
        """Tell of a change and complete at once, as an editor does; only the `first` waits for the context."""
        completer = self._serving(snapshot).completer
        completer.changed(snapshot)
        return _untroubled(await completer.complete(snapshot, offset, self._options, wait_for_context=first))

    def forget(self, snapshot: Snapshot) -> None:
        """Let the disk speak for this file again."""
        self._serving(snapshot).completer.closed(snapshot)

    def silence(self, snapshot: Snapshot) -> str:
        """Why no suggestion is wanted in this file, or no model may see it; empty where there may be one."""
        if self._services.serving(_file(snapshot)) is None:
            return self._refusal(snapshot)
        return self._settings.completion.silence(snapshot.language)

    def _serving(self, snapshot: Snapshot) -> Services:
        """What serves a file in which suggestions are made."""
        serving = self._services.serving(_file(snapshot))
        if serving is None:
            raise RequestRefused(self._refusal(snapshot))
        return serving

    def _refusal(self, snapshot: Snapshot) -> str:
        return self._services.refusal(_file(snapshot))


@asynccontextmanager
async def open_answers(loaded: Loaded) -> AsyncIterator[Answers]:
    """Build the object graph and let go of it at the end; the engine stays for others."""
    settings = loaded.settings
    services = build(settings, fault=fault(loaded))
    try:
        yield Answers(services, settings)
    finally:
        await services.close()


def _file(snapshot: Snapshot) -> File:
    """The file for the policy. A folder without a sign of a project is no workspace, so that its files stay here."""
    size = len(snapshot.text.encode("utf-8", "surrogatepass"))
    if snapshot.root is not None and workspace_of(snapshot.root) is None:
        return File(None, str(snapshot.root / snapshot.path), snapshot.language, size)
    return File(snapshot.root, snapshot.path, snapshot.language, size)


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
