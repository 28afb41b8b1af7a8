"""Where an editor knows no inline completion, the suggestion is an entry of its menu."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.conftest import Start
from tests.lsp_client import LspClient

URI = "file:///work/a.py"
KNOWS = {"textDocument": {"inlineCompletion": {"dynamicRegistration": True}}}


def menu(client: LspClient, line: int, character: int) -> dict[str, Any]:
    place = {"line": line, "character": character}
    params = {"textDocument": {"uri": URI}, "position": place, "context": {"triggerKind": 1}}
    answer: dict[str, Any] = client.result("textDocument/completion", params)
    return answer


def test_offered_only_where_there_is_no_ghost_text(start: Start) -> None:
    assert "completionProvider" in start(greet=False).initialize()["capabilities"]
    knowing = start(greet=False)
    assert "completionProvider" not in knowing.initialize(capabilities=KNOWS)["capabilities"]
    answer = knowing.request("textDocument/completion", {"textDocument": {"uri": URI}, "position": {}})
    assert answer["error"]["code"] == -32601


@pytest.mark.parametrize(
    ("text", "cursor", "suggestion", "label", "start_of_edit", "new"),
    [
        ("total = ", (0, 8), "value + 1", "value + 1", 8, "value + 1"),
        ("x = 1\ntotal = 4 + val", (1, 15), "ue", "value", 12, "value"),
        ("é🎉 = ", (0, 6), "value", "value", 6, "value"),
    ],
)
def test_the_entry_replaces_the_word_at_the_cursor(
    start: Start, text: str, cursor: tuple[int, int], suggestion: str, label: str, start_of_edit: int, new: str
) -> None:
    client = start(text=suggestion)
    client.open(URI, text)
    answer = menu(client, *cursor)
    assert answer["isIncomplete"] is True
    (entry,) = answer["items"]
    assert entry["label"] == label
    assert entry["filterText"].startswith(new)
    assert entry["textEdit"]["newText"] == new
    assert entry["textEdit"]["range"] == {
        "start": {"line": cursor[0], "character": start_of_edit},
        "end": {"line": cursor[0], "character": cursor[1]},
    }
    assert entry["command"]["command"] == "twolane.accepted"


def test_more_than_a_line_is_shown_whole_beside_the_menu(start: Start) -> None:
    client = start(text="\n    first = 1\n    return first\n")
    client.open(URI, "def f():")
    (entry,) = menu(client, 0, 8)["items"]
    assert entry["label"].endswith("…")
    assert "return first" in entry["documentation"]["value"]
    assert entry["insertTextMode"] == 1
    assert entry["insertTextFormat"] == 1


def test_what_is_read_in_the_menu_has_no_carriage_returns(start: Start) -> None:
    client = start(text="\n    first = 1\n    return first\n")
    client.open(URI, "import a\r\ndef f():")
    (entry,) = menu(client, 1, 8)["items"]
    assert entry["label"] == "first = 1…"
    assert "\r" not in entry["filterText"] + entry["documentation"]["value"]
    assert entry["textEdit"]["newText"] == "\r\n    first = 1\r\n    return first"


def test_silent_where_suggestions_are(start: Start) -> None:
    client = start(text="value")
    assert menu(client, 0, 0) == {"isIncomplete": False, "items": []}
    client.open(URI, "total = ")
    client.command("twolane.pause", True)
    assert menu(client, 0, 8)["items"] == []
    assert "paused" in client.last_trace()["reason"]


def test_the_setting_turns_it_off(start: Start) -> None:
    client = start(greet=False, text="value")
    client.initialize(options={"completion": {"menu_entry": False}})
    client.open(URI, "total = ")
    assert menu(client, 0, 8) == {"isIncomplete": False, "items": []}
