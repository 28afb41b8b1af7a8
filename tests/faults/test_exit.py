"""However the client leaves, the server is gone within a second and a half."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.conftest import Start
from tests.faults.test_completion import CURSOR, TEXT, URI, begun
from tests.lsp_client import LspClient

PATIENCE_S = 4.0  # the promise is 1.5 s; machines that run tests are busy
SLOW = {"pieces": ["x"] * 1000, "delay_s": 0.1}


def leaves(client: LspClient, since: float) -> int:
    """Wait for the end of the process, which must come in time."""
    code = client.exit_code(timeout=20)
    assert time.monotonic() - since < PATIENCE_S
    return code


def generating(start: Start, tmp_path: Path, **params: object) -> LspClient:
    diary = tmp_path / "diary"
    client = start(greet=False, **SLOW, diary=str(diary))
    client.initialize(**params)
    client.open(URI, TEXT)
    client.ask_completion(URI, *CURSOR)
    begun(client, diary)
    return client


def test_shutdown_and_exit_while_the_model_writes(start: Start, tmp_path: Path) -> None:
    client = generating(start, tmp_path)
    call = client.ask("shutdown")
    client.notify("exit")
    assert leaves(client, time.monotonic()) == 0
    assert client.answer(call)["result"] is None
    assert [said for said in client.messages if said.get("error", {}).get("code") == -32800]
    assert (tmp_path / "diary").read_text().split() == ["begin", "cancelled", "closed"]


def test_exit_without_shutdown(start: Start, tmp_path: Path) -> None:
    client = generating(start, tmp_path)
    client.notify("exit")
    assert leaves(client, time.monotonic()) == 1


def test_the_end_of_the_input(start: Start, tmp_path: Path) -> None:
    client = generating(start, tmp_path)
    client.hang_up()
    assert leaves(client, time.monotonic()) == 1
    assert "closed the connection" in client.log()


def test_the_end_of_the_input_before_anything(start: Start) -> None:
    client = start(greet=False)
    client.hang_up()
    assert leaves(client, time.monotonic() + 1) == 1


def test_a_conversation_written_in_one_go_is_answered_before_the_end(start: Start) -> None:
    client = start(greet=False)
    call = client.ask("initialize", {"capabilities": {}})
    client.send_bytes(b"Content-Length: 99\r\n\r\n{")
    client.hang_up()
    assert client.exit_code() == 1
    assert "in the middle of a message" in client.log()
    assert client.answer(call)["result"]["capabilities"]


def test_the_client_no_longer_listens(start: Start, tmp_path: Path) -> None:
    client = generating(start, tmp_path)
    client.stop_listening()
    client.request("textDocument/hover")
    client.wait(lambda: client.ended, "the end of the reading")
    client.ask("textDocument/hover")
    assert leaves(client, time.monotonic()) == 1


def test_the_parent_dies(start: Start, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as parent:
        client = generating(start, tmp_path, processId=parent.pid)
        began = time.monotonic()
        parent.send_signal(signal.SIGKILL)
        assert leaves(client, began) == 1
    assert "process is gone" in client.log()


def test_the_parent_is_dead_already(start: Start) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as parent:
        parent.wait()
    client = start(greet=False)
    client.ask("initialize", {"capabilities": {}, "processId": parent.pid})
    assert leaves(client, time.monotonic() + 1) == 1


def test_a_polite_signal(start: Start, tmp_path: Path) -> None:
    client = generating(start, tmp_path)
    client.process.send_signal(signal.SIGTERM)
    assert leaves(client, time.monotonic()) == 128 + signal.SIGTERM
