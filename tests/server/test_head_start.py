"""The engine is brought up while the server is still being loaded, and only where keystrokes will go to it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.lsp_client import LspClient, console_script, private_environment
from twolane.clients.engine.spec import ModelSpec
from twolane.clients.errors import ModelError, ModelRefused
from twolane.clients.model import ModelInfo
from twolane.server import head_start
from twolane.server.wire.framing import Frame
from twolane.server.wire.handshake import Hello
from twolane.server.wire.session import Outbox, Peer, Session

GREETING = {"id": 1, "method": "initialize", "params": {"capabilities": {}}}


def chosen(folder: Path, workspace: str = "", *, trusted: bool = False, **editor: Any) -> ModelSpec | None:
    (folder / "twolane.toml").write_text(workspace)
    user = folder / "user.toml"
    user.write_text('[near]\nmodel = "mine.gguf"\n')
    engine = head_start.engine_for((folder.as_uri(),), trusted=trusted, editor=editor, user_file=user)
    return engine.model if engine is not None else None


def test_the_model_is_the_one_that_the_server_will_ask(tmp_path: Path) -> None:
    own = '[near]\nmodel = "own.gguf"\n'
    assert chosen(tmp_path) == ModelSpec(str(tmp_path / "mine.gguf"))
    assert chosen(tmp_path, own) == ModelSpec(str(tmp_path / "mine.gguf"))
    assert chosen(tmp_path, own, trusted=True) == ModelSpec(str(tmp_path / "own.gguf"))
    assert chosen(tmp_path, near={"context_tokens": 1024}) == ModelSpec(
        str(tmp_path / "mine.gguf"), context_tokens=1024
    )


def test_nothing_is_started_where_no_keystroke_goes_to_this_machine(tmp_path: Path) -> None:
    assert chosen(tmp_path, "[completion]\nenabled = false\n") is None
    assert chosen(tmp_path, completion={"enabled": False}) is None
    assert chosen(tmp_path, team={"url": "http://127.0.0.1:9", "completion": True}) is None


class Engine:
    def __init__(self, error: ModelError | None) -> None:
        self.error = error
        self.closed = False

    async def info(self) -> ModelInfo:
        if self.error is not None:
            raise self.error
        return ModelInfo("a", "qwen", "a.gguf", 2048, "cpu")

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("error", [None, ModelRefused("It is no GGUF.")])
async def test_what_goes_wrong_is_left_to_whoever_asks(error: ModelError | None) -> None:
    engine = Engine(error)
    await head_start.give(engine)  # type: ignore[arg-type] # all that it needs of one
    assert engine.closed


async def test_the_client_is_ready_long_before_the_server_is() -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def load(_hello: Hello, _outbox: Outbox) -> Peer:
        await never.wait()
        raise AssertionError

    class Sent:
        congested = False

        def send(self, message: Any) -> None:
            del message

    session = Session(Sent(), load, lambda _: None, begun.set, lambda *_: None)
    session.receive(Frame(json.dumps({"jsonrpc": "2.0", **GREETING}).encode()))
    assert not begun.is_set()
    session.receive(Frame(json.dumps({"jsonrpc": "2.0", "method": "initialized", "params": {}}).encode()))
    assert begun.is_set()
    await session.close()


def test_no_engine_is_started_for_a_client_that_only_asks_what_the_server_can_do(tmp_path: Path) -> None:
    environment = private_environment(tmp_path)
    client = LspClient([console_script(), "serve", "--stdio"], environment, tmp_path)
    try:
        client.result("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        assert client.command("twolane.status")["state"] == "down"
        assert client.shut_down() == 0
    finally:
        client.close()
    assert not list(Path(environment["XDG_RUNTIME_DIR"]).rglob("engine.*"))
