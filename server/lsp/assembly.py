"""The language server put together: pygls, the documents, the settings, the model, and every feature."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cattrs import Converter
from lsprotocol import types

from ... import __version__
from ...clients.model import Health
from ..compose import build
from ..config.configuration import Configuration
from ..config.settings import Settings
from ..history.asked import trace_of
from ..history.keeper import Keeper
from ..indexer import indexer_for
from ..text.documents import Documents
from ..text.workspace import Workspace
from ..wire.handshake import Hello
from ..wire.messages import Message
from ..wire.session import Outbox
from .backend import Backend, Build
from .door import Door
from .features import (
    commands,
    cursor,
    inline_completion,
    menu_completion,
    notebooks,
    refactor,
    review,
    settings_sync,
    sync,
)
from .indexing import SOURCE_PATTERNS, IndexNews
from .notices import LoadingBar, Notices
from .offers import Offers
from .protocol import TwolaneProtocol, TwolaneServer
from .spend import Spend
from .traces import Traces
from .working import Working

_PULL_PATIENCE_S = 5.0


class Assembly:
    """The `session.Peer` that answers with the whole product."""

    def __init__(
        self,
        protocol: TwolaneProtocol,
        documents: Documents,
        backend: Backend,
        bar: LoadingBar,
        indexing: IndexNews,
        spend: Spend,
        door: Door,
        reviewing: review.Review,
        offers: Offers,
        keeper: Keeper,
    ) -> None:
        self._protocol = protocol
        self._reviewing = reviewing
        self._spend = spend
        self._door = door
        self._offers = offers
        self._keeper = keeper
        self._documents = documents
        self._backend = backend
        self._bar = bar
        self._indexing = indexing

    @property
    def busy(self) -> bool:
        """Tell whether a request is still unanswered."""
        return self._protocol.busy

    def dispatch(self, message: Message) -> None:
        """Take one message of the client's."""
        self._protocol.dispatch(message)

    def doubt(self, reason: str) -> None:
        """Stop trusting every open document."""
        self._documents.doubt_all(reason)

    def shutdown(self) -> None:
        """Answer what is unanswered, as cancelled."""
        self._protocol.cancel_all()

    async def close(self) -> None:
        """End every task and let go of the engine."""
        try:
            await self._protocol.finish()
            await self._reviewing.close()
        finally:
            self._offers.end()
            self._keeper.end()
        await self._bar.close()
        await self._indexing.close()
        await self._backend.close()
        await self._spend.close()
        await self._door.close()


async def assemble(
    hello: Hello,
    outbox: Outbox,
    *,
    converter: Converter,
    trusted: bool = False,
    user_file: Path | None = None,
    build_services: Build | None = None,
) -> Assembly:
    """Build what answers a client that has been greeted; `build_services` stands in for the real model.

    `converter` reads and writes LSP's types (`protocol.strict_converter`).
    """
    server = TwolaneServer("twolane", __version__, protocol_cls=TwolaneProtocol, converter_factory=lambda: converter)
    protocol = server.protocol
    protocol.connect(outbox)
    workspace = Workspace(hello.folders)
    documents = Documents(hello.encoding)
    pause = inline_completion.Pause()
    notices = Notices(server.window_show_message)
    bar = LoadingBar(server, hello.supports("window", "workDoneProgress"))
    indexing = IndexNews(
        LoadingBar(server, hello.supports("window", "workDoneProgress")),
        lambda text: notices.tell("index", text, types.MessageType.Warning),
    )
    watched = hello.supports("workspace", "didChangeWatchedFiles", "dynamicRegistration")
    configuration = Configuration(lambda: workspace.in_order, trusted=trusted, user_file=user_file, notices=notices)
    await configuration.read(hello.options)
    keeper = Keeper(lambda: configuration.settings.history.keep_days)
    traces = Traces(keeper)

    def news(state: Health) -> None:
        bar.show(state)
        notices.engine(state)

    build_own = partial(build, indexer=partial(indexer_for, **indexing.hooks, watch=not watched))
    backend = Backend(configuration.settings, news, notices.trouble, build_services or build_own, configuration.fault)
    offers = Offers(documents, keeper, backend.prefer)

    def begin() -> None:
        """Start the engine and show what there is to say, at the first sign of an editor that is ready."""
        notices.begin()
        backend.warm()

    synchronisation = sync.DocumentSync(documents, workspace, backend, begin)
    protocol.on_lost = synchronisation.lost

    door = Door(configuration, lambda record: traces.add(trace_of(record), record.root))

    def settings_changed(settings: Settings) -> None:
        door.changed()
        if backend.apply(settings, configuration.fault):
            notices.forget("model:")
            synchronisation.touch_all()
        if not settings.completion.enabled:
            backend.rest()
        backend.warm()

    configuration.on_change = settings_changed
    completion = inline_completion.InlineCompletion(
        documents,
        synchronisation,
        backend,
        configuration,
        notices,
        traces,
        pause,
        offers,
        congested=lambda: protocol.congested,
    )
    synchronisation.wanted, synchronisation.foreseen = completion.wanted, completion.foreseen
    sync.register(server, synchronisation, configuration.read, configuration.look_again)
    moves = cursor.Cursor(documents, backend, completion.wanted, lambda: synchronisation.edited_at)
    cursor.register(server, moves)
    notebooks.register(server, notebooks.NotebookSync(documents, synchronisation))
    inline_completion.register(server, completion, offers)
    if not hello.knows_ghost_text:
        menu_completion.register(server, menu_completion.MenuCompletion(documents, completion, configuration))
    spend = Spend()

    def spent() -> Awaitable[dict[str, Any]]:
        return spend.document(configuration.settings, workspace.first)

    working = Working(server, hello.supports("window", "workDoneProgress"))
    parts = refactor.Parts(server, hello, documents, synchronisation, backend, configuration, door, working)
    refactoring = refactor.Refactor(parts)
    reviewing = review.Review(parts, notices, traces, lambda: workspace.first)
    synchronisation.follower = reviewing
    refactor.register(server, refactoring, reviewing, working)
    commands.register(
        server,
        commands.Commands(
            documents,
            backend,
            configuration,
            traces,
            pause,
            offers,
            spent,
            refactoring.run,
            reviewing.run,
            reviewing.dismiss,
            reviewing.status,
        ),
    )

    def changed_on_disk(uris: Sequence[str]) -> None:
        synchronisation.changed_on_disk(uris)
        reviewing.changed_on_disk(uris)

    async def pull() -> Any:
        async with asyncio.timeout(_PULL_PATIENCE_S):
            return await server.workspace_configuration_async(
                types.ConfigurationParams([types.ConfigurationItem(section="twolane")])
            )

    can_pull = hello.supports("workspace", "configuration")
    settings_sync.register(server, configuration, pull if can_pull else None, changed_on_disk)

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        begin()
        if watched:
            settings_sync.watch(server, SOURCE_PATTERNS)

    return Assembly(protocol, documents, backend, bar, indexing, spend, door, reviewing, offers, keeper)
