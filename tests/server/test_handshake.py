"""What `initialize` promises is what LSP defines, and what the server has handlers for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from twolane.server.lsp.assembly import Assembly, assemble
from twolane.server.lsp.protocol import strict_converter
from twolane.server.wire import handshake
from twolane.server.wire.handshake import Hello
from twolane.server.wire.messages import Request


class Outbox:
    congested = False

    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []

    def send(self, message: Mapping[str, Any]) -> None:
        self.sent.append(message)


def test_the_answer_is_what_lsp_defines() -> None:
    answer = handshake.answer(Hello(encoding="utf-8"))
    result = strict_converter().structure(answer, types.InitializeResult)
    capabilities = result.capabilities
    assert capabilities.position_encoding == "utf-8"
    assert capabilities.inline_completion_provider is True
    assert isinstance(capabilities.text_document_sync, types.TextDocumentSyncOptions)
    assert capabilities.text_document_sync.change == types.TextDocumentSyncKind.Incremental
    assert strict_converter().unstructure(result) == answer


async def test_every_promised_command_exists(tmp_path: Path) -> None:
    outbox = Outbox()
    assembly: Assembly = await assemble(Hello(), outbox, converter=strict_converter(), user_file=tmp_path / "none.toml")
    for number, command in enumerate(handshake.COMMANDS):
        assembly.dispatch(Request(number, types.WORKSPACE_EXECUTE_COMMAND, {"command": command}))
    while assembly.busy:
        await asyncio.sleep(0.001)
    await assembly.close()
    assert ["result" in message for message in outbox.sent] == [True] * len(handshake.COMMANDS)


@pytest.mark.parametrize(
    ("params", "folders"),
    [
        ({}, ()),
        ({"workspaceFolders": None, "rootUri": None, "rootPath": None}, ()),
        ({"rootPath": "/a"}, ("file:///a",)),
        ({"rootUri": "file:///b", "rootPath": "/a"}, ("file:///b",)),
        ({"workspaceFolders": [], "rootUri": "file:///b"}, ("file:///b",)),
        (
            {"workspaceFolders": [{"uri": "file:///c", "name": "c"}, {"uri": "file:///d"}], "rootUri": "file:///b"},
            ("file:///c", "file:///d"),
        ),
    ],
)
def test_the_folders(params: dict[str, Any], folders: tuple[str, ...]) -> None:
    assert handshake.read({"capabilities": {}, **params}).folders == folders


@pytest.mark.parametrize("process_id", [None, 0, -1, 2**40])
def test_a_process_that_cannot_be_is_not_watched(process_id: int | None) -> None:
    assert handshake.read({"capabilities": {}, "processId": process_id}).process_id is None


def test_trust_must_be_said() -> None:
    def trusted(options: Any) -> bool:
        return handshake.read({"capabilities": {}, "initializationOptions": options}).trusted

    assert trusted({"trusted": True})
    others: list[Any] = [None, {}, [], "trusted", {"trusted": 1}, {"trusted": "yes"}]
    assert not any(trusted(options) for options in others)


def test_capabilities_are_found_by_their_keys() -> None:
    hello = Hello(capabilities={"window": {"workDoneProgress": True, "showDocument": {}}})
    assert hello.supports("window", "workDoneProgress")
    assert not hello.supports("window", "showDocument")
    assert not hello.supports("window", "workDoneProgress", "deeper")
    assert not hello.supports("nothing")


def test_greeting_needs_nothing_heavy() -> None:
    code = "import sys, twolane.server.cli, twolane.server.lsp.language_server; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"pygls", "lsprotocol", "attrs", "tree_sitter", "numpy", "llama_cpp", "anthropic", "platformdirs"}
    assert heavy.isdisjoint(loaded)
