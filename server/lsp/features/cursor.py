"""`twolane/cursor`: where somebody who writes puts the cursor, the model reads the prompt before the first key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from pygls.lsp.server import LanguageServer

from ...text.documents import Document, Documents
from ...text.text_buffer import Position
from ..backend import Backend

CURSOR = "twolane/cursor"
SETTLED_S = 0.06
"""A cursor that goes on within this time was only passing: a held key repeats sooner."""

WRITING_S = 300.0
"""So long after an edit somebody counts as writing; who only reads needs no prompt read."""


class Cursor:
    """Follows the cursor that editors tell of, one place at a time.

    `wanted` says whether suggestions may be made in a document, `edited_at` when (by the loop's clock) one was last
    edited; None for never.
    """

    def __init__(
        self,
        documents: Documents,
        backend: Backend,
        wanted: Callable[[Document], bool],
        edited_at: Callable[[], float | None],
    ) -> None:
        self._documents = documents
        self._backend = backend
        self._wanted = wanted
        self._edited_at = edited_at
        self._settling: asyncio.TimerHandle | None = None

    def moved(self, params: Any) -> None:
        """Take one notification; what is no place in an open document is let pass, nobody waits for an answer."""
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None
        loop = asyncio.get_running_loop()
        edited_at = self._edited_at()
        if edited_at is None or loop.time() - edited_at > WRITING_S:
            return
        if (place := _place(params)) is None or (document := self._documents.get(place[0])) is None:
            return
        self._settling = loop.call_later(SETTLED_S, self._settled, document, document.version, place[1])

    def _settled(self, document: Document, version: int, position: Position) -> None:
        self._settling = None
        known = self._documents.get(document.uri)
        if known is not document or document.version != version or not self._wanted(document):
            return
        offset = document.place(position, self._documents.encoding).offset
        if (completer := self._backend.completer_for(document)) is not None:
            completer.expect(document.snapshot(), offset, self._backend.options)


def _place(params: Any) -> tuple[str, Position] | None:
    identity, position = _part(params, "textDocument"), _part(params, "position")
    uri, line, character = identity.get("uri"), position.get("line"), position.get("character")
    numbers = [one for one in (line, character) if isinstance(one, int) and not isinstance(one, bool) and one >= 0]
    return (uri, Position(*numbers)) if isinstance(uri, str) and len(numbers) == 2 else None


def _part(params: Any, name: str) -> Mapping[str, Any]:
    found = params.get(name) if isinstance(params, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def register(server: LanguageServer, cursor: Cursor) -> None:
    """Tie the cursor to its notification."""

    @server.feature(CURSOR)
    def moved(params: Any) -> None:
        cursor.moved(params)
