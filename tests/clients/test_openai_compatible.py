"""The team's lane against llama.cpp's real server: probing, filling, counting, stopping, and asking in words."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import llama_server
from tests.clients import conftest as engine_side
from twolane.clients.anthropic.client import AnthropicClient
from twolane.clients.chat import Block, ChatModel, ChatRequest, Turn
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.errors import ModelRefused, ModelUnavailable
from twolane.clients.model import Extra, Health, InfillRequest, Usage
from twolane.clients.openai_compatible.chat import RemoteChat
from twolane.clients.openai_compatible.infill import RemoteInfill
from twolane.clients.openai_compatible.server import RemoteServer
from twolane.clients.openai_compatible.spec import ServerSpec

REQUEST = InfillRequest(
    prefix="def add(a, b):\n    return ",
    suffix="\n\nprint(add(1, 2))\n",
    path="sums.py",
    workspace="w",
    repository="demo",
    extras=(Extra("other.py", "def subtract(a, b):\n    return a - b\n"),),
    max_tokens=12,
    time_limit_ms=60_000,
)
SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def starter_url(starter: Path) -> Iterator[str]:
    with llama_server.running(starter) as url:
        yield url


@pytest.fixture(scope="module")
def slow_url(slow: Path) -> Iterator[str]:
    with llama_server.running(slow) as url:
        yield url


@asynccontextmanager
async def team(url: str, states: list[Health] | None = None, **options: Any) -> AsyncIterator[RemoteInfill]:
    heard = states if states is not None else []
    client = RemoteInfill(RemoteServer(ServerSpec(url, **options), lambda: None, heard.append))
    try:
        yield client
    finally:
        await client.close()


async def ask(client: RemoteInfill, wanted: InfillRequest) -> tuple[str, Usage]:
    async with client.infill(wanted) as stream:
        text = "".join([piece async for piece in stream])
    assert stream.usage is not None
    return text, stream.usage


def busy_slots(url: str) -> int:
    with urllib.request.urlopen(f"{url}/slots", timeout=10) as answer:
        return sum(slot["is_processing"] for slot in json.load(answer))


async def until_idle(url: str) -> None:
    async with asyncio.timeout(10):
        while await asyncio.to_thread(busy_slots, url):
            await asyncio.sleep(0.01)


async def test_the_first_request_never_waits_for_the_server_to_be_known(starter_url: str) -> None:
    states: list[Health] = []
    async with team(starter_url, states) as client:
        assert client.health.kind == "away"
        with pytest.raises(ModelUnavailable, match="asked what it can do"):
            await ask(client, REQUEST)
        info = await client.info()
        assert (info.name, info.family, info.context_tokens) == ("twolane-starter", "starter", 2048)
        assert (info.lane, "llama.cpp at 127.0.0.1" in info.device) == ("team", True)
        assert client.health == states[-1]
    assert [state.kind for state in states] == ["starting", "ready"]


async def test_it_answers_word_for_word_as_the_engine_does(starter_url: str, starter: Path, place: Endpoint) -> None:
    async with team(starter_url) as client, engine_side.engine(engine_side.spec(starter), place) as local:
        await client.info()
        await local.info()
        for prefix in ("def add(a, b):\n    return ", "import os\n\n\ndef home() -> str:\n    return os."):
            wanted = replace(REQUEST, prefix=prefix)
            assert (await ask(client, wanted))[0] == (await engine_side.ask(local, wanted))[0]


async def test_what_was_read_is_not_read_again(starter_url: str) -> None:
    async with team(starter_url) as client:
        await client.info()
        wanted = replace(REQUEST, prefix="class Warm:\n    def grow(self, degrees):\n        ")
        nothing, prepared = await ask(client, replace(wanted, max_tokens=0))
        assert (nothing, prepared.finish) == ("", "length")
        _, usage = await ask(client, wanted)
        assert usage.prompt_tokens == usage.reused_tokens + usage.evaluated_tokens == prepared.prompt_tokens
        assert usage.evaluated_tokens <= 4
        assert (usage.generated_tokens, usage.finish) == (12, "length")
        assert usage.model_ms > 0


async def test_a_model_that_is_not_the_starter_is_asked_by_infill(tiny: Path) -> None:
    with llama_server.running(tiny) as url:
        async with team(url) as client:
            assert (await client.info()).family == "qwen-coder"
            _, usage = await ask(client, REQUEST)
            assert usage.generated_tokens == 12
        async with team(url, model="another") as client:
            with pytest.raises(ModelRefused, match=r'"another".*tiny.*team\.model'):
                await client.info()


async def test_a_stop_text_and_the_time_limit_end_an_answer(starter_url: str, slow_url: str) -> None:
    async with team(starter_url) as client:
        await client.info()
        whole, _ = await ask(client, REQUEST)
        stop = whole[4:6]
        text, usage = await ask(client, replace(REQUEST, stop=(stop,)))
        assert (text, usage.finish) == (whole[: whole.index(stop)], "stop")
    async with team(slow_url) as client:
        await client.info()
        _, usage = await ask(client, replace(REQUEST, max_tokens=1500, time_limit_ms=50))
        assert usage.finish == "time"
        assert 0 < usage.generated_tokens < 1500
        await until_idle(slow_url)


async def test_leaving_early_stops_the_servers_work(slow_url: str) -> None:
    async with team(slow_url) as client:
        await client.info()
        async with client.infill(replace(REQUEST, max_tokens=1500)) as stream:
            await anext(aiter(stream))
            assert busy_slots(slow_url) == 1
        assert stream.usage is not None
        assert (stream.usage.finish, stream.usage.generated_tokens < 1500) == ("cancelled", True)
        await until_idle(slow_url)


async def test_a_newer_request_for_a_file_stops_the_older_one(slow_url: str) -> None:
    async with team(slow_url) as client:
        await client.info()
        long = replace(REQUEST, max_tokens=1500)
        async with client.infill(long) as older, client.infill(replace(long, path="else.py")) as other:
            await anext(aiter(older))
            await anext(aiter(other))
            text, _ = await ask(client, REQUEST)
            assert text
            async for _ in older:
                pass
            assert older.usage is not None
            assert older.usage.finish == "cancelled"
            assert other.usage is None
        await until_idle(slow_url)


async def test_alternatives_differ_run_at_once_and_are_the_same_again(starter_url: str) -> None:
    async with team(starter_url) as client:
        await client.info()
        wanted = [replace(REQUEST, max_tokens=6, alternative=number) for number in (1, 2, 3)]
        first = await asyncio.gather(*(ask(client, one) for one in wanted))
        again = [await ask(client, one) for one in wanted]
        assert [text for text, _ in first] == [text for text, _ in again]
        likeliest, _ = await ask(client, replace(REQUEST, max_tokens=6))
        assert len({likeliest, *(text for text, _ in first)}) >= 3
        assert {usage.finish for _, usage in first} <= {"length", "end"}


async def test_an_answer_that_is_stopped_before_it_begins_ends_too(slow_url: str) -> None:
    async with team(slow_url, guesses=True) as client:
        await client.info()
        guess = replace(REQUEST, priority="speculative")
        async with client.infill(REQUEST) as older, client.infill(REQUEST) as newer, client.infill(guess):
            async for _ in older:
                pass
            assert older.usage is None
            assert "".join([piece async for piece in newer])
            assert newer.usage is not None
            assert newer.usage.finish == "length"


async def test_guesses_are_sent_only_where_they_are_wanted(starter_url: str) -> None:
    guess = replace(REQUEST, priority="speculative")
    async with team(starter_url) as client:
        await client.info()
        text, usage = await ask(client, guess)
        assert (text, usage.prompt_tokens, usage.finish) == ("", 0, "cancelled")
    async with team(starter_url, guesses=True) as client:
        await client.info()
        assert (await ask(client, guess))[0]


async def test_a_prompt_longer_than_the_window_is_cut(starter_url: str) -> None:
    async with team(starter_url) as client:
        await client.info()
        long = "".join(f"value_{number} = {number} * factor\n" for number in range(3000))
        wanted = replace(REQUEST, prefix=long + REQUEST.prefix, suffix=REQUEST.suffix + long)
        for _ in range(3):
            _, usage = await ask(client, wanted)
        assert 1200 < usage.prompt_tokens <= 2048 - 12


async def test_closing_ends_running_answers(slow_url: str) -> None:
    async with team(slow_url) as client:
        await client.info()
        async with client.infill(replace(REQUEST, max_tokens=1500)) as stream:
            await anext(aiter(stream))
            await client.close()
            async for _ in stream:
                pass
            assert stream.usage is not None
            assert stream.usage.finish == "cancelled"
        with pytest.raises(ModelUnavailable, match="closed"):
            await ask(client, REQUEST)
    await until_idle(slow_url)


async def test_tokens_are_counted_by_the_server(starter_url: str) -> None:
    async with team(starter_url) as client:
        empty, letter, function = await client.count_tokens(["", "x", "def add(a, b):\n    return a + b\n"])
        assert (empty, letter, 8 <= function <= 20) == (0, 1, True)


def said(words: str, **options: Any) -> ChatRequest:
    return ChatRequest("", (Block("be brief"),), (Turn("user", (Block(words),)),), 40, **options)


async def test_it_can_be_asked_in_words(starter_url: str) -> None:
    chat = RemoteChat(RemoteServer(ServerSpec(starter_url), lambda: None))
    async with chat.chat(said("hi", temperature=0)) as stream:
        text = "".join([piece async for piece in stream])
    assert text
    assert (stream.finish, stream.usage is not None and stream.usage.output_tokens) == ("length", 40)
    question = replace(said("is it?", schema=SCHEMA, temperature=0), max_tokens=400)  # a small model puts many blanks
    async with chat.chat(question) as stream:
        answer = json.loads("".join([piece async for piece in stream]))
    assert (type(answer["ok"]), stream.finish) == (bool, "end")
    assert await chat.models() == [ChatModel("twolane-starter", 2048)]
    counted = await chat.count_tokens(said("is it?"))
    assert stream.usage is not None
    assert counted == stream.usage.input_tokens + stream.usage.cache_read_tokens
    await chat.close()


async def test_leaving_a_conversation_stops_the_servers_work(slow_url: str) -> None:
    chat = RemoteChat(RemoteServer(ServerSpec(slow_url), lambda: None))
    async with chat.chat(replace(said("hi"), max_tokens=1500)) as stream:
        await anext(aiter(stream))
    await until_idle(slow_url)
    async with chat.chat(replace(said("hi"), max_tokens=1500)) as stream:
        await anext(aiter(stream))
        await chat.close()
        with pytest.raises(ModelUnavailable, match="closed"):
            async for _ in stream:
                pass
    await until_idle(slow_url)


async def test_the_far_lanes_client_speaks_with_llama_cpp_too(starter_url: str, slow_url: str) -> None:
    client = AnthropicClient(lambda: "none", starter_url)
    wanted = replace(said("hi"), model="any")
    async with client.chat(wanted) as stream:
        text = "".join([piece async for piece in stream])
    assert text
    assert stream.finish in ("length", "end")
    assert stream.usage is not None
    assert 0 < stream.usage.output_tokens <= 40
    assert await client.count_tokens(wanted) > 5
    await client.close()
    client = AnthropicClient(lambda: "none", slow_url)
    async with client.chat(replace(wanted, max_tokens=1500)) as stream:
        await anext(aiter(stream))
    await until_idle(slow_url)
    await client.close()
