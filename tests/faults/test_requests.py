"""Every request is answered exactly once, with the code that JSON-RPC and LSP give it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.faults.conftest import Start
from tests.lsp_client import LspClient, frame

POSITION = {"line": 0, "character": 0}


def answers_still(client: LspClient) -> None:
    """Check that the server goes on, showed nothing, and wrote nothing but the protocol."""
    assert client.request("textDocument/hover")["error"]["code"] == -32601
    assert client.told("window/showMessage") == []
    assert client.rubbish == b""


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/inlineCompletion", None),
        ("textDocument/inlineCompletion", {}),
        ("textDocument/inlineCompletion", [1, 2]),
        ("textDocument/inlineCompletion", "text"),
        ("textDocument/inlineCompletion", {"textDocument": {"uri": "file:///a"}, "position": POSITION}),
        (
            "textDocument/inlineCompletion",
            {"textDocument": {"uri": 7}, "position": POSITION, "context": {"triggerKind": 1}},
        ),
        (
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": "file:///a"},
                "position": {"line": "zero", "character": 0},
                "context": {"triggerKind": 1},
            },
        ),
        (
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": "file:///a"},
                "position": {"line": -1, "character": 0},
                "context": {"triggerKind": 1},
            },
        ),
        ("workspace/executeCommand", {}),
        ("workspace/executeCommand", {"command": "no.such.command"}),
        ("workspace/executeCommand", {"command": "twolane.explain", "arguments": ["many"]}),
        ("twolane/documentState", None),
        ("twolane/documentState", {"uri": None}),
    ],
)
def test_params_that_make_no_sense_are_refused(server: LspClient, method: str, params: Any) -> None:
    answer = server.request(method, params)
    assert answer["error"]["code"] == -32602
    assert server.answers(answer["id"]) == [answer]
    answers_still(server)


def test_refused_params_are_not_quoted(server: LspClient) -> None:
    answer = server.request(
        "textDocument/inlineCompletion",
        {"textDocument": {"uri": "file:///a"}, "position": {"line": "my secret", "character": 0}},
    )
    assert "secret" not in json.dumps(answer)
    assert "secret" not in server.log()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{not json", -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"n":NaN}}', -32700),
        (b"\xff\xfe{}", -32700),
        (b"", -32700),
        (b"[" * 200_000 + b"]" * 200_000, -32700),
        (b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b',"method":"x"}', -32700),
        (b"[]", -32600),
        (b'[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]', -32600),
        (b"null", -32600),
        (b"17", -32600),
        (b'{"jsonrpc":"2.0"}', -32600),
        (b'{"jsonrpc":"2.0","id":null,"method":"shutdown"}', -32600),
        (b'{"jsonrpc":"2.0","id":true,"method":"shutdown"}', -32600),
        (b'{"jsonrpc":"2.0","id":1e999,"method":"shutdown"}', -32600),
    ],
    ids=range(14),
)
def test_a_body_that_is_no_message_is_answered_without_an_id(server: LspClient, body: bytes, code: int) -> None:
    count = len(server.answers(None))
    server.send_bytes(frame(body))
    answer = server.nth_answer(None, count + 1)
    assert answer["error"]["code"] == code
    answers_still(server)
    assert len(server.answers(None)) == count + 1


@pytest.mark.parametrize(
    "fields", [{"method": "shutdown"}, {"jsonrpc": "1.0", "method": "shutdown"}, {"jsonrpc": "2.0", "method": 5}]
)
def test_a_bad_envelope_is_answered_to_its_id(server: LspClient, fields: dict[str, Any]) -> None:
    call = f"bad {json.dumps(fields)}"
    server.send_bytes(frame(json.dumps({"id": call, **fields}).encode()))
    assert server.answer(call)["error"]["code"] == -32600
    answers_still(server)


def test_unknown_methods_and_notifications(server: LspClient) -> None:
    assert server.request("textDocument/noSuchThing", {})["error"]["code"] == -32601
    assert server.request("$/noSuchThing", {})["error"]["code"] == -32601
    assert server.request("textDocument/didOpen", {})["error"]["code"] == -32601
    server.notify("$/noSuchThing", {"a": 1})
    server.notify("textDocument/noSuchThing")
    server.notify("textDocument/didShowCompletion", {"item": {"insertText": "x"}})
    server.notify("textDocument/didPartiallyAcceptCompletion", {"item": {"insertText": "x"}, "acceptedLength": 1})
    server.send(id="nobody asked", result=None)
    server.send(id=4.5, error={"code": "x"})
    answers_still(server)


def test_ids_come_back_as_they_were(server: LspClient) -> None:
    for call in ("text", 0, -5, 2**53, 1.5, ""):
        server.send(id=call, method="textDocument/hover")
        assert server.answer(call)["error"]["code"] == -32601


def test_a_second_initialize_is_refused(server: LspClient) -> None:
    assert server.request("initialize", {"capabilities": {}})["error"]["code"] == -32600
    answers_still(server)


def test_the_life_cycle(start: Start) -> None:
    client = start(greet=False)
    client.notify("textDocument/didOpen", {"textDocument": {}})
    assert client.request("textDocument/hover")["error"]["code"] == -32002
    assert client.request("shutdown")["error"]["code"] == -32002
    for params in (None, {}, {"capabilities": 5}, {"capabilities": {}, "processId": "x"}):
        assert client.request("initialize", params)["error"]["code"] == -32602
    options = {"jsonrpc": "2.0", "id": 1, "method": "shutdown", "nested": {"jsonrpc": "1.0"}}
    result = client.initialize(options)
    assert result["serverInfo"]["name"] == "twolane"
    assert client.state("file:///nowhere")["synced"] is False
    assert client.request("shutdown")["result"] is None
    for method in ("shutdown", "initialize", "textDocument/hover", "twolane/documentState"):
        assert client.request(method, {})["error"]["code"] == -32600
    client.notify("textDocument/didOpen", {})
    client.notify("exit")
    assert client.exit_code() == 0
    assert client.told("window/showMessage") == []


def test_requests_sent_before_the_server_has_loaded_are_answered_in_order(start: Start) -> None:
    client = start(greet=False)
    ids = [client.ask("initialize", {"capabilities": {}})]
    ids += [client.ask("twolane/documentState", {"uri": "file:///a"}) for _ in range(20)]
    for call in ids:
        client.answer(call)
    assert [said["id"] for said in client.messages if "result" in said] == ids
