"""`textDocument/inlineCompletion`: one live request per document, the newest wins, nothing stale is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ....completion.completer import Completer
from ....completion.known import Answer
from ....completion.trace import Completion, Trace
from ....context.document import Snapshot
from ...config.configuration import Configuration
from ...text.documents import Document, Documents
from ...text.text_buffer import Position
from ...text.workspace import file_path
from ...wire.faults import log_fault
from ..backend import Backend
from ..carrying import Carried, carry
from ..notices import Notices
from ..offers import ACCEPTED, Offers
from ..traces import Traces
from .sync import DocumentSync

_SHOWN = "textDocument/didShowCompletion"
_PARTLY_ACCEPTED = "textDocument/didPartiallyAcceptCompletion"

_ALTERNATIVES = 2
"""How many more suggestions are made where a person asks for them."""

Items = list[types.InlineCompletionItem]


class _Silence(Exception):
    """Nothing is suggested; `str(silence)` is the reason for `explain`."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The entry of a pop-up menu that would replace the text from `start` to the cursor."""

    text: str
    start: int

    def taken(self, snapshot: Snapshot, offset: int) -> tuple[Snapshot, int]:
        """A text with the entry in its place, and the cursor behind it."""
        text = snapshot.text[: self.start] + self.text + snapshot.text[offset:]
        return replace(snapshot, text=text), self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: who was asked, about which text, where, and what is `chosen` in a pop-up menu.

    `uri` is the document's, the cell's in a notebook. `seen` is the text that the answer is to go on from, and where.
    `place` is the cursor as people count: line and column from 1.
    """

    uri: str
    completer: Completer
    snapshot: Snapshot
    offset: int
    chosen: Chosen | None
    seen: tuple[Snapshot, int]
    place: tuple[int, int]

    def carried(self, text: str, now: str) -> Carried | None:
        """What of an answer holds in the text as it is now, the chosen entry in front of it; None where it is stale."""
        if (chosen := self.chosen) is None:
            answer = Carried(text, self.offset, self.offset)
        else:
            answer = Carried(chosen.text + text, chosen.start, self.offset)
        return carry(answer, self.offset, self.snapshot.text, now)


@dataclass(slots=True)
class Pause:
    """Whether the person has paused suggestions."""

    on: bool = False


@dataclass(slots=True)
class _Turn:
    """One request's turn at a document, until a newer one takes its place.

    What the model writes for it may go on then, and become the newer one's answer.
    """

    task: asyncio.Task[Items] | None = None
    overtaken: bool = False
    begun: bool = False

    def overtake(self) -> None:
        """A newer request is there: answer this one with nothing."""
        self.overtaken = True
        if self.task is not None and self.begun:
            self.task.cancel()


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
        offers: Offers,
        congested: Callable[[], bool],
    ) -> None:
        self._documents = documents
        self._sync = sync
        self._backend = backend
        self._configuration = configuration
        self._notices = notices
        self._traces = traces
        self._pause = pause
        self._offers = offers
        self._congested = congested
        self._live: dict[str, _Turn] = {}
        self._menu: tuple[str, Chosen | None] = ("", None)

    def ask(self, params: types.InlineCompletionParams) -> Items | asyncio.Task[Items]:
        """Suggest at a position of an open document, as it stands at this very moment.

        The document is looked at before this returns: the next message may be an edit, and the position is
        one in the text before it.
        """
        uri = params.text_document.uri
        document = self._documents.get(uri)
        place = 0, 0
        try:
            document = self._admitted(document)
            offset = self._offset(document, params.position)
            place = _place(document, offset)
            chosen = self._chosen(document, offset, params.context.selected_completion_info)
        except _Silence as silence:
            self._silent(document, uri, str(silence), place)
            return []
        self._sync.asked(document)
        completer = self._backend.completer_for(document)
        if completer is None:
            self._silent(document, uri, self._backend.refusal(document), place)
            return []
        snapshot = document.snapshot()
        seen = chosen.taken(snapshot, offset) if chosen is not None else (snapshot, offset)
        asked = Asked(uri, completer, snapshot, offset, chosen, seen, place)
        self._menu = uri, chosen
        invoked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
        if not invoked and (items := self._at_once(asked)) is not None:
            return items
        if before := self._live.get(uri):
            before.overtake()
        turn = self._live[uri] = _Turn()
        turn.task = asyncio.ensure_future(self._answer(asked, turn, anew=invoked))
        turn.task.add_done_callback(lambda _: self._ended(uri, turn))
        return turn.task

    def wanted(self, document: Document) -> bool:
        """Whether a suggestion may be made in a document."""
        try:
            self._admitted(document)
        except _Silence:
            return False
        return True

    def foreseen(self, document: Document, offset: int) -> tuple[Snapshot, int]:
        """The text that a request is likely to go on from, now that an edit has left the cursor at `offset`.

        While the entry that is chosen in a menu is typed, that is the text with the entry.
        """
        snapshot, (uri, chosen) = document.snapshot(), self._menu
        if uri == document.uri and chosen is not None and chosen.start <= offset:
            if chosen.text.startswith(snapshot.text[chosen.start : offset]):
                return chosen.taken(snapshot, offset)
            self._menu = "", None
        return snapshot, offset

    def _at_once(self, asked: Asked) -> Items | None:
        """Answer with what is known already; None where that takes time. The request before this one ends."""
        try:
            completion = asked.completer.at_once(*asked.seen, self._backend.options)
            if completion is None:
                return None
            if before := self._live.get(asked.uri):
                before.overtake()
            try:
                return self._shown(completion, asked)
            finally:
                self._traces.add(completion.trace, asked.snapshot.root)
        except Exception as error:
            self._failed(error, asked)
        return []

    async def _answer(self, asked: Asked, turn: _Turn, *, anew: bool) -> Items:
        turn.begun = True
        try:
            if not turn.overtaken:
                completion = await asked.completer.complete(
                    *asked.seen, self._backend.options, anew=anew, alternatives=_ALTERNATIVES if anew else 0
                )
                try:
                    return self._shown(completion, asked)
                finally:
                    self._traces.add(completion.trace, asked.snapshot.root)
        except asyncio.CancelledError:
            if not turn.overtaken:
                self._untold(asked, "The editor cancelled the request.")
                raise
        except Exception as error:
            self._failed(error, asked)
            return []
        self._untold(asked, "A newer request for the same document took its place.")
        return []

    def _failed(self, error: Exception, asked: Asked) -> None:
        fault = log_fault("a completion", error)
        self._untold(asked, f"{fault[0].upper()}{fault[1:]}.")

    def _shown(self, completion: Completion, asked: Asked) -> Items:
        """Return what of an answer may be shown in the document as it is now, the likeliest first."""
        trace, document = completion.trace, self._documents.get(asked.uri)
        trace.line, trace.column = asked.place
        if document is not None and self._backend.completer_for(document) is not asked.completer:
            trace.shown, trace.reason = False, "The settings changed while the model wrote."
            return []
        if completion.trouble is not None:
            self._notices.trouble(completion.trouble)
        if not completion.text:
            return []
        trace.shown = False
        try:
            now = self._admitted(document)
            text, made = now.snapshot().text, ((completion.text, completion.answer), *completion.others)
            found = [(asked.carried(one, text), answer) for one, answer in made]
            kept = [(carried, answer) for carried, answer in found if carried is not None]
            if not kept:
                raise _Silence("The document changed while the model wrote.")
            if self._congested():
                raise _Silence("The editor is far behind in reading answers, so it is sent no suggestions.")
            items = [self._item(now, carried, answer, trace) for carried, answer in kept]
        except _Silence as silence:
            trace.reason = str(silence)
            return []
        first, answer = kept[0]
        trace.shown, trace.chars, trace.lines = True, len(first.text), 1 + first.text.count("\n")
        if answer is not None and first.start == first.end:
            asked.completer.shown(now.snapshot(), first.end, first.text, answer, self._backend.options)
        return items

    def _silent(self, document: Document | None, uri: str, reason: str, place: tuple[int, int]) -> None:
        if document is not None:
            location = document.location
            self._traces.silence(location.path, reason, document.language, location.root, place)
        else:
            path = file_path(uri)
            self._traces.silence(path.name if path is not None else "untitled", reason)

    def _untold(self, asked: Asked, reason: str) -> None:
        snapshot = asked.snapshot
        self._traces.silence(snapshot.path, reason, snapshot.language, snapshot.root, asked.place)

    def _admitted(self, document: Document | None) -> Document:
        """Return a document in which a suggestion may be made; raise `_Silence` for any other."""
        if self._pause.on:
            raise _Silence("Suggestions are paused (command twolane.pause).")
        if document is None:
            raise _Silence("The document is not open.")
        if silence := self._configuration.settings.completion.silence(document.language):
            raise _Silence(f"{silence[0].upper()}{silence[1:]}.")
        if not document.synced:
            raise _Silence(
                f"The document may differ from the editor's text ({document.doubt}): close it and open it again."
            )
        limit = self._backend.options.max_document_bytes
        if document.byte_size > limit:
            raise _Silence(
                f"The document is larger than {limit:,} bytes; raise completion.max_document_bytes to complete here."
            )
        if not document.buffer.encodable:
            raise _Silence("The document holds half a character (a lone surrogate), which no model can be shown.")
        return document

    def _offset(self, document: Document, position: types.Position) -> int:
        place = document.place(Position(position.line, position.character), self._documents.encoding)
        if not place.exact:
            raise _Silence("The cursor stands inside a character.")
        return place.offset

    def _chosen(self, document: Document, offset: int, info: types.SelectedCompletionInfo | None) -> Chosen | None:
        """What is selected in the pop-up menu that is open, if one is; it takes the place of what stands there."""
        if info is None:
            return None
        start, end = (self._offset(document, position) for position in (info.range.start, info.range.end))
        if not start <= end == offset or "\n" in info.text or "\r" in info.text:
            raise _Silence("The pop-up menu is open, and what is selected in it does not end at the cursor.")
        return Chosen(info.text, start)

    def _ended(self, uri: str, turn: _Turn) -> None:
        if self._live.get(uri) is turn:
            del self._live[uri]

    def _item(
        self, document: Document, carried: Carried, answer: Answer | None, trace: Trace
    ) -> types.InlineCompletionItem:
        encoding = self._documents.encoding
        start = document.position(carried.start, encoding)
        end = document.position(carried.end, encoding)
        if start.line != end.line:
            raise _Silence("The answer would replace text on more than one line.")
        name = self._offers.made(document, answer, carried.text, carried.start, trace)
        return types.InlineCompletionItem(
            insert_text=carried.text,
            range=types.Range(types.Position(*start), types.Position(*end)),
            command=types.Command("Accepted", ACCEPTED, arguments=[name]),
        )


def _place(document: Document, offset: int) -> tuple[int, int]:
    line, character = document.position(offset, "utf-32")
    return line + 1, character + 1


def register(server: LanguageServer, completion: InlineCompletion, offers: Offers) -> None:
    """Tie inline completion, and what editors say of it, to their methods."""

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION)
    def inline_completion(params: types.InlineCompletionParams) -> Items | asyncio.Task[Items]:
        return completion.ask(params)

    @server.feature(_SHOWN)
    def did_show(params: Any) -> None:
        offers.shown(params)

    @server.feature(_PARTLY_ACCEPTED)
    def did_partly_accept(params: Any) -> None:
        offers.partly_accepted(params)
