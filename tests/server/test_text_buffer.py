"""The buffer equals a slow reference model after every edit, in every encoding, with pieces of any size."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from twolane.server.text.positions import Encoding
from twolane.server.text.text_buffer import Position, TextBuffer

ENCODINGS: list[Encoding] = ["utf-8", "utf-16", "utf-32"]
LETTERS = "ab\n\r\x0b\x0c\x85\u2028\u2029é€🎉𝄞\0\ufeff"
texts = st.text(alphabet=LETTERS, max_size=30)


def units(text: str, encoding: Encoding) -> int:
    return (
        len(text.encode(f"{encoding}-le" if encoding != "utf-8" else "utf-8"))
        // {
            "utf-8": 1,
            "utf-16": 2,
            "utf-32": 4,
        }[encoding]
    )


class Reference:
    """The same promises, spelt out as slowly and plainly as possible."""

    def __init__(self, text: str) -> None:
        self.text = text

    def lines(self) -> list[tuple[int, int]]:
        """Return start and end (before its line end) of each line."""
        found = []
        start = 0
        for end in re.finditer("\r\n|\n|\r", self.text):
            found.append((start, end.start()))
            start = end.end()
        return [*found, (start, len(self.text))]

    def place(self, position: Position, encoding: Encoding) -> tuple[int, bool]:
        lines = self.lines()
        if position.line >= len(lines):
            return len(self.text), True
        start, end = lines[position.line]
        for offset in range(start, end + 1):
            size = units(self.text[start:offset], encoding)
            if size == position.character:
                return offset, True
            if size > position.character:
                return offset - 1, False
        return end, True

    def position(self, offset: int, encoding: Encoding) -> Position:
        line, (start, end) = max((n, span) for n, span in enumerate(self.lines()) if span[0] <= offset)
        return Position(line, units(self.text[start : min(offset, end)], encoding))

    def replace(self, start: Position, end: Position, text: str, encoding: Encoding) -> bool:
        ordered = start <= end
        plausible = min(start, end).line <= len(self.lines())
        head, exact_head = self.place(min(start, end), encoding)
        tail, exact_tail = self.place(max(start, end), encoding)
        self.text = self.text[:head] + text + self.text[tail:]
        return ordered and plausible and exact_head and exact_tail


class Editing(RuleBasedStateMachine):
    """Edits both, and compares all that can be asked."""

    @initialize(text=texts, piece=st.integers(1, 12), encoding=st.sampled_from(ENCODINGS))
    def opened(self, text: str, piece: int, encoding: Encoding) -> None:
        self.encoding = encoding
        self.reference = Reference(text)
        self.buffer = TextBuffer(text, piece)

    positions = st.builds(Position, st.integers(0, 14), st.integers(0, 20))

    @rule(start=positions, end=positions, text=texts)
    def any_edit(self, start: Position, end: Position, text: str) -> None:
        wanted = self.reference.replace(start, end, text, self.encoding)
        assert self.buffer.replace(start, end, text, self.encoding) == wanted

    @rule(data=st.data(), text=texts)
    def proper_edit(self, data: st.DataObject, text: str) -> None:
        length = len(self.reference.text)
        head, tail = sorted(data.draw(st.tuples(st.integers(0, length), st.integers(0, length))))
        start = self.reference.position(head, self.encoding)
        end = self.reference.position(tail, self.encoding)
        assert self.reference.replace(start, end, text, self.encoding)
        assert self.buffer.replace(start, end, text, self.encoding)

    @rule(position=positions)
    def asked_for_a_place(self, position: Position) -> None:
        assert self.buffer.place(position, self.encoding) == self.reference.place(position, self.encoding)

    @rule(data=st.data())
    def asked_for_a_position(self, data: st.DataObject) -> None:
        offset = data.draw(st.integers(0, len(self.reference.text)))
        assert self.buffer.position(offset, self.encoding) == self.reference.position(offset, self.encoding)

    @invariant()
    def the_texts_are_the_same(self) -> None:
        assert self.buffer.text == self.reference.text
        assert self.buffer.line_count == len(self.reference.lines())
        assert self.buffer.byte_size == len(self.reference.text.encode())
        assert self.buffer.encodable


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=150, stateful_step_count=30)


@given(
    pieces=st.lists(st.text(alphabet="a\ud83c\udf89\ud800\n", max_size=3), max_size=12),
    places=st.lists(st.integers(0, 40), min_size=12, max_size=12),
)
def test_halves_of_pairs_behave_as_in_a_utf16_client(pieces: list[str], places: list[int]) -> None:
    """Compare with a client whose text is a list of UTF-16 code units."""
    buffer = TextBuffer("", 4)
    client = ""
    for piece, place in zip(pieces, places, strict=False):
        line = client.count("\n", 0, place)
        start = client.rfind("\n", 0, place) + 1
        column = min(place, len(client)) - start
        if not buffer.replace(Position(line, column), Position(line, column), piece, "utf-16"):
            return
        at = min(place, len(client))
        client = client[:at] + _apart(piece) + client[at:]
        assert _apart(buffer.text) == client


def _apart(text: str) -> str:
    """Spell every character beyond the basic plane as its two halves."""
    coded = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(int.from_bytes(coded[at : at + 2], "little")) for at in range(0, len(coded), 2))


def test_a_large_text_stays_in_pieces_of_bounded_size() -> None:
    buffer = TextBuffer("some line of code\n" * 20_000, 1000)
    for number in range(2000):
        buffer.replace(Position(number * 7 % 9000, 3), Position(number * 7 % 9000, 4), "x\ny", "utf-16")
    sizes = [len(piece.text) for piece in buffer._pieces]
    assert max(sizes) <= 2100
    assert len(sizes) < 3 * sum(sizes) / 1000


def test_one_endless_line() -> None:
    buffer = TextBuffer("é🎉" * 500_000)
    assert buffer.replace(Position(0, 1_499_997), Position(0, 1_499_998), "!", "utf-16")
    assert buffer.text.endswith("🎉!🎉")
