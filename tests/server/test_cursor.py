"""Where somebody who writes puts the cursor, a request is expected; elsewhere nothing is read."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from twolane.server.lsp.features.cursor import SETTLED_S, WRITING_S, Cursor
from twolane.server.text.documents import Documents
from twolane.server.text.workspace import Location

URI = "file:///a.py"
TEXT = "total = 1\n\nname = '🎉'\n"


class Desk:
    """A document, and what is expected in it."""

    def __init__(self) -> None:
        self.expected: list[int] = []
        self.wanted = True
        self.edited_at: float | None = 0.0
        self.documents = Documents("utf-16")
        self.document = self.documents.open(URI, Location("a.py", None), "python", 1, TEXT)
        completer = SimpleNamespace(expect=lambda _, offset, __: self.expected.append(offset))
        backend: Any = SimpleNamespace(completer_for=lambda _: completer, options=None)
        self.cursor = Cursor(self.documents, backend, lambda _: self.wanted, lambda: self.edited_at)

    def edited(self) -> None:
        self.edited_at = asyncio.get_running_loop().time()

    def moves(self, line: int, character: int) -> None:
        self.cursor.moved({"textDocument": {"uri": URI}, "position": {"line": line, "character": character}})


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def settled() -> None:
    await asyncio.sleep(2 * SETTLED_S)


async def test_a_request_is_expected_where_the_cursor_rests(desk: Desk) -> None:
    desk.edited()
    desk.moves(2, 10)
    await settled()
    assert desk.expected == [TEXT.index("'\n")]


async def test_only_the_place_where_it_comes_to_rest_counts(desk: Desk) -> None:
    desk.edited()
    for line in (0, 1, 2):
        desk.moves(line, 0)
    await settled()
    assert desk.expected == [TEXT.index("name")]


async def test_who_only_reads_has_nothing_read(desk: Desk) -> None:
    desk.edited_at = None
    desk.moves(1, 0)
    desk.edited_at = asyncio.get_running_loop().time() - WRITING_S - 1
    desk.moves(1, 0)
    await settled()
    assert desk.expected == []


async def test_nothing_is_read_where_nothing_is_suggested(desk: Desk) -> None:
    desk.edited()
    desk.wanted = False
    desk.moves(1, 0)
    await settled()
    assert desk.expected == []


async def test_another_text_or_a_closed_document_has_another_cursor(desk: Desk) -> None:
    desk.edited()
    desk.moves(1, 0)
    desk.document.version += 1
    await settled()
    desk.moves(1, 0)
    desk.documents.close(URI)
    await settled()
    assert desk.expected == []


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {},
        {"textDocument": {"uri": URI}},
        {"textDocument": {"uri": URI}, "position": {"line": -1, "character": 0}},
        {"textDocument": {"uri": URI}, "position": {"line": 1, "character": "0"}},
        {"textDocument": {"uri": URI}, "position": {"line": True, "character": 0}},
        {"textDocument": {"uri": 1}, "position": {"line": 1, "character": 0}},
        {"textDocument": {"uri": "file:///other"}, "position": {"line": 1, "character": 0}},
    ],
)
async def test_what_is_no_place_is_let_pass(desk: Desk, params: Any) -> None:
    desk.edited()
    desk.cursor.moved(params)
    await settled()
    assert desk.expected == []


async def test_a_place_beyond_the_end_is_the_end(desk: Desk) -> None:
    desk.edited()
    desk.moves(2**31 - 1, 2**31 - 1)
    await settled()
    assert desk.expected == [len(TEXT)]
