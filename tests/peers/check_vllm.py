"""A real vLLM on the processor, with a tiny model of random weights; `make test-vllm` runs it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.peers import peer
from twolane.clients.chat import Block, ChatModel, ChatRequest, Turn
from twolane.clients.model import Extra, InfillRequest
from twolane.clients.openai_compatible.chat import RemoteChat
from twolane.clients.openai_compatible.infill import RemoteInfill
from twolane.clients.openai_compatible.server import RemoteServer
from twolane.clients.openai_compatible.spec import ServerSpec

HOLE = InfillRequest(
    "def add(a, b):\n    return ", "\n", "a.py", "w", "demo", (Extra("b.py", "B = 1\n"),), 12, 60_000
)  # fmt: skip
WORDS = ChatRequest("", (Block("be brief"),), (Turn("user", (Block("hi"),)),), 20)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = tmp_path_factory.mktemp("vllm")
    programs = peer.folder() / "bin"
    maker = Path(__file__).with_name("tiny_model.py")
    subprocess.run([programs / "python", maker, place / "model"], check=True, capture_output=True, timeout=110)
    port = peer.free_port()
    command = [str(programs / "vllm"), "serve", str(place / "model"), "--served-model-name", "tiny-coder"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--max-model-len", "2048", "--dtype", "float32"]
    env = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    address = f"http://127.0.0.1:{port}"
    with peer.serving(command, f"{address}/health", place / "log", env=env, patience_s=600):
        yield address


@pytest.mark.timeout(900)
async def test_a_hole_is_filled_with_the_form_found_in_its_vocabulary(url: str) -> None:
    client = RemoteInfill(RemoteServer(ServerSpec(url), lambda: None))
    info = await client.info()
    assert (info.name, info.family, info.context_tokens) == ("tiny-coder", "qwen-coder", 2048)
    async with client.infill(HOLE) as stream:
        first = "".join([piece async for piece in stream])
    assert stream.usage is not None
    assert (stream.usage.generated_tokens, stream.usage.finish) == (12, "length")
    async with client.infill(HOLE) as stream:
        assert "".join([piece async for piece in stream]) == first
    assert (await client.count_tokens(["x", "def add"])) == [1, 7]
    await client.close()


async def test_a_long_prompt_is_cut_and_a_time_limit_holds(url: str) -> None:
    client = RemoteInfill(RemoteServer(ServerSpec(url), lambda: None))
    await client.info()
    async with client.infill(replace(HOLE, prefix="x = 1\n" * 2000, max_tokens=8)) as stream:
        async for _ in stream:
            pass
    assert stream.usage is not None
    assert 1000 < stream.usage.prompt_tokens <= 2048 - 8
    async with client.infill(replace(HOLE, max_tokens=1500, time_limit_ms=100)) as stream:
        async for _ in stream:
            pass
    assert stream.usage is not None
    assert (stream.usage.finish, stream.usage.generated_tokens < 1500) == ("time", True)
    await client.close()


async def test_it_is_asked_in_words(url: str) -> None:
    chat = RemoteChat(RemoteServer(ServerSpec(url), lambda: None))
    async with chat.chat(WORDS) as stream:
        assert "".join([piece async for piece in stream])
    assert (stream.finish, stream.usage is not None and stream.usage.output_tokens) == ("length", 20)
    assert await chat.models() == [ChatModel("tiny-coder", 2048)]
    assert stream.usage is not None
    assert await chat.count_tokens(WORDS) == stream.usage.input_tokens + stream.usage.cache_read_tokens
    await chat.close()
