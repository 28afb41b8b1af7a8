"""Notebooks: the code cells of one language, one after the other, are one text for whoever completes in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...context.document import Snapshot
from .documents import Document, Documents
from .positions import Encoding
from .text_buffer import Place, Position
from .workspace import Location

_BETWEEN = "\n\n"
"""What stands between two cells: the end of the last line, and an empty one."""


class Cell(Document):
    """One cell, open as a document of its own. What is known of its text is known of the whole notebook's.

    Offsets are those of the notebook's text in the cell's language; positions stay the cell's own.
    """

    def __init__(self, notebook: Notebook, uri: str, language: str, version: int, text: str) -> None:
        super().__init__(uri, notebook.location, language, version, text)
        self._notebook = notebook

    @property
    def home(self) -> str:
        """The URI of the notebook."""
        return self._notebook.uri

    @property
    def byte_size(self) -> int:
        """How long all cells of the language are in UTF-8."""
        return self._notebook.byte_size(self.language)

    def snapshot(self) -> Snapshot:
        """Return all cells of the language as one document; cheap while nothing changes."""
        return self._notebook.whole(self.language).snapshot

    def place(self, position: Position, encoding: Encoding) -> Place:
        """Find a position of the client's; `offset` counts from the first cell's start."""
        place = super().place(position, encoding)
        return Place(self.begins + place.offset, place.exact)

    def position(self, offset: int, encoding: Encoding) -> Position:
        """Name the place of an offset in this cell."""
        return super().position(offset - self.begins, encoding)

    @property
    def begins(self) -> int:
        """Where the cell's text begins in the whole."""
        return self._notebook.whole(self.language).starts.get(self.uri, 0)

    def moved(self, location: Location) -> None:
        """Stand in another workspace folder from now on, with all other cells."""
        super().moved(location)
        self._notebook.moved(location)

    def changed(self) -> None:
        """Forget what was put together from an earlier text."""
        super().changed()
        self._notebook.changed()


@dataclass(frozen=True, slots=True)
class _Whole:
    """The cells of one language as one text; `starts` says where each begins."""

    snapshot: Snapshot
    starts: dict[str, int]


class Notebook:
    """The order of a notebook's cells."""

    def __init__(self, uri: str, location: Location) -> None:
        self.uri = uri
        self.location = location
        self.cells: list[str] = []
        self._open: dict[str, Cell] = {}
        self._version = 0
        self._wholes: dict[str, _Whole] = {}

    def add(self, cell: Cell) -> None:
        """A cell is open."""
        self._open[cell.uri] = cell
        self.changed()

    def remove(self, uri: str) -> None:
        """A cell is gone."""
        self._open.pop(uri, None)
        self.changed()

    def reorder(self, start: int, deleted: int, cells: Sequence[str]) -> bool:
        """Put `cells` in the place of `deleted` ones; False where the notebook is not that long."""
        plausible = 0 <= start <= start + deleted <= len(self.cells)
        start = min(max(start, 0), len(self.cells))
        self.cells[start : start + max(deleted, 0)] = cells
        self.changed()
        return plausible

    def moved(self, location: Location) -> None:
        """Stand in another workspace folder."""
        self.location = location
        self.changed()

    def changed(self) -> None:
        """Some cell, or their order, is another."""
        self._version += 1
        self._wholes.clear()

    def byte_size(self, language: str) -> int:
        """How long all cells of a language are in UTF-8."""
        return sum(cell.buffer.byte_size for cell in self._of(language))

    def whole(self, language: str) -> _Whole:
        """Put the cells of a language together."""
        known = self._wholes.get(language)
        if known is None:
            starts: dict[str, int] = {}
            texts: list[str] = []
            at = 0
            for cell in self._of(language):
                starts[cell.uri] = at
                texts.append(cell.buffer.text)
                at += len(cell.buffer.text) + len(_BETWEEN)
            path, root = self.location.path, self.location.root
            snapshot = Snapshot(
                uri=self.uri,
                path=path,
                root=root,
                language=language,
                version=self._version,
                text=_BETWEEN.join(texts),
            )
            known = self._wholes[language] = _Whole(snapshot, starts)
        return known

    def _of(self, language: str) -> list[Cell]:
        cells = (self._open.get(uri) for uri in self.cells)
        return [cell for cell in cells if cell is not None and cell.language == language]


@dataclass(frozen=True, slots=True)
class NewCell:
    """A cell as the client opens it."""

    uri: str
    language: str
    version: int
    text: str


class Notebooks:
    """All open notebooks; their cells are among the open documents."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._open: dict[str, Notebook] = {}

    def open(self, uri: str, location: Location, order: Sequence[str], cells: Iterable[NewCell]) -> list[Document]:
        """Take a notebook in; return its cells."""
        if uri in self._open:
            self.close(uri)
        notebook = self._open[uri] = Notebook(uri, location)
        notebook.reorder(0, 0, order)
        return [self._opened(notebook, cell) for cell in cells]

    def restructure(
        self,
        uri: str,
        at: tuple[int, int],
        order: Sequence[str],
        opened: Iterable[NewCell],
        closed: Iterable[str],
    ) -> list[Document]:
        """Put the cells `order` in the place of `at` = (first, how many); return those that are new.

        A change that makes no sense leaves every cell in doubt.
        """
        notebook = self._open.get(uri)
        if notebook is None:
            return []
        plausible = notebook.reorder(*at, order)
        for cell in closed:
            notebook.remove(cell)
            self._documents.close(cell)
        found = [self._opened(notebook, cell) for cell in opened]
        if not plausible:
            for cell in notebook.cells:
                self._documents.doubt(cell, "a change of its notebook names cells that are not there")
        return found

    def close(self, uri: str) -> Document | None:
        """Forget a notebook and its cells; return one of them, if there was one."""
        notebook = self._open.pop(uri, None)
        closed: Document | None = None
        for cell in notebook.cells if notebook is not None else ():
            closed = self._documents.close(cell) or closed
        return closed

    def _opened(self, notebook: Notebook, new: NewCell) -> Document:
        cell = Cell(notebook, new.uri, new.language, new.version, new.text)
        self._documents.add(cell)
        notebook.add(cell)
        return cell
