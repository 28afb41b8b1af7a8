"""`textDocument/completion`: the suggestion as one entry of the menu, for editors without inline completion."""

from __future__ import annotations

import asyncio
import re

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ....completion.window import plain
from ...config.configuration import Configuration
from ...text.documents import Document, Documents
from ...text.text_buffer import Position
from .inline_completion import InlineCompletion, Items

_WORD = re.compile(r"\w*\Z")
_MOST_LABEL = 80
_FIRST = "\x01"
"""Sorts the entry before those of other servers."""


class MenuCompletion:
    """Asks for the same suggestion as ghost text would be, and dresses it as an entry of a menu."""

    def __init__(self, documents: Documents, completion: InlineCompletion, configuration: Configuration) -> None:
        self._documents = documents
        self._completion = completion
        self._configuration = configuration

    async def ask(self, params: types.CompletionParams) -> types.CompletionList:
        """Suggest at a position; the list is never complete, since one more character means another suggestion."""
        document = self._documents.get(params.text_document.uri)
        if document is None or not self._configuration.settings.completion.menu_entry:
            return types.CompletionList(is_incomplete=False, items=[])
        version = document.version
        asked = self._completion.ask(
            types.InlineCompletionParams(
                types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
                params.text_document,
                params.position,
            )
        )
        items: Items = await asked if isinstance(asked, asyncio.Future) else asked
        now = self._documents.get(params.text_document.uri)
        fresh = now is document and document.version == version
        return types.CompletionList(
            is_incomplete=True,
            items=[self._entry(document, params.position, item) for item in items[:1] if fresh],
        )

    def _entry(
        self, document: Document, cursor: types.Position, item: types.InlineCompletionItem
    ) -> types.CompletionItem:
        """Make an entry that replaces the word at the cursor, so that editors that filter by that word keep it."""
        encoding = self._documents.encoding
        text = document.buffer.text
        at = document.buffer.place(Position(cursor.line, cursor.character), encoding).offset
        found = _WORD.search(text, text.rfind("\n", 0, at) + 1, at)
        start = found.start() if found is not None else at
        span = item.range or types.Range(cursor, cursor)
        place = span.start
        replaced = document.buffer.place(Position(place.line, place.character), encoding).offset
        start = min(start, replaced)
        whole = text[start:replaced] + str(item.insert_text)
        shown = plain(whole)
        first, _, rest = shown.partition("\n")
        begin = document.buffer.position(start, encoding)
        fence = "`" * 4
        return types.CompletionItem(
            label=_label(first, rest),
            kind=types.CompletionItemKind.Text,
            detail="Twolane",
            documentation=types.MarkupContent(
                types.MarkupKind.Markdown, f"{fence}{document.language}\n{shown}\n{fence}"
            ),
            sort_text=_FIRST,
            filter_text=first or shown,
            insert_text_format=types.InsertTextFormat.PlainText,
            insert_text_mode=types.InsertTextMode.AsIs,
            text_edit=types.TextEdit(types.Range(types.Position(*begin), span.end), whole),
            command=item.command,
        )


def _label(first: str, rest: str) -> str:
    """Name an entry by its first line, with a mark where that is not all."""
    line = first.strip() or rest.strip().partition("\n")[0]
    return line[: _MOST_LABEL - 1] + "…" if len(line) > _MOST_LABEL or rest else line


def register(server: LanguageServer, completion: MenuCompletion) -> None:
    """Tie the menu's entry to its method."""

    @server.feature(types.TEXT_DOCUMENT_COMPLETION)
    async def menu(params: types.CompletionParams) -> types.CompletionList:
        return await completion.ask(params)
