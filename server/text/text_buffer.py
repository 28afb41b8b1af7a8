"""A text cut into pieces at line ends, so that a keystroke in a large document touches one piece only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from .positions import LINE_END, Encoding, column, joined_surrogates, width

PIECE_CHARS = 8 * 1024


class Position(NamedTuple):
    """A zero-based line and a column in the client's code units."""

    line: int
    character: int


class Place(NamedTuple):
    """Where a position lies, in code points; `exact` is False where it had to be moved to a real place."""

    offset: int
    exact: bool


class TextBuffer:
    """The text of one document, edited by LSP ranges.

    Every piece but the last ends with a line end, and no CR LF is torn apart between two of them. An edit
    costs the size of the pieces it touches; `text` joins them, once per state.
    """

    def __init__(self, text: str, piece_chars: int = PIECE_CHARS) -> None:
        self._piece_chars = piece_chars
        self._pieces = list(_cut(joined_surrogates(text), piece_chars))
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The whole text."""
        if self._text is None:
            self._text = "".join(piece.text for piece in self._pieces)
        return self._text

    @property
    def byte_size(self) -> int:
        """How long the text is in UTF-8."""
        return sum(piece.byte_size for piece in self._pieces)

    @property
    def encodable(self) -> bool:
        """Tell whether the text can be written as UTF-8: half a surrogate pair cannot."""
        return all(piece.encodable for piece in self._pieces)

    @property
    def line_count(self) -> int:
        """How many lines there are; a text that ends with a line end has an empty last one."""
        return 1 + sum(piece.line_ends for piece in self._pieces)

    def place(self, position: Position, encoding: Encoding) -> Place:
        """Find a position; past a line's end is its end, past the last line is the end of the text."""
        index, inside, exact = self._find(position, encoding)
        return Place(sum(len(piece.text) for piece in self._pieces[:index]) + inside, exact)

    def position(self, offset: int, encoding: Encoding) -> Position:
        """Name the place of an offset; inside a CR LF is before it."""
        line = 0
        rest = max(offset, 0)
        last = self._pieces[-1]
        for piece in self._pieces:
            if rest < len(piece.text) or piece is last:
                local = bisect_right(piece.starts, rest) - 1
                start, end = piece.line(local)
                return Position(line + local, width(piece.text[start : min(rest, end)], encoding))
            rest -= len(piece.text)
            line += piece.line_ends
        raise AssertionError("a buffer has at least one piece")

    def replace(self, start: Position, end: Position, text: str, encoding: Encoding) -> bool:
        """Put `text` in the place of a range; False where the range had to be guessed.

        A range that ends before it starts is turned round.
        """
        in_order = start <= end
        if not in_order:
            start, end = end, start
        first, head, exact_start = self._find(start, encoding)
        last, tail, exact_end = self._find(end, encoding)
        plausible = start.line <= self.line_count
        self._splice(first, last + 1, self._pieces[first].text[:head] + text + self._pieces[last].text[tail:])
        return in_order and exact_start and exact_end and plausible

    def _splice(self, first: int, stop: int, text: str) -> None:
        """Put `text` in the place of some pieces and restore the promises about pieces."""
        pieces = self._pieces
        if first > 0 and text.startswith("\n") and pieces[first - 1].text.endswith("\r"):
            first -= 1
            text = pieces[first].text + text
        while stop < len(pieces) and (
            not text.endswith(("\r", "\n"))
            or (text.endswith("\r") and pieces[stop].text.startswith("\n"))
            or len(text) < self._piece_chars // 4
        ):
            text += pieces[stop].text
            stop += 1
        pieces[first:stop] = _cut(joined_surrogates(text), self._piece_chars)
        self._text = None

    def _find(self, position: Position, encoding: Encoding) -> tuple[int, int, bool]:
        """Return the piece of a position, the offset in it, and whether the position is exact."""
        line = max(position.line, 0)
        last = len(self._pieces) - 1
        for index, piece in enumerate(self._pieces):
            if line < piece.line_ends or (index == last and line == piece.line_ends):
                start, end = piece.line(line)
                found = column(piece.text[start:end], position.character, encoding)
                return index, start + found.offset, found.exact
            line -= piece.line_ends
        return last, len(self._pieces[last].text), True


class _Piece:
    """A run of whole lines, with what is known about it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lone_returns = text.count("\r") - text.count("\r\n") if "\r" in text else 0
        self.line_ends = text.count("\n") + self._lone_returns
        self.encodable = True
        if text.isascii():
            self.byte_size = len(text)
            return
        try:
            self.byte_size = len(text.encode())
        except UnicodeEncodeError:
            self.encodable = False
            self.byte_size = len(text.encode("utf-8", "surrogatepass"))

    @cached_property
    def starts(self) -> list[int]:
        """Where each line starts."""
        if self._lone_returns:
            return [0, *(end.end() for end in LINE_END.finditer(self.text))]
        with_ends = map((1).__add__, map(len, self.text.split("\n")))
        return list(accumulate(with_ends, initial=0))[:-1]

    def line(self, number: int) -> tuple[int, int]:
        """Return where a line starts and where its line end does."""
        start = self.starts[number]
        if number >= self.line_ends:
            return start, len(self.text)
        end = self.starts[number + 1] - 1
        if end > start and self.text[end] == "\n" and self.text[end - 1] == "\r":
            end -= 1
        return start, end


def _cut(text: str, size: int) -> Iterator[_Piece]:
    """Cut at line ends into pieces of about `size` characters; only an empty text makes an empty piece."""
    start = 0
    while len(text) - start > 2 * size:
        end = LINE_END.search(text, start + size)
        if end is None:
            break
        yield _Piece(text[start : end.end()])
        start = end.end()
    if start < len(text) or not text:
        yield _Piece(text[start:])
