"""A client that knows nothing of Twolane: pytest-lsp's, with the capabilities of real editors."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

from tests.e2e.conftest import PROJECT, Machine
from tests.e2e.test_ghost_text import FILE
from tests.lsp_client import console_script


async def suggested(client: LanguageClient, uri: str, line: int, character: int) -> list[str]:
    answer = await client.text_document_inline_completion_async(
        types.InlineCompletionParams(
            context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
            text_document=types.TextDocumentIdentifier(uri),
            position=types.Position(line, character),
        )
    )
    assert isinstance(answer, (list, tuple))
    return [str(item.insert_text) for item in answer]


@pytest.mark.parametrize("editor", ["visual-studio-code", "neovim", "emacs"])
async def test_ghost_text(machine: Machine, editor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    client = make_test_lsp_client()
    await client.start_io(str(console_script()), "serve")
    result = await client.initialize_session(
        types.InitializeParams(
            capabilities=client_capabilities(editor),
            root_uri=machine.project.as_uri(),
            workspace_folders=[types.WorkspaceFolder(machine.project.as_uri(), "project")],
        )
    )
    assert result.capabilities.inline_completion_provider is True
    uri = machine.uri(FILE)
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, PROJECT[FILE]))
    )
    end = len(PROJECT[FILE].splitlines())
    texts: list[str] = []
    versions = itertools.count(2)
    async with asyncio.timeout(60):
        while not texts:
            for line in ("        for ", "        self.", "        return "):
                change = types.TextDocumentContentChangePartial(
                    types.Range(types.Position(end, 0), types.Position(end, 1000)), line
                )
                client.text_document_did_change(
                    types.DidChangeTextDocumentParams(
                        types.VersionedTextDocumentIdentifier(uri=uri, version=next(versions)), [change]
                    )
                )
                texts += await suggested(client, uri, end, len(line))
    assert all(text.strip() for text in texts)
    await client.shutdown_session()
    await client.stop()  # type: ignore[no-untyped-call]  # pygls leaves it so
