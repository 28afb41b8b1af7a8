"""Review's methods; what stands behind them is heavy and loaded, on a thread, when the first of them needs it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from ....clients.errors import ModelError
from ...text.documents import Document
from ...wire.faults import log_fault
from ...wire.messages import INVALID_PARAMS, ProtocolError
from ..notices import Notices
from ..review_consent import Consent, answer_path
from ..review_marks import Marks, plain
from ..review_others import Others
from ..traces import Traces
from .refactor import Parts
from .refactor_actions import diagnostics, read_diagnostics

if TYPE_CHECKING:
    from ..reviews import Reviews
    from .review_actions import Actions

Answer = dict[str, Any]

_WARM_S = 2.0
"""So long after a file was opened, what a review on save needs is loaded: the first save shall not wait for it."""

_REST_S = 0.4
"""So long after the last key what a save would ask is prepared: a little after the text was analysed for itself."""


class Review:
    """The light shell: hears of documents, answers commands and code actions."""

    def __init__(self, parts: Parts, notices: Notices, traces: Traces, folder: Callable[[], Path | None]) -> None:
        """`folder` is the workspace folder whose changes count where none is named."""
        self._parts = parts
        self._notices = notices
        self._traces = traces
        self._folder = folder
        self._marks = Marks(parts.server, parts.hello, parts.documents)
        self._consent = Consent(parts.server, parts.hello, parts.configuration, notices, answer_path())
        self._others = Others()
        self._loading = asyncio.Lock()
        self._loaded: tuple[Reviews, Actions] | None = None
        self._opened: dict[str, str] = {}
        self._early: list[str] = []
        self._resting: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._warming: asyncio.TimerHandle | None = None

    # Documents.

    def opened(self, document: Document) -> None:
        """Findings of a file that was not open follow its text from now on."""
        if not _reviewable(document):
            return
        self._opened.setdefault(document.uri, document.buffer.text)
        self._marks.changed(document)
        if (
            self._loaded is None
            and self._warming is None
            and self._parts.configuration.settings.review.on_save != "off"
        ):
            loop = asyncio.get_running_loop()
            self._warming = loop.call_later(_WARM_S, lambda: self._begin(self._warm()))

    def changed(self, document: Document) -> None:
        """Let the findings of a file go with its text; when the typing rests, get ready for a save."""
        self._marks.changed(document)
        if self._loaded is None or not _reviewable(document):
            return
        if self._resting is not None:
            self._resting.cancel()
        if self._parts.configuration.settings.review.on_save != "off":
            expect, uri = self._loaded[0].expect, document.uri
            self._resting = asyncio.get_running_loop().call_later(_REST_S, lambda: self._begin(expect(uri)))

    def saved(self, document: Document) -> None:
        """Review a file, if that is wanted."""
        if self._resting is not None:
            self._resting.cancel()
        if _reviewable(document) and self._parts.configuration.settings.review.on_save != "off":
            if self._loaded is not None:
                self._loaded[0].saved(document.uri)
            else:
                self._early.append(document.uri)
                self._begin(self._first())

    def closed(self, document: Document) -> None:
        """What a file was when it was opened does not count any more."""
        self._opened.pop(document.uri, None)

    def changed_on_disk(self, uris: Iterable[str]) -> None:
        """Files that are not open were written or removed: their findings follow."""
        marked = [uri for uri in uris if self._marks.marks(uri)]
        if marked:
            self._begin(self._look_again(marked))

    # Commands.

    async def run(self, arguments: Sequence[Any]) -> Answer:
        """`twolane.review`: a URI, or an object with `uri` or `uris`, `again` and `diagnostics`; without: all."""
        given = arguments[0] if arguments else {}
        if isinstance(given, str):
            given = {"uri": given}
        if not isinstance(given, Mapping):
            raise ProtocolError(INVALID_PARAMS, "twolane.review: the argument is a URI or an object with uri, or none")
        uris = given.get("uris", [given["uri"]] if "uri" in given else [])
        if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
            raise ProtocolError(INVALID_PARAMS, "twolane.review: uri is a string, uris a list of strings")
        document = self._parts.documents.get(uris[0]) if len(uris) == 1 else None
        if document is not None:
            told = read_diagnostics(given.get("diagnostics"))
            self._others.heard(document.uri, plain(document.buffer.text), told)
        reviews, _ = await self._ready()
        return await reviews.run(uris, again=given.get("again") is True)

    async def dismiss(self, arguments: Sequence[Any]) -> Answer:
        """`twolane.dismiss`: an object with `finding` (its name), `everybody`, and a `reason` in words."""
        given = arguments[0] if arguments else None
        if given is None:
            return {"dismissed": 0, "reason": "no finding is named"}
        name = given.get("finding") if isinstance(given, Mapping) else None
        if not isinstance(given, Mapping) or not isinstance(name, str):
            raise ProtocolError(INVALID_PARAMS, "twolane.dismiss: the argument is an object with finding, a name")
        reason = given.get("reason")
        _, actions = await self._ready()
        return await actions.dismiss(
            name, everybody=given.get("everybody") is True, reason=reason if isinstance(reason, str) else ""
        )

    async def status(self) -> Answer:
        """What `twolane.status` tells of reviews."""
        if self._loaded is not None and not self._early:
            return await self._loaded[0].status()
        wish = await self._consent.wish()
        return {
            "on_save": wish,
            "reviewing": "",
            "waiting": 0,
            "pending": bool(self._early),
            "prepared": "",
            "findings": 0,
            "incomplete": [],
        }

    # Code actions.

    async def offered(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about the findings at a place; other tools' messages there are remembered."""
        uri = params.text_document.uri
        document = self._parts.documents.get(uri)
        if document is None or not _reviewable(document):
            return []
        if params.context.diagnostics and self._parts.configuration.settings.review.on_save != "off":
            self._others.heard(uri, plain(document.buffer.text), diagnostics(params.context.diagnostics))
        if not self._marks.of(uri):
            return []
        _, actions = await self._ready()
        return await actions.offered(params)

    async def resolved(self, action: types.CodeAction) -> types.CodeAction | None:
        """A chosen action with its edit; None where it is not one of these."""
        if not isinstance(action.data, Mapping) or "finding" not in action.data:
            return None
        _, actions = await self._ready()
        return await actions.resolved(action)

    async def close(self) -> None:
        """End what is under way."""
        for timer in (self._warming, self._resting):
            if timer is not None:
                timer.cancel()
        self._marks.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._loaded is not None:
            await self._loaded[0].close()

    async def _first(self) -> None:
        """Hand on what was saved before anything was loaded."""
        try:
            reviews, _ = await self._ready()
        finally:
            early, self._early = self._early, []
        for uri in early:
            reviews.saved(uri)

    async def _warm(self) -> None:
        if await self._consent.wish() == "on":
            await self._ready()
            async with self._parts.door.open() as elsewhere:
                from ....clients.anthropic.client import AnthropicClient

                for client in elsewhere.clients:
                    if isinstance(client, AnthropicClient):
                        with contextlib.suppress(ModelError):
                            await client.sdk()

    async def _look_again(self, uris: Sequence[str]) -> None:
        from ... import refactoring

        for uri in uris:
            location = self._parts.sync.locate(uri)
            if location.root is not None:
                read = await asyncio.to_thread(refactoring.read, location.root, location.path)
                self._marks.read_anew(uri, plain(read.text) if read is not None else None)

    async def _ready(self) -> tuple[Reviews, Actions]:
        async with self._loading:
            if self._loaded is None:
                for name in ("..reviews", ".review_actions"):
                    await asyncio.to_thread(import_module, name, __package__)
                from ..reviews import Reviews
                from .review_actions import Actions

                reviews = Reviews(
                    self._parts,
                    self._notices,
                    self._traces,
                    self._marks,
                    self._consent,
                    self._others,
                    self._opened.get,
                    self._folder,
                )
                self._loaded = reviews, Actions(self._parts, self._marks)
            return self._loaded

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            log_fault("review", error)


def _reviewable(document: Document) -> bool:
    """Whether a document is a file of a workspace, and all of one."""
    return document.location.root is not None and document.home == document.uri
