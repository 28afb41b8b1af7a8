"""The mirror equals the client's text after every step, or says that it may not."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Start
from tests.lsp_client import LspClient


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    return {
        "range": {
            "start": {"line": start[0], "character": start[1]},
            "end": {"line": end[0], "character": end[1]},
        },
        "text": text,
    }


def check(client: LspClient, uri: str, text: str, version: int) -> None:
    """The server holds exactly this text."""
    assert client.state(uri) == {"version": version, "sha256": sha(text), "synced": True}


def test_only_lsp_line_ends_end_lines(server: LspClient) -> None:
    uri = "file:///ends.txt"
    server.open(uri, "a\x0cb\x0bc\x85d\u2028e\u2029f\nsecond\rthird\r\nfourth")
    server.change(uri, 2, edit((1, 0), (1, 6), "2nd"))
    check(server, uri, "a\x0cb\x0bc\x85d\u2028e\u2029f\n2nd\rthird\r\nfourth", 2)
    server.change(uri, 3, edit((2, 0), (3, 0), ""), edit((0, 3), (0, 4), "\r"))
    check(server, uri, "a\x0cb\rc\x85d\u2028e\u2029f\n2nd\rfourth", 3)
    server.change(uri, 4, edit((3, 0), (3, 0), "\n"))
    check(server, uri, "a\x0cb\rc\x85d\u2028e\u2029f\n2nd\r\nfourth", 4)
    server.change(uri, 5, edit((3, 0), (3, 6), "last"))
    check(server, uri, "a\x0cb\rc\x85d\u2028e\u2029f\n2nd\r\nlast", 5)


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["utf-7", "utf-8", "utf-16"], "utf-8"), (["utf-32"], "utf-32"), (None, "utf-16")]
)
def test_positions_count_in_what_the_client_prefers(start: Start, offered: Any, chosen: str) -> None:
    client = start(greet=False)
    general = {"general": {"positionEncodings": offered}} if offered is not None else {}
    result = client.initialize(capabilities=general)
    assert result["capabilities"]["positionEncoding"] == chosen
    units = {"utf-8": len("é🎉".encode()), "utf-16": 3, "utf-32": 2}[chosen]
    client.open("file:///a.txt", "é🎉x\n")
    client.change("file:///a.txt", 2, edit((0, units), (0, units + 1), "y"))
    check(client, "file:///a.txt", "é🎉y\n", 2)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (edit((0, 2), (0, 3), ""), None),
        (edit((0, 1), (0, 2), ""), None),
        (edit((1, 1), (0, 1), "z"), None),
        (edit((70, 0), (70, 0), "z"), None),
        (edit((0, 900), (0, 901), "z"), "a🎉bz\nc"),
        (edit((0, 0), (9000, 0), "z"), "z"),
        (edit((1, 2**31 - 1), (2, 0), "z"), "a🎉b\ncz"),
    ],
)
def test_a_range_outside_the_text_is_clamped_or_doubted(
    server: LspClient, request: pytest.FixtureRequest, change: dict[str, Any], text: str | None
) -> None:
    uri = f"file:///{abs(hash(request.node.name))}.py"
    server.open(uri, "a🎉b\nc")
    server.change(uri, 2, change)
    if text is not None:
        check(server, uri, text, 2)
        return
    assert server.state(uri)["synced"] is False
    assert server.complete(uri, 0, 0) == []
    assert "differ" in server.last_trace()["reason"]
    server.change(uri, 3, edit((0, 0), (0, 0), "still in doubt "))
    assert server.state(uri)["synced"] is False
    server.change(uri, 4, {"text": "whole again"})
    check(server, uri, "whole again", 4)


def test_a_change_that_cannot_be_read_is_a_doubt(server: LspClient) -> None:
    uri = "file:///unreadable.py"
    server.open(uri, "x = 1\n")
    server.change(uri, 2, {"range": {"start": {"line": 0, "character": -1}}, "text": "y"})
    assert server.state(uri)["synced"] is False


def test_a_save_settles_the_doubt(server: LspClient) -> None:
    uri = "file:///saved.py"
    server.open(uri, "x = 1\n")
    server.change(uri, 2, edit((1, 0), (0, 0), "y"))
    server.notify("textDocument/didSave", {"textDocument": {"uri": uri}, "text": "saved\n"})
    check(server, uri, "saved\n", 2)


def test_events_out_of_order(server: LspClient) -> None:
    uri = "file:///order.py"
    for _ in range(3):
        server.change(uri, 5, {"text": "early"})
    assert server.complete(uri, 0, 0) == []
    assert server.last_trace()["reason"] == "The document is not open."
    assert server.log().count("was changed before it was opened") == 1

    server.open(uri, "one\n", version=10)
    server.open(uri, "two\n", version=3)
    check(server, uri, "two\n", 3)
    server.change(uri, 2, edit((0, 0), (0, 3), "older"))
    server.change(uri, 1, edit((0, 0), (0, 3), "older still"))
    assert server.state(uri) == {"version": 3, "sha256": sha("two\n"), "synced": False}
    assert server.complete(uri, 0, 0) == []
    assert server.log().count("order.py may differ") == 1

    server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert server.state(uri) == {"version": None, "sha256": None, "synced": False}
    assert server.complete(uri, 0, 0) == []
    assert server.told("window/showMessage") == []


@pytest.mark.parametrize("text", ["\ud83d alone", "\ufeffx = ", "x\0y", "🎉" * 250_000, "x" * 1_000_000], ids=range(5))
def test_odd_texts_are_held_as_they_are(server: LspClient, request: pytest.FixtureRequest, text: str) -> None:
    uri = f"file:///odd{abs(hash(request.node.name))}.py"
    server.open(uri, text)
    check(server, uri, text, 1)
    server.change(uri, 2, edit((0, 0), (0, 0), "a"))
    check(server, uri, "a" + text, 2)
    server.complete(uri, 0, 1)


def test_halves_of_a_pair_that_meet_become_one_character(server: LspClient) -> None:
    uri = "file:///halves.py"
    server.open(uri, "\ud83c|\n")
    assert server.complete(uri, 0, 1) == []
    assert "surrogate" in server.last_trace()["reason"]
    server.change(uri, 2, edit((0, 1), (0, 2), "\udf89"))
    check(server, uri, "🎉\n", 2)


def test_a_document_beyond_the_limit_is_held_but_gets_no_suggestions(server: LspClient) -> None:
    uri = "file:///large.py"
    text = "value = 1  # a line of an ordinary length\n" * 500_000
    server.open(uri, text)
    check(server, uri, text, 1)
    for version in range(2, 52):
        server.change(uri, version, edit((250_000, version), (250_000, version), "z"))
    assert server.complete(uri, 0, 9) == []
    assert "larger than" in server.last_trace()["reason"]
    off = {document["uri"]: document["off"] for document in server.command("twolane.status")["documents"]}
    assert "larger than" in off[uri]
    server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


HOSTILE_URIS = [
    "{root}/project/../outside/secret.py",
    "{root}/project/%2e%2e/outside/secret.py",
    "{root}/project/link.py",
    "{root}/outside/secret.py",
    "untitled:Untitled-1",
    "file://server/share/secret.py",
    "git:/project/a.py?ref=HEAD",
    "not a uri at all",
    "file:///%00",
    "http://[broken",
    "",
]


def test_no_uri_makes_the_server_read_its_file(start: Start, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.py").write_text("the_secret = 1\n")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "link.py").symlink_to(tmp_path / "outside" / "secret.py")
    client = start(greet=False, text="value + 1")
    client.initialize(rootUri=(tmp_path / "project").as_uri())
    for uri in (pattern.format(root=tmp_path.as_uri()) for pattern in HOSTILE_URIS):
        assert client.state(uri)["sha256"] is None
        assert client.complete(uri, 0, 0) == []
        client.open(uri, "result = \n")
        check(client, uri, "result = \n", 1)
        assert [item["insertText"] for item in client.complete(uri, 0, 9)] == ["value + 1"]
    assert "the_secret" not in repr(client.messages)
    assert client.shut_down() == 0
