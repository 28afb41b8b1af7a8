"""A damaged or hostile byte stream costs at most the damaged message; stdout carries nothing but the protocol."""

from __future__ import annotations

import time

import pytest

from tests.faults.conftest import Start
from tests.lsp_client import LspClient, message


def header_of(length: object) -> bytes:
    return f"Content-Length: {length}\r\n\r\n".encode()


def hover(call: object) -> bytes:
    return message(id=call, method="textDocument/hover")


def body_of(framed: bytes) -> bytes:
    return framed.partition(b"\r\n\r\n")[2]


def answered(client: LspClient, *calls: object) -> None:
    for call in calls:
        assert client.answer(call)["error"]["code"] == -32601


def test_headers_in_any_case_and_company(server: LspClient) -> None:
    body = body_of(hover("case"))
    server.send_bytes(b"content-length: %d\r\n\r\n" % len(body) + body)
    body = body_of(hover("company"))
    server.send_bytes(
        b"X-Trace: 1\r\nCONTENT-LENGTH:%d\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n" % len(body)
        + body
    )
    body = body_of(hover("bare"))
    server.send_bytes(b"Content-Length: %d\n\n" % len(body) + body)
    answered(server, "case", "company", "bare")


def test_a_header_split_byte_by_byte(server: LspClient) -> None:
    for byte in hover("bytewise"):
        server.send_bytes(bytes([byte]))
    answered(server, "bytewise")


def test_many_messages_in_one_write(server: LspClient) -> None:
    calls = [f"burst {number}" for number in range(500)]
    server.send_bytes(b"".join(hover(call) for call in calls))
    answered(server, *calls)


@pytest.mark.parametrize("off", [-3, 3, -40, 16])
def test_a_wrong_length_costs_the_damaged_message_at_most(server: LspClient, off: int) -> None:
    body = body_of(hover(f"damaged {off}"))
    server.send_bytes(header_of(len(body) + off) + body)
    calls = [f"after {off} {number}" for number in range(3)]
    for call in calls:
        server.send_bytes(hover(call))
    answered(server, *calls)
    assert server.told("window/showMessage") == []


@pytest.mark.parametrize("length", [10**11, 64 * 1024 * 1024 + 1, -5, "many", "", "5 5", "1e3", "0x10"])
def test_a_length_that_cannot_be_is_skipped(server: LspClient, length: object) -> None:
    count = len(server.answers(None))
    server.send_bytes(header_of(length) + body_of(hover("never read")))
    server.send_bytes(hover(f"after {length}"))
    answered(server, f"after {length}")
    assert server.nth_answer(None, count + 1)["error"]["code"] == -32600
    assert len(server.answers(None)) == count + 1
    assert server.answers("never read") == []


def test_noise_between_messages_is_skipped(server: LspClient) -> None:
    server.send_bytes(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + b"\0\xff" * 200_000)
    server.send_bytes(b"\r\n\r\n" + hover("after noise"))
    answered(server, "after noise")


def test_a_lost_message_puts_the_documents_in_doubt_until_their_text_is_known(start: Start) -> None:
    client = start()
    client.open("file:///a.py", "x = 1\n")
    assert client.state("file:///a.py")["synced"] is True
    client.send_bytes(header_of(10**11) + b"{}")
    assert client.state("file:///a.py")["synced"] is False
    assert client.complete("file:///a.py", 0, 5) == []
    assert "differ" in client.last_trace()["reason"]
    client.change("file:///a.py", 2, {"text": "y = 2\n"})
    assert client.state("file:///a.py")["synced"] is True


def test_a_damaged_request_puts_no_document_in_doubt(start: Start) -> None:
    client = start()
    client.open("file:///a.py", "x = 1\n")
    body = body_of(hover("damaged"))
    client.send_bytes(header_of(len(body) - 3) + body)
    assert client.state("file:///a.py")["synced"] is True


def test_stray_prints_go_to_the_log(start: Start) -> None:
    client = start(text="value + 1", print="stray words of somebody's library")
    client.open("file:///a.py", "result = \n")
    for _ in range(3):
        assert client.complete("file:///a.py", 0, 9) != []
    assert client.shut_down() == 0
    assert client.rubbish == b""
    assert client.log().count("stray words") >= 2, "what Python wrote, and what C did"


def test_a_client_that_stops_reading_is_left_after_a_while(start: Start) -> None:
    client = start(limits={"stuck_s": 1.0, "congested_bytes": 1000})
    client.stop_reading()
    began = time.monotonic()
    for _ in range(40):
        client.send_bytes(b"".join(hover(f"{'x' * 5000}") for _ in range(10)))
        if client.process.poll() is not None:
            break
    assert client.exit_code() == 1
    assert time.monotonic() - began < 15
    assert "stopped reading" in client.log()


def test_a_client_that_does_not_read_the_log_is_served_all_the_same(start: Start) -> None:
    client = start(drain=False)
    rubbish = header_of(2) + b"{]"
    for number in range(10):
        client.send_bytes(rubbish * 400 + hover(f"after {number}"))
        answered(client, f"after {number}")
    assert len(client.answers(None)) == 4000
    client.request("shutdown")
    client.notify("exit")
    assert client.exit_code() == 0
