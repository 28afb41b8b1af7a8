"""Refactoring's methods; what stands behind them is heavy and loaded, on a thread, when the first of them is called."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ....refactor.tasks import TASKS
from ...config.configuration import Configuration
from ...text.documents import Documents
from ...wire.handshake import Hello
from ..backend import Backend
from ..door import Door
from ..working import Working
from .sync import DocumentSync

if TYPE_CHECKING:
    from .refactor_actions import Actions
    from .refactor_commands import Refactorings
    from .review import Review

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """What refactoring works with."""

    server: LanguageServer
    hello: Hello
    documents: Documents
    sync: DocumentSync
    backend: Backend
    configuration: Configuration
    door: Door
    working: Working


class Refactor:
    """The light shell."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._loading = asyncio.Lock()
        self._loaded: tuple[Refactorings, Actions] | None = None

    def run(self, arguments: Sequence[Any]) -> Answer | Awaitable[Answer]:
        """Carry a command out; without an argument say which there are."""
        if not arguments:
            return {"tasks": [{"name": task.name, "title": task.title, "needs": task.needs} for task in TASKS.values()]}
        return self._run(arguments[0])

    async def offered(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done with some lines."""
        _, actions = await self._ready()
        return await actions.offered(params)

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """A chosen action with its command."""
        _, actions = await self._ready()
        return await actions.resolved(action)

    async def _run(self, argument: Any) -> Answer:
        refactorings, _ = await self._ready()
        return await refactorings.run(argument)

    async def _ready(self) -> tuple[Refactorings, Actions]:
        async with self._loading:
            if self._loaded is None:
                await asyncio.to_thread(import_module, f"{__package__}.refactor_commands")
                from .refactor_actions import Actions
                from .refactor_commands import Refactorings

                refactorings = Refactorings(self._parts)
                self._loaded = refactorings, Actions(refactorings, self._parts.hello)
            return self._loaded


def register(server: LanguageServer, refactor: Refactor, review: Review, working: Working) -> None:
    """Tie code actions, those about findings first, and the cancel of shown work to their methods."""

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return [*await review.offered(params), *await refactor.offered(params)]

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        about_finding = await review.resolved(action)
        return about_finding if about_finding is not None else await refactor.resolved(action)

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancel(params: types.WorkDoneProgressCancelParams) -> None:
        working.cancelled(params.token)
