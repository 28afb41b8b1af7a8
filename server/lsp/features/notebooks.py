"""Notebooks as the client opens, edits and closes them: their cells are documents of their own."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ....routing.naming import identifier
from ...text.documents import Documents
from ...text.notebooks import NewCell, Notebooks
from .sync import DocumentSync


class NotebookSync:
    """Keeps the order of cells in step; what happens to their text goes the way of every document."""

    def __init__(self, documents: Documents, sync: DocumentSync) -> None:
        self._sync = sync
        self._notebooks = Notebooks(documents)

    def opened(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """Take a notebook in."""
        notebook = params.notebook_document
        order = [cell.document for cell in notebook.cells]
        cells = [_new(item) for item in params.cell_text_documents]
        for document in self._notebooks.open(notebook.uri, self._sync.locate(notebook.uri), order, cells):
            self._sync.taken_in(document)

    def changed(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """Follow a change of the cells' order, then of their texts."""
        cells = params.change.cells
        if cells is None:
            return
        if (structure := cells.structure) is not None:
            array = structure.array
            new = self._notebooks.restructure(
                params.notebook_document.uri,
                (array.start, array.delete_count),
                [cell.document for cell in array.cells or ()],
                [_new(item) for item in structure.did_open or ()],
                [item.uri for item in structure.did_close or ()],
            )
            for document in new:
                self._sync.taken_in(document)
        for content in cells.text_content or ():
            self._sync.apply(content.document.uri, content.changes, content.document.version)

    def closed(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """Forget a notebook."""
        self._sync.let_go(self._notebooks.close(params.notebook_document.uri))


def register(server: LanguageServer, sync: NotebookSync) -> None:
    """Tie notebooks to their methods."""

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenNotebookDocumentParams) -> None:
        sync.opened(params)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeNotebookDocumentParams) -> None:
        sync.changed(params)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseNotebookDocumentParams) -> None:
        sync.closed(params)


def _new(item: types.TextDocumentItem) -> NewCell:
    return NewCell(item.uri, identifier(str(item.language_id)), item.version, item.text)
