"""What the person is told without having asked: each trouble once, and a bar while the model loads."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ...clients.errors import ModelError
from ...clients.model import Health

_log = logging.getLogger(__name__)
_EXPECTED_KINDS = frozenset({"unavailable", "loading", "timeout", "bad-request"})
_CREATE_PATIENCE_S = 5.0


class Notices:
    """Shows each kind of trouble at most once in the life of the process; the log has every one.

    Until `begin` nothing is shown: an editor that is still starting has no place for it.
    """

    def __init__(self, show: Callable[[types.ShowMessageParams], None]) -> None:
        self._show = show
        self._told: set[str] = set()
        self._held: list[types.ShowMessageParams] | None = []

    def begin(self) -> None:
        """Show what was held back, and hold nothing back from now on."""
        held, self._held = self._held or [], None
        for message in held:
            self._show(message)

    def forget(self, prefix: str) -> None:
        """Let troubles of these kinds be shown again: what they were about has been changed."""
        self._told = {kind for kind in self._told if not kind.startswith(prefix)}

    def tell(self, kind: str, text: str, level: types.MessageType) -> None:
        """Show one line about a trouble of this kind, unless one was shown before."""
        if kind in self._told:
            _log.info("again: %s", text)
            return
        self._told.add(kind)
        _log.warning("%s", text)
        message = types.ShowMessageParams(level, f"Twolane: {text}")
        if self._held is not None:
            self._held.append(message)
        else:
            self._show(message)

    def trouble(self, error: ModelError) -> None:
        """Tell that a model failed, unless it is merely not there yet."""
        if error.kind in _EXPECTED_KINDS:
            _log.info("no suggestion: %s", error)
        else:
            self._failed(str(error), retryable=error.retryable)

    def engine(self, state: Health) -> None:
        """Tell that the engine is gone or cannot be had."""
        if state.kind in ("down", "refused") and state.message:
            self._failed(state.message, retryable=state.kind == "down")

    def _failed(self, text: str, *, retryable: bool) -> None:
        level = types.MessageType.Warning if retryable else types.MessageType.Error
        self.tell("model:down" if retryable else "model:refused", text, level)


class LoadingBar:
    """Shows the engine's way from its start to its readiness as `$/progress`.

    A client that does not support it sees nothing; one that is slow to agree sees the rest.
    """

    def __init__(self, server: LanguageServer, supported: bool) -> None:
        self._progress = server.work_done_progress
        self._supported = supported
        self._state = Health("down")
        self._shown: tuple[str, int] | None = None
        self._token: str | None = None
        self._task: asyncio.Task[None] | None = None

    def show(self, state: Health) -> None:
        """Follow the engine to a new state."""
        self._state = state
        if not self._supported:
            return
        if self._token is not None:
            self._follow(self._token)
        elif self._under_way and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._begin(), name="progress")

    async def close(self) -> None:
        """Stop asking."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    @property
    def _under_way(self) -> bool:
        return self._state.kind in ("starting", "loading")

    async def _begin(self) -> None:
        token = f"twolane-{uuid.uuid4()}"
        try:
            async with asyncio.timeout(_CREATE_PATIENCE_S):
                await self._progress.create_async(token)
        except Exception as error:
            _log.info("the client shows no progress (%s)", type(error).__name__)
            return
        if not self._under_way:
            return
        self._token = token
        self._shown = text, percentage = self._face
        begin = types.WorkDoneProgressBegin(title="Twolane", message=text, percentage=percentage, cancellable=False)
        self._progress.begin(token, begin)

    @property
    def _face(self) -> tuple[str, int]:
        return self._state.message or f"the model is {self._state.kind}", int(self._state.progress * 100)

    def _follow(self, token: str) -> None:
        text, percentage = self._face
        if not self._under_way:
            self._progress.end(token, types.WorkDoneProgressEnd(message=text))
            self._token = self._shown = None
        elif self._face != self._shown:
            self._shown = self._face
            self._progress.report(token, types.WorkDoneProgressReport(message=text, percentage=percentage))
