"""Documents and workspace folders as the client opens, edits and closes them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ....context.document import Snapshot
from ....routing.naming import identifier
from ...text.changes import end_of_change
from ...text.documents import Document, Documents, Edit
from ...text.positions import joined_surrogates
from ...text.text_buffer import Position
from ...text.workspace import Location, Workspace
from ...wire.messages import INVALID_PARAMS, ProtocolError
from ..backend import Backend

DOCUMENT_STATE = "twolane/documentState"
_CALM_S = 0.03
"""A key is followed by its request, if by anything: what nobody waits for begins this long after it."""

_MOST_DELAYED_S = 0.25
"""Under requests without end it begins all the same."""

_REST_S = 0.3
_MOST_STALE_S = 1.0
"""A text that was analysed before is analysed anew when the typing rests, or after this long: it takes as long as many
answers, and what other files have to offer hardly changes with a key."""
_PAIRS = frozenset({"()", "[]", "{}", "<>", '""', "''", "``"})
"""What editors put in at one key, with the cursor in the middle."""

_DOCUMENT_METHODS = frozenset(
    {
        types.TEXT_DOCUMENT_DID_OPEN,
        types.TEXT_DOCUMENT_DID_CHANGE,
        types.NOTEBOOK_DOCUMENT_DID_OPEN,
        types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    }
)


class Follower(Protocol):
    """Whoever else goes with the documents: told of each once the mirror has changed."""

    def opened(self, document: Document) -> None:
        """It is open now."""

    def changed(self, document: Document) -> None:
        """Its text is another one."""

    def saved(self, document: Document) -> None:
        """It was saved."""

    def closed(self, document: Document) -> None:
        """It is open no more."""


class DocumentSync:
    """Keeps the mirror in step, and tells the completer of changes as soon as the typing pauses for a moment.

    `wanted` says whether suggestions may be made in a document, so that it pays to get ready for one; `foreseen` from
    which text one will go on after an edit. `edited_at` is when, by the loop's clock, a document was last edited.
    """

    def __init__(
        self,
        documents: Documents,
        workspace: Workspace,
        backend: Backend,
        on_open: Callable[[], None],
    ) -> None:
        self._documents = documents
        self._workspace = workspace
        self._backend = backend
        self._on_open = on_open
        self.wanted: Callable[[Document], bool] = lambda _: False
        self.foreseen: Callable[[Document, int], tuple[Snapshot, int]] = lambda document, at: (document.snapshot(), at)
        self.follower: Follower | None = None
        self.edited_at: float | None = None
        self._dirty: dict[str, Document] = {}
        self._analysed: set[str] = set()
        self._stale: dict[str, Document] = {}
        self._stale_since = 0.0
        self._resting: asyncio.TimerHandle | None = None
        self._cursors: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._since = 0.0

    def opened(self, params: types.DidOpenTextDocumentParams) -> None:
        """Take a document in; `on_open` sees to it that there will be a model for it."""
        item = params.text_document
        location = self._workspace.locate(item.uri)
        document = self._documents.open(item.uri, location, identifier(str(item.language_id)), item.version, item.text)
        self.taken_in(document)

    def taken_in(self, document: Document) -> None:
        """A document is open now."""
        self._touch(document)
        self._on_open()
        if self.follower is not None:
            self.follower.opened(document)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply the client's edits in order; what the model writes for another text ends."""
        self.apply(params.text_document.uri, params.content_changes, params.text_document.version)

    def apply(self, uri: str, changes: Sequence[types.TextDocumentContentChangeEvent], version: int) -> None:
        """Apply the client's changes of one text."""
        self.edited_at = asyncio.get_running_loop().time()
        edits = [_edit(change) for change in changes]
        known = self._documents.get(uri)
        before = known.buffer.text if known and edits and edits[-1].start is None else ""
        document = self._documents.change(uri, edits, version)
        self._touch(document)
        if self.follower is not None and document is not None:
            self.follower.changed(document)
        if document is None or not edits or not document.synced:
            return
        location, cursor = document.location, self._cursor(document, edits[-1], before)
        if cursor is None:
            return
        self._cursors[document.home] = cursor
        completer = self._backend.completer_for(document)
        if completer is not None and completer.works_on(document.home, location.path, location.root):
            completer.edited(*self.foreseen(document, cursor), self._backend.options)

    def saved(self, params: types.DidSaveTextDocumentParams) -> None:
        """Check the mirror against what was saved."""
        self._analysed.discard(params.text_document.uri)
        self._touch(self._documents.saved(params.text_document.uri, params.text))
        document = self._documents.get(params.text_document.uri)
        if self.follower is not None and document is not None:
            self.follower.saved(document)

    def closed(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forget a document."""
        self.let_go(self._documents.close(params.text_document.uri))

    def let_go(self, document: Document | None) -> None:
        """A document is closed."""
        if document is not None:
            self._dirty.pop(document.home, None)
            self._stale.pop(document.home, None)
            self._analysed.discard(document.home)
            self._backend.closed(document)
            if self.follower is not None:
                self.follower.closed(document)

    def locate(self, uri: str) -> Location:
        """Say where a document stands in the workspace."""
        return self._workspace.locate(uri)

    def folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """Follow the workspace; open documents find their new place in it."""
        before = self._workspace.folders
        self._workspace.remove(folder.uri for folder in params.event.removed)
        self._workspace.add(folder.uri for folder in params.event.added)
        for document in self._documents:
            location = self._workspace.locate(document.home)
            if location != document.location:
                self._backend.closed(document)
                document.moved(location)
                self._analysed.discard(document.home)
                self._touch(document)
        for root in before - self._workspace.folders:
            self._backend.left(root)

    def changed_on_disk(self, uris: Iterable[str]) -> None:
        """Files were written, made or removed, as the client tells; those of no workspace folder do not matter."""
        changed: dict[Path, list[str]] = {}
        for uri in uris:
            location = self._workspace.locate(uri)
            if location.root is not None:
                changed.setdefault(location.root, []).append(location.path)
        for root, paths in changed.items():
            self._backend.changed_on_disk(root, paths)

    def state(self, params: Any) -> dict[str, Any]:
        """Answer `twolane/documentState`: what the mirror holds, for a client to compare."""
        uri = params.get("uri") if isinstance(params, Mapping) else None
        if not isinstance(uri, str):
            raise ProtocolError(INVALID_PARAMS, f"{DOCUMENT_STATE}: uri must be a string")
        document = self._documents.get(uri)
        if document is None:
            return {"version": None, "sha256": None, "synced": False}
        return {"version": document.version, "sha256": document.sha256(), "synced": document.synced}

    def lost(self, method: str, params: Any) -> None:
        """A notification could not be read: doubt the document that it was about."""
        if method not in _DOCUMENT_METHODS:
            return
        identity = params.get("textDocument") if isinstance(params, Mapping) else None
        uri = identity.get("uri") if isinstance(identity, Mapping) else None
        reason = f"a {method} of the client's could not be read"
        if isinstance(uri, str):
            self._documents.doubt(uri, reason)
        else:
            self._documents.doubt_all(reason)

    def asked(self, document: Document) -> None:
        """There is a request for a document: it is answered first, with the context that exists.

        What the completer is told of changes sets another thread to work, which would take turns with the answer.
        """
        self._cursors.pop(document.home, None)
        if self._timer is not None:
            loop = asyncio.get_running_loop()
            self._timer.cancel()
            self._timer = loop.call_at(min(loop.time() + _CALM_S, self._since + _MOST_DELAYED_S), self._calm)

    def flush(self) -> None:
        """Have every change analysed now, and tell the completer where a request is likely to come."""
        self._calm()
        self._rested()

    def touch_all(self) -> None:
        """Tell a new completer of every document."""
        self._analysed.clear()
        for document in self._documents:
            self._touch(document)

    def _calm(self) -> None:
        """Analyse what is new, note what has only changed, and expect a request where the cursor is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        dirty, self._dirty = self._dirty, {}
        for uri, document in dirty.items():
            if uri in self._analysed:
                self._stale[uri] = document
            else:
                self._stale.pop(uri, None)
                self._analyse(document)
        self._rest()
        cursors, self._cursors = self._cursors, {}
        for uri, cursor in cursors.items():
            if uri not in dirty or not self.wanted(dirty[uri]):
                continue
            if completer := self._backend.completer_for(dirty[uri]):
                completer.expect(dirty[uri].snapshot(), cursor, self._backend.options)

    def _rest(self) -> None:
        """Wait for the typing to rest, but not for long."""
        if not self._stale:
            return
        now = asyncio.get_running_loop().time()
        if self._resting is None:
            self._stale_since = now
        else:
            self._resting.cancel()
        due = min(now + _REST_S, self._stale_since + _MOST_STALE_S)
        self._resting = asyncio.get_running_loop().call_at(due, self._rested)

    def _rested(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        stale, self._stale = self._stale, {}
        for document in stale.values():
            self._analyse(document)

    def _analyse(self, document: Document) -> None:
        completer = self._backend.completer_for(document)
        limit = self._backend.options.max_document_bytes
        if completer is not None and document.synced and document.byte_size <= limit:
            completer.changed(document.snapshot())
            self._analysed.add(document.home)

    def _cursor(self, document: Document, edit: Edit, before: str) -> int | None:
        """Where an edit leaves the cursor, as far as it tells: behind what it put in, within a pair of brackets.

        Of one that brings the whole text, that is where it differs from the text `before`; None where it does not.
        """
        if edit.start is None:
            end = end_of_change(before, document.buffer.text)
            return None if end is None else document.begins + end
        inserted = len(joined_surrogates(edit.text)) - (edit.text in _PAIRS)
        return document.place(edit.start, self._documents.encoding).offset + inserted

    def _touch(self, document: Document | None) -> None:
        if document is None:
            return
        self._dirty[document.home] = document
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._since = loop.time()
            self._timer = loop.call_later(_CALM_S, self._calm)


def register(
    server: LanguageServer,
    sync: DocumentSync,
    reread: Callable[[], Awaitable[None]],
    look_again: Callable[[], Awaitable[None]],
) -> None:
    """Tie document synchronisation to its methods.

    `reread` reads the settings of the workspace as it is, `look_again` those of a file that has changed: a save may be
    one of theirs, and not every client watches files.
    """

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        sync.opened(params)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        sync.changed(params)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> Awaitable[None]:
        sync.saved(params)
        return look_again()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        sync.closed(params)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> Awaitable[None]:
        sync.folders_changed(params)
        return reread()

    @server.feature(DOCUMENT_STATE)
    def document_state(params: Any) -> dict[str, Any]:
        return sync.state(params)


def _edit(change: types.TextDocumentContentChangeEvent) -> Edit:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return Edit(change.text)
    start, end = change.range.start, change.range.end
    return Edit(change.text, Position(start.line, start.character), Position(end.line, end.character))
