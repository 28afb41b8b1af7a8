"""`textDocument/inlineCompletion`: one live request per document, the newest wins, nothing stale is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ....completion.trace import Completion
from ....context.document import Snapshot
from ...config.configuration import Configuration
from ...text.documents import Document, Documents
from ...text.text_buffer import Position
from ...text.workspace import file_path
from ...wire.faults import log_fault
from ..backend import Backend
from ..carrying import Carried, carry
from ..notices import Notices
from ..traces import Traces
from .sync import DocumentSync

_SHOWN = "textDocument/didShowCompletion"
_PARTLY_ACCEPTED = "textDocument/didPartiallyAcceptCompletion"

Items = list[types.InlineCompletionItem]


class _Silence(Exception):
    """Nothing is suggested; `str(silence)` is the reason for `explain`."""


@dataclass(slots=True)
class Pause:
    """Whether the person has paused suggestions."""

    on: bool = False


class InlineCompletion:
    """Answers every request with a list, perhaps empty; why it is empty stands in the traces.

    Only a cancel by the client makes it an error. `congested` tells that the client is far behind in reading.
    """

    def __init__(
        self,
        documents: Documents,
        sync: DocumentSync,
        backend: Backend,
        configuration: Configuration,
        notices: Notices,
        traces: Traces,
        pause: Pause,
        congested: Callable[[], bool],
    ) -> None:
        self._documents = documents
        self._sync = sync
        self._backend = backend
        self._configuration = configuration
        self._notices = notices
        self._traces = traces
        self._pause = pause
        self._congested = congested
        self._live: dict[str, asyncio.Task[Completion]] = {}

    def ask(self, params: types.InlineCompletionParams) -> Items | asyncio.Task[Items]:
        """Suggest at a position of an open document, as it stands at this very moment.

        The document is looked at before this returns: the next message may be an edit, and the position is
        one in the text before it.
        """
        uri = params.text_document.uri
        document = self._documents.get(uri)
        try:
            document = self._admitted(document)
            offset = self._offset(document, Position(params.position.line, params.position.character))
        except _Silence as silence:
            self._silent(document, uri, str(silence))
            return []
        self._sync.asked(uri)
        completer = self._backend.completer_for(document)
        if completer is None:
            self._silent(document, uri, self._backend.refusal(document))
            return []
        snapshot = document.snapshot()
        anew = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
        work = self._newest(uri, completer.complete(snapshot, offset, self._backend.options, anew=anew))
        answer = asyncio.ensure_future(self._answer(work, snapshot, offset))
        answer.add_done_callback(lambda _: work.cancel())
        return answer

    def wanted(self, document: Document) -> bool:
        """Whether a suggestion may be made in a document."""
        try:
            self._admitted(document)
        except _Silence:
            return False
        return True

    async def _answer(self, work: asyncio.Task[Completion], snapshot: Snapshot, offset: int) -> Items:
        try:
            completion = await work
            try:
                return self._shown(completion, snapshot, offset)
            finally:
                self._traces.add(completion.trace, snapshot.root)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                self._untold(snapshot, "The client cancelled the request.")
                raise
            self._untold(snapshot, "A newer request for the same document took its place.")
        except Exception as error:
            fault = log_fault("a completion", error)
            self._untold(snapshot, f"{fault[0].upper()}{fault[1:]}.")
        return []

    def _shown(self, completion: Completion, snapshot: Snapshot, offset: int) -> Items:
        """Return what of an answer may be shown in the document as it is now."""
        trace = completion.trace
        if completion.trouble is not None:
            self._notices.trouble(completion.trouble)
        if not completion.text:
            return []
        trace.shown = False
        try:
            now = self._admitted(self._documents.get(snapshot.uri))
            answer = Carried(completion.text, completion.start, completion.end)
            carried = carry(answer, offset, snapshot.text, now.snapshot().text)
            if carried is None:
                raise _Silence("The document changed while the model wrote.")
            if self._congested():
                raise _Silence("The client is far behind in reading; it is spared suggestions.")
            item = self._item(now, carried)
        except _Silence as silence:
            trace.reason = str(silence)
            return []
        trace.shown = True
        if completion.answer is not None and carried.start == carried.end:
            completer, options = self._backend.completer_for(now), self._backend.options
            if completer is not None:
                completer.shown(now.snapshot(), carried.end, carried.text, completion.answer, options)
        return [item]

    def _silent(self, document: Document | None, uri: str, reason: str) -> None:
        if document is not None:
            location = document.location
            self._traces.silence(location.path, reason, document.language, location.root)
        else:
            path = file_path(uri)
            self._traces.silence(path.name if path is not None else "untitled", reason)

    def _untold(self, snapshot: Snapshot, reason: str) -> None:
        self._traces.silence(snapshot.path, reason, snapshot.language, snapshot.root)

    def _admitted(self, document: Document | None) -> Document:
        """Return a document in which a suggestion may be made; raise `_Silence` for any other."""
        if self._pause.on:
            raise _Silence("Suggestions are paused (command twolane.pause).")
        if document is None:
            raise _Silence("The document is not open.")
        if silence := self._configuration.settings.completion.silence(document.language):
            raise _Silence(f"{silence[0].upper()}{silence[1:]}.")
        if not document.synced:
            raise _Silence(f"The document may differ from the editor's text: {document.doubt}.")
        limit = self._backend.options.max_document_bytes
        if document.buffer.byte_size > limit:
            raise _Silence(
                f"The document is larger than {limit:,} bytes; raise completion.max_document_bytes to complete here."
            )
        if not document.buffer.encodable:
            raise _Silence("The document holds half a surrogate pair, which no model can be shown.")
        return document

    def _offset(self, document: Document, position: Position) -> int:
        place = document.place(position, self._documents.encoding)
        if not place.exact:
            raise _Silence("The cursor stands inside a character.")
        return place.offset

    def _newest(self, uri: str, work: Coroutine[Any, Any, Completion]) -> asyncio.Task[Completion]:
        """Begin a completion; the one before it for the same document ends, answered with nothing.

        What the model writes for that one may go on and become the new one's answer.
        """
        if before := self._live.get(uri):
            before.cancel()
        task = self._live[uri] = asyncio.ensure_future(work)
        task.add_done_callback(partial(self._ended, uri))
        return task

    def _ended(self, uri: str, task: asyncio.Task[Completion]) -> None:
        if self._live.get(uri) is task:
            del self._live[uri]

    def _item(self, document: Document, answer: Carried) -> types.InlineCompletionItem:
        encoding = self._documents.encoding
        start = document.buffer.position(answer.start, encoding)
        end = document.buffer.position(answer.end, encoding)
        if start.line != end.line:
            raise _Silence("The answer would replace text on more than one line.")
        return types.InlineCompletionItem(
            insert_text=answer.text,
            range=types.Range(types.Position(*start), types.Position(*end)),
        )


def register(server: LanguageServer, completion: InlineCompletion) -> None:
    """Tie inline completion to its methods."""

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION)
    def inline_completion(params: types.InlineCompletionParams) -> Items | asyncio.Task[Items]:
        return completion.ask(params)

    @server.feature(_SHOWN)
    def did_show(params: object) -> None:
        """Accept the client's word that it showed a suggestion."""

    @server.feature(_PARTLY_ACCEPTED)
    def did_partly_accept(params: object) -> None:
        """Accept the client's word that a part of a suggestion was taken."""
