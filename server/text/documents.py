"""The server's own copy of every open document, and the doubt about it where the client's edits make none of sense."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...context.document import Snapshot
from .positions import Encoding
from .text_buffer import Place, Position, TextBuffer
from .workspace import Location

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edit:
    """One content change: `text` in the place of a range, or of everything where there is no range."""

    text: str
    start: Position | None = None
    end: Position | None = None


class Document:
    """One open document. `synced` is False once its text may differ from the client's; `doubt` says why."""

    def __init__(self, uri: str, location: Location, language: str, version: int, text: str) -> None:
        self.uri = uri
        self.location = location
        self.language = language
        self.version = version
        self.buffer = TextBuffer(text)
        self.doubt = ""
        self._snapshot: Snapshot | None = None

    @property
    def synced(self) -> bool:
        """Tell whether the text is certainly the client's."""
        return not self.doubt

    @property
    def home(self) -> str:
        """The URI of what a snapshot shows: the document itself, or the notebook that it is a cell of."""
        return self.uri

    @property
    def begins(self) -> int:
        """Where the document's text begins in a snapshot's."""
        return 0

    @property
    def byte_size(self) -> int:
        """How long a snapshot's text is in UTF-8."""
        return self.buffer.byte_size

    def snapshot(self) -> Snapshot:
        """Return the document as it stands; cheap while nothing changes."""
        if self._snapshot is None:
            self._snapshot = Snapshot(
                uri=self.uri,
                path=self.location.path,
                root=self.location.root,
                language=self.language,
                version=self.version,
                text=self.buffer.text,
            )
        return self._snapshot

    def place(self, position: Position, encoding: Encoding) -> Place:
        """Find a position of the client's."""
        return self.buffer.place(position, encoding)

    def position(self, offset: int, encoding: Encoding) -> Position:
        """Name the place of an offset."""
        return self.buffer.position(offset, encoding)

    def sha256(self) -> str:
        """Hash the UTF-8 text; a lone surrogate counts as its three bytes."""
        return hashlib.sha256(self.buffer.text.encode("utf-8", "surrogatepass")).hexdigest()

    def moved(self, location: Location) -> None:
        """Stand in another workspace folder from now on."""
        self.location = location
        self.changed()

    def changed(self) -> None:
        """Forget what was made of an earlier text."""
        self._snapshot = None

    def rewrite(self, text: str) -> None:
        """Start again from a text that is certainly the client's."""
        self.buffer = TextBuffer(text)
        self.doubt = ""
        self.changed()

    def edit(self, edits: Sequence[Edit], version: int, encoding: Encoding) -> str:
        """Apply edits in order; return what is doubtful about them, empty where nothing is."""
        if version <= self.version:
            return f"a change has version {version}, and the document has {self.version} already"
        self.version = version
        doubt = ""
        for edit in edits:
            if edit.start is None or edit.end is None:
                self.rewrite(edit.text)
                doubt = ""
            elif not self.buffer.replace(edit.start, edit.end, edit.text, encoding):
                doubt = "an edit's range does not lie in the document"
        self.changed()
        return doubt


class Documents:
    """All open documents, by the URI exactly as the client writes it. Nothing here reads a file."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self._open: dict[str, Document] = {}
        self._told: set[tuple[str, str]] = set()

    def __iter__(self) -> Iterator[Document]:
        return iter(self._open.values())

    def get(self, uri: str) -> Document | None:
        """Return an open document."""
        return self._open.get(uri)

    def open(self, uri: str, location: Location, language: str, version: int, text: str) -> Document:
        """Take a document in; one that is open already starts again from this text."""
        document = Document(uri, location, language, version, text)
        self.add(document)
        return document

    def add(self, document: Document) -> None:
        """Take a document in."""
        if document.uri in self._open:
            self._tell(document.uri, "opened", "was opened twice; the newer text counts")
        self._open[document.uri] = document

    def change(self, uri: str, edits: Sequence[Edit], version: int) -> Document | None:
        """Apply a change; None where the document is not open."""
        document = self._open.get(uri)
        if document is None:
            self._tell(uri, "unopened", "was changed before it was opened; the change is left out")
            return None
        if doubt := document.edit(edits, version, self.encoding):
            self.doubt(uri, doubt)
        return document

    def saved(self, uri: str, text: str | None) -> Document | None:
        """Compare with what the client saved, and learn from it; None where nothing was learnt."""
        document = self._open.get(uri)
        if document is None or text is None or (document.synced and document.buffer.text == text):
            return None
        if document.synced:
            self._tell(uri, "saved", "was saved with another text than its edits make; the saved one counts")
        document.rewrite(text)
        return document

    def close(self, uri: str) -> Document | None:
        """Forget a document; None where it was not open."""
        self._told = {told for told in self._told if told[0] != uri}
        return self._open.pop(uri, None)

    def doubt(self, uri: str, reason: str) -> None:
        """Stop trusting a document until its whole text arrives again (a full change, a save, a reopening)."""
        document = self._open.get(uri)
        if document is not None and document.synced:
            document.doubt = reason
            self._tell(uri, "doubt", f"may differ from the editor's text: {reason}; no suggestions in it")

    def doubt_all(self, reason: str) -> None:
        """Stop trusting every document: a message may be lost, and nobody knows which."""
        for uri in self._open:
            self.doubt(uri, reason)

    def _tell(self, uri: str, kind: str, what: str) -> None:
        if (uri, kind) not in self._told:
            self._told.add((uri, kind))
            _log.warning("%s %s", uri, what)
