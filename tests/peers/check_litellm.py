"""A real LiteLLM proxy before llama.cpp's real server; `make test-litellm` runs it."""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from tests import llama_server
from tests.peers import peer
from twolane.clients.anthropic.client import AnthropicClient
from twolane.clients.chat import Block, ChatRequest, Turn
from twolane.clients.errors import KeyRefused, ModelError
from twolane.clients.model import Extra, InfillRequest
from twolane.clients.openai_compatible.chat import RemoteChat
from twolane.clients.openai_compatible.infill import RemoteInfill
from twolane.clients.openai_compatible.server import RemoteServer
from twolane.clients.openai_compatible.spec import ServerSpec

KEY = f"sk-{secrets.token_hex(24)}"
HOLE = InfillRequest(
    "def add(a, b):\n    return ", "\n", "a.py", "w", "demo", (Extra("b.py", "B = 1\n"),), 12, 60_000
)  # fmt: skip
WORDS = ChatRequest("team-chat", (Block("be brief"),), (Turn("user", (Block("hi"),)),), 20)
SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of the proxy, and that of the server behind it."""
    place = tmp_path_factory.mktemp("litellm")
    port = peer.free_port()
    with llama_server.running(Path(str(files("twolane.starter") / "twolane-starter.gguf"))) as behind:
        listed = [
            {
                "model_name": name,
                "litellm_params": {"model": f"{kind}/twolane-starter", "api_base": f"{behind}/v1", "api_key": "none"},
            }
            for name, kind in (("team-coder", "text-completion-openai"), ("team-chat", "openai"))
        ]
        (place / "config.yaml").write_text(json.dumps({"model_list": listed}))
        command = [str(peer.folder() / "bin" / "litellm"), "--config", str(place / "config.yaml")]
        command += ["--host", "127.0.0.1", "--port", str(port)]
        env = {"LITELLM_MASTER_KEY": KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        url = f"http://127.0.0.1:{port}"
        with peer.serving(command, f"{url}/health/liveliness", place / "log", env=env, patience_s=110):
            yield url, behind


async def test_a_hole_is_filled_through_the_proxy_as_without_it(servers: tuple[str, str]) -> None:
    texts = []
    for url, model, key in ((servers[0], "team-coder", KEY), (servers[1], "", "none")):
        client = RemoteInfill(RemoteServer(ServerSpec(url, model), functools.partial(str, key)))
        info = await client.info()
        assert info.family == "starter"
        async with client.infill(HOLE) as stream:
            texts.append("".join([piece async for piece in stream]))
        assert stream.usage is not None
        assert stream.usage.generated_tokens == 12
        await client.close()
    assert texts[0] == texts[1] != ""


async def test_it_is_asked_in_words_and_by_schema(servers: tuple[str, str]) -> None:
    chat = RemoteChat(RemoteServer(ServerSpec(servers[0], "team-chat"), lambda: KEY))
    async with chat.chat(WORDS) as stream:
        assert "".join([piece async for piece in stream])
    assert (stream.finish, stream.usage is not None and stream.usage.output_tokens) == ("length", 20)
    async with chat.chat(replace(WORDS, schema=SCHEMA, temperature=0)) as stream:
        assert isinstance(json.loads("".join([piece async for piece in stream]))["ok"], bool)
    assert {model.name for model in await chat.models()} == {"team-coder", "team-chat"}
    assert await chat.count_tokens(WORDS) > 3
    await chat.close()


async def test_the_far_lanes_client_speaks_through_it_too(servers: tuple[str, str]) -> None:
    client = AnthropicClient(lambda: KEY, servers[0])
    async with client.chat(WORDS) as stream:
        assert "".join([piece async for piece in stream])
    assert stream.finish in ("end", "length")
    assert stream.usage is not None
    await client.close()


async def test_a_wrong_key_and_a_wrong_model_are_refused(servers: tuple[str, str]) -> None:
    client = RemoteInfill(RemoteServer(ServerSpec(servers[0], "team-coder"), lambda: "sk-wrong"))
    with pytest.raises(KeyRefused, match="TWOLANE_TEAM_KEY"):
        await client.info()
    await client.close()
    chat = RemoteChat(RemoteServer(ServerSpec(servers[0], "team-chat"), lambda: KEY))
    with pytest.raises(ModelError) as refused:
        async with chat.chat(replace(WORDS, model="no-such-model")) as stream:
            async for _ in stream:
                pass
    assert not refused.value.retryable
    await chat.close()
