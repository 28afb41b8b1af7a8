from __future__ import annotations

import hashlib

import pytest

from twolane.server.text.documents import Document, Documents, Edit
from twolane.server.text.text_buffer import Position
from twolane.server.text.workspace import Location

URI = "file:///a.py"


@pytest.fixture
def documents() -> Documents:
    return Documents("utf-16")


def opened(documents: Documents, text: str = "one\ntwo\n", version: int = 1) -> Document:
    return documents.open(URI, Location("a.py", None), "python", version, text)


def at(line: int, character: int, text: str) -> Edit:
    return Edit(text, Position(line, character), Position(line, character))


def test_a_snapshot_is_made_once_for_each_state(documents: Documents) -> None:
    document = opened(documents)
    before = document.snapshot()
    assert document.snapshot() is before
    documents.change(URI, [at(1, 3, "!"), at(0, 0, "# ")], 2)
    after = document.snapshot()
    assert (before.text, before.version) == ("one\ntwo\n", 1)
    assert (after.text, after.version) == ("# one\ntwo!\n", 2)
    assert document.sha256() == hashlib.sha256(after.text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("version", "edits", "text", "synced"),
    [
        (7, [at(0, 0, "a")], "aone\ntwo\n", True),
        (5, [at(0, 0, "a")], "one\ntwo\n", False),
        (4, [Edit("fresh")], "one\ntwo\n", False),
        (6, [Edit("fresh"), at(0, 5, "!")], "fresh!", True),
    ],
)
def test_versions_may_skip_but_not_repeat_or_return(
    documents: Documents, version: int, edits: list[Edit], text: str, synced: bool
) -> None:
    document = opened(documents, version=5)
    documents.change(URI, edits, version)
    assert (document.snapshot().text, document.synced) == (text, synced)
    documents.change(URI, [Edit("whole")], 8)
    assert (document.snapshot().text, document.synced) == ("whole", True)


REVERSED = Edit("y", Position(0, 1), Position(0, 0))


@pytest.mark.parametrize(("edits", "synced"), [([Edit("x\n"), REVERSED], False), ([REVERSED, Edit("x\n")], True)])
def test_only_a_full_change_settles_a_doubt(documents: Documents, edits: list[Edit], synced: bool) -> None:
    document = opened(documents)
    documents.change(URI, edits, 2)
    assert document.synced is synced


def test_a_save_with_the_same_text_changes_nothing(documents: Documents) -> None:
    document = opened(documents)
    before = document.snapshot()
    assert documents.saved(URI, "one\ntwo\n") is None
    assert documents.saved(URI, None) is None
    assert document.snapshot() is before
    assert documents.saved(URI, "other\n") is document
    assert document.snapshot().text == "other\n"


def test_each_trouble_of_a_document_is_logged_once(documents: Documents, caplog: pytest.LogCaptureFixture) -> None:
    opened(documents, "my secret text")
    for _ in range(3):
        opened(documents, "my secret text")
        documents.change(URI, [at(0, 0, "secret")], 0)
        documents.saved(URI, "secret")
        documents.change("file:///other", [at(0, 0, "secret")], 0)
    assert len(caplog.records) == 3
    assert "secret" not in caplog.text


def test_moving_to_another_folder_shows_in_the_next_snapshot(documents: Documents) -> None:
    document = opened(documents)
    assert document.snapshot().path == "a.py"
    document.moved(Location("sub/a.py", None))
    assert document.snapshot().path == "sub/a.py"
