"""What an editor says of the suggestions it has, and what it says of its pop-up menu."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tests.faults.conftest import Start
from tests.lsp_client import LspClient

URI = "file:///work.py"
TEXT = "import os\n\nresult = os.pa\n"
END = (2, 14)


def place(character: int) -> dict[str, int]:
    return {"line": 2, "character": character}


def ask(client: LspClient, *, kind: int = 2, chosen: str = "", start: int = 12) -> list[dict[str, Any]]:
    context: dict[str, Any] = {"triggerKind": kind}
    if chosen:
        context["selectedCompletionInfo"] = {"range": {"start": place(start), "end": place(14)}, "text": chosen}
    params = {"textDocument": {"uri": URI}, "position": place(14), "context": context}
    items: list[dict[str, Any]] = client.result("textDocument/inlineCompletion", params)
    return items


def kept(client: LspClient, folder: Path) -> list[tuple[int, int, int]]:
    """What the history holds of the offers once the server is gone: shown, characters accepted, characters."""
    assert client.shut_down() == 0
    (file,) = folder.rglob("history.sqlite3")
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT shown, accepted_chars, chars FROM offer ORDER BY id").fetchall()
    connection.close()
    return rows


def test_what_is_shown_and_accepted_is_kept_as_numbers(start: Start, tmp_path: Path) -> None:
    client = start(text="th.join(a, b)")
    client.open(URI, TEXT)
    (item,) = ask(client)
    assert item["insertText"] == "th.join(a, b)"
    client.notify("textDocument/didShowCompletion", {"item": item})
    client.change(URI, 2, {"range": item["range"], "text": item["insertText"]})
    client.command(item["command"]["command"], *item["command"]["arguments"])
    assert kept(client, tmp_path) == [(1, 13, 13)]


def test_a_word_is_accepted_and_the_rest_stays_without_asking_again(start: Start, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    client = start(text="th.join(a, b)", diary=str(diary))
    client.open(URI, TEXT)
    (item,) = ask(client)
    client.notify("textDocument/didPartiallyAcceptCompletion", {"item": item, "acceptedLength": 2})
    client.change(URI, 2, {"range": item["range"], "text": "th"})
    (rest,) = client.complete(URI, 2, 16)
    assert rest["insertText"] == ".join(a, b)"
    assert client.last_trace()["origin"] == "typed-through"
    assert kept(client, tmp_path) == [(0, 2, 13)]


def test_what_makes_no_sense_is_let_pass(start: Start, tmp_path: Path) -> None:
    client = start(text="th.join(a, b)")
    client.open(URI, TEXT)
    (item,) = ask(client)
    odd: Any
    for odd in (None, [], {}, {"item": None}, {"item": {"command": {"arguments": [3]}}}, {"item": {"command": "x"}}):
        client.notify("textDocument/didShowCompletion", odd)
        client.notify("textDocument/didPartiallyAcceptCompletion", odd)
    for length in (-1, True, "3", None, 0):
        client.notify("textDocument/didPartiallyAcceptCompletion", {"item": item, "acceptedLength": length})
    client.command("twolane.accepted")
    client.command("twolane.accepted", "nobody knows it")
    assert kept(client, tmp_path) == [(0, 0, 13)]


def test_a_selected_menu_entry_is_what_the_suggestion_goes_on_from(start: Start) -> None:
    client = start(text=".join(a, b)")
    client.open(URI, TEXT)
    (item,) = ask(client, chosen="path")
    assert item["insertText"] == "path.join(a, b)"
    assert item["range"] == {"start": place(12), "end": place(14)}


def test_a_menu_entry_that_does_not_end_at_the_cursor_gets_nothing(start: Start) -> None:
    client = start(text=".join(a, b)")
    client.open(URI, TEXT)
    params = {
        "textDocument": {"uri": URI},
        "position": place(14),
        "context": {
            "triggerKind": 2,
            "selectedCompletionInfo": {"range": {"start": place(9), "end": place(11)}, "text": "path"},
        },
    }
    assert client.result("textDocument/inlineCompletion", params) == []
    assert "menu" in client.last_trace()["reason"]


def test_an_explicit_request_gets_a_list_too(start: Start) -> None:
    client = start(text="th.join(a, b)")
    client.open(URI, TEXT)
    assert [item["insertText"] for item in ask(client, kind=1)] == ["th.join(a, b)"]
