"""The model behind the server: built from the settings in force, rebuilt where they change what it is."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...clients.errors import ModelError
from ...clients.model import Health, ModelInfo
from ...completion.asking import CompletionOptions
from ...completion.completer import Completer
from ...completion.known import Answer
from ..compose import File, Services, build, completion_options
from ..config.settings import Settings
from ..text.documents import Document
from ..wire.faults import log_fault

if TYPE_CHECKING:
    from ...context.graph.live import LiveWorkspace
    from ...context.resolution.resolver import Resolver

_log = logging.getLogger(__name__)

Build = Callable[[Settings, Callable[[Health], None], str], Services]

_MOMENT_S = 0.05


class _Served(NamedTuple):
    """Which completer serves a file, as the policy said `at` a moment."""

    file: File
    services: Services
    at: float
    completer: Completer | None


class Backend:
    """Holds the services of the settings in force. Nothing starts before `warm` or the first completion.

    `on_state` hears of the engine's coming and going, `on_trouble` why the model cannot be had.
    """

    def __init__(
        self,
        settings: Settings,
        on_state: Callable[[Health], None],
        on_trouble: Callable[[ModelError], None],
        build_services: Build = build,
        fault: str = "",
    ) -> None:
        """`fault` is what of the policy could not be used: then nothing leaves this machine."""
        self._build = build_services
        self._on_state = on_state
        self._on_trouble = on_trouble
        self._settings = settings
        self._fault = fault
        self._state = Health("down")
        self._info: ModelInfo | None = None
        self._warming: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._services = self._built(settings)
        self._options = self._services.options
        self._served: _Served | None = None

    def completer_for(self, document: Document) -> Completer | None:
        """What completes in a file, another one after the model's settings changed; None where no model may.

        An edit, the request behind it and its answer ask within a moment, in which the policy is asked once.
        """
        file, now = _file(document), time.monotonic()
        known = self._served
        if known is None or known.services is not self._services or known.file != file or now - known.at > _MOMENT_S:
            serving = self._services.serving(file)
            completer = serving.completer if serving is not None else None
            known = self._served = _Served(file, self._services, now, completer)
        return known.completer

    def refusal(self, document: Document) -> str:
        """Why no model may complete in a file, one sentence."""
        return self._services.refusal(_file(document))

    def closed(self, document: Document) -> None:
        """A document was closed, or leaves its place in the workspace."""
        for services in (self._services, self._services.spare):
            if services is not None:
                services.completer.closed(document.snapshot())

    def prefer(self, answer: Answer) -> None:
        """A person looks at what was made of this answer."""
        for services in (self._services, self._services.spare):
            if services is not None:
                services.completer.prefer(answer)

    def rest(self) -> None:
        """Suggestions are paused: stop what is written for what may come."""
        for services in (self._services, self._services.spare):
            if services is not None:
                services.completer.rest()

    def changed_on_disk(self, root: Path, paths: Iterable[str]) -> None:
        """Files of a workspace were written, made or removed, as the client's watcher tells."""
        if (context := self._services.context) is not None:
            context.changed_on_disk(root, paths)

    def left(self, root: Path) -> None:
        """A workspace folder was closed."""
        if (context := self._services.context) is not None:
            context.left(root)

    @property
    def analysis(self) -> Executor:
        """The thread on which text is parsed and indexes are asked."""
        return self._services.analysis

    def workspace(self, root: Path | None) -> LiveWorkspace | None:
        """The graph of a workspace, on that thread; None as long as there is none."""
        context = self._services.context
        index = context.index(root) if context is not None else None
        return index.workspace if index is not None else None

    def resolver(self, root: Path | None) -> Resolver | None:
        """What follows the names of a workspace, on that thread, with all that was looked up before."""
        context = self._services.context
        index = context.index(root) if context is not None else None
        return index.resolver if index is not None else None

    @property
    def options(self) -> CompletionOptions:
        """The completer's part of the settings in force."""
        return self._options

    def apply(self, settings: Settings, fault: str = "") -> bool:
        """Let other settings hold from now on; tell whether the completer is a new one."""
        rebuilt = (_models(settings), fault) != (_models(self._settings), self._fault)
        self._settings, self._fault = settings, fault
        self._options = completion_options(settings)
        if rebuilt:
            old, self._services = self._services, self._built(settings)
            self._info = None
            self._retire(old)
        return rebuilt

    def warm(self) -> None:
        """Start the engine and load the model in the background, unless that has been done."""
        if self._settings.completion.enabled and self._info is None and self._warming is None:
            if self._state == Health("down"):
                self._state = Health("starting")
            self._warming = asyncio.get_running_loop().create_task(self._warm(), name="warm")

    def status(self) -> dict[str, Any]:
        """Say what answers and how it is."""
        return {
            "model": None if self._info is None else asdict(self._info),
            "lane": self._services.lane,
            "state": self._state.kind,
            "message": self._state.message,
            "progress": self._state.progress,
        }

    async def close(self) -> None:
        """Let go of the engine; it stays for other windows, or leaves in its own time."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
        self._retire(self._services)
        if self._closing:
            await asyncio.wait(self._closing)

    def _built(self, settings: Settings) -> Services:
        """Build services whose news counts only while they are the ones in force."""
        services: Services | None = None

        def news(state: Health) -> None:
            if services is None or services is self._services:
                self._state = state
                self._on_state(state)

        services = self._build(settings, news, self._fault)
        return services

    async def _warm(self) -> None:
        services = self._services
        try:
            info = await services.engine.info()
        except ModelError as error:
            if services is self._services:
                if self._state == Health("starting"):
                    self._state = Health("down", str(error))
                self._on_trouble(error)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
        except Exception as error:
            log_fault("starting the engine", error)
        else:
            if services is self._services:
                self._info = info
        self._warming = None
        if services is not self._services:
            self.warm()

    def _retire(self, services: Services) -> None:
        task = asyncio.get_running_loop().create_task(_close(services), name="retire")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _models(settings: Settings) -> tuple[object, ...]:
    """What of the settings decides which model answers."""
    return (
        settings.near,
        settings.engine,
        settings.team,
        settings.privacy,
        settings.routing,
        settings.budget,
        settings.workspace,
    )


async def _close(services: Services) -> None:
    try:
        await services.close()
    except Exception as error:
        _log.warning("the engine could not be let go of in order (%s)", type(error).__name__)


def _file(document: Document) -> File:
    location = document.location
    return File(location.root, location.path, document.language, document.byte_size)
