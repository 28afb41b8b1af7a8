"""The commands a person can run from the editor: why this or nothing, how is it, be quiet for a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ...config.configuration import Configuration
from ...text.documents import Document, Documents
from ...wire.handshake import COMMANDS
from ...wire.messages import INVALID_PARAMS, ProtocolError
from ..backend import Backend
from ..offers import Offers
from ..traces import KEPT, Traces
from .inline_completion import Pause

Answer = dict[str, Any]
Command = Callable[[Sequence[Any]], Answer | Awaitable[Answer]]


class Commands:
    """Answers `workspace/executeCommand`; every answer is a JSON object."""

    def __init__(
        self,
        documents: Documents,
        backend: Backend,
        configuration: Configuration,
        traces: Traces,
        pause: Pause,
        offers: Offers,
        spend: Callable[[], Awaitable[Answer]],
        refactor: Command,
        review: Command,
        dismiss: Command,
        reviews: Callable[[], Awaitable[Answer]],
    ) -> None:
        """`spend` tells what models elsewhere have cost, `reviews` how reviews on save are.

        `refactor` and `review` carry out what a person asks of a model, `dismiss` says that a finding is no problem.
        """
        self._documents = documents
        self._backend = backend
        self._configuration = configuration
        self._traces = traces
        self._pause = pause
        self._offers = offers
        self._spend = spend
        self._reviews = reviews
        own = (self._explain, self._status, self._toggle_pause, self._accepted)
        self._commands: dict[str, Command] = dict(zip(COMMANDS, (*own, refactor, review, dismiss), strict=True))

    def run(self, name: str, arguments: Sequence[Any]) -> Answer | Awaitable[Answer]:
        """Run a command by name; raise `ProtocolError` where there is none."""
        command = self._commands.get(name)
        if command is None:
            raise ProtocolError(INVALID_PARAMS, f"no such command: {name[:100]}")
        return command(arguments)

    def _explain(self, arguments: Sequence[Any]) -> Answer:
        """Return the traces of the last requests: as many as the first argument says, else all kept."""
        count = arguments[0] if arguments else KEPT
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise ProtocolError(INVALID_PARAMS, "twolane.explain: the argument is how many requests, or none")
        return self._traces.document(count)

    async def _status(self, _: Sequence[Any]) -> Answer:
        """Return what answers, how it is, what was spent, and what is wrong with the settings and documents."""
        await self._configuration.look_again()
        return {
            **self._backend.status(),
            "enabled": self._configuration.settings.completion.enabled,
            "paused": self._pause.on,
            "disabled_languages": self._configuration.settings.completion.silent_languages(),
            "spend": await self._spend(),
            "review": await self._reviews(),
            "problems": [*(problem.message for problem in self._configuration.problems), *self._traces.problems],
            "documents": [self._document(document) for document in self._documents],
        }

    def _document(self, document: Document) -> Answer:
        size, limit = document.byte_size, self._backend.options.max_document_bytes
        silence = self._configuration.settings.completion.silence(document.language)
        reason = document.doubt or silence or (f"larger than {limit:,} bytes" if size > limit else "")
        if not reason and self._backend.completer_for(document) is None:
            reason = self._backend.refusal(document)
        known = {"uri": document.uri, "language": document.language, "synced": document.synced}
        return {**known, "bytes": size, "off": reason}

    def _toggle_pause(self, arguments: Sequence[Any]) -> Answer:
        """Pause suggestions, or go on; a boolean argument says which."""
        wanted = arguments[0] if arguments else not self._pause.on
        if not isinstance(wanted, bool):
            raise ProtocolError(INVALID_PARAMS, "twolane.pause: the argument is true or false, or none")
        self._pause.on = wanted
        if wanted:
            self._backend.rest()
        return {"paused": wanted}

    def _accepted(self, arguments: Sequence[Any]) -> Answer:
        """Hear that a suggestion was accepted: the editor runs the command of its item."""
        self._offers.accepted(arguments[0] if arguments else None)
        return {}


def register(server: LanguageServer, commands: Commands) -> None:
    """Tie the commands to their method."""

    @server.feature(types.WORKSPACE_EXECUTE_COMMAND)
    def execute_command(params: types.ExecuteCommandParams) -> Answer | Awaitable[Answer]:
        return commands.run(params.command, params.arguments or ())
