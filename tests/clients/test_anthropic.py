"""The far lane's client against a server of sockets: what is sent, what comes back, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import subprocess
import sys
from codecs import BOM_UTF8

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation, Script, serving
from twolane.clients.anthropic.client import AnthropicClient
from twolane.clients.chat import Block, ChatModel, ChatRequest, ChatStream, ChatUsage, Deadlines, Turn
from twolane.clients.errors import AnswerDeclined, AnswerGarbled, KeyRefused, ModelRefused, ModelUnavailable

KEY = "key-for-tests"
SECRET = "the text of a document"
SCHEMA = {
    "type": "object",
    "properties": {"edits": {"type": "array", "items": {"type": "object", "required": ["path"]}}},
    "required": ["edits"],
    "additionalProperties": False,
}
USAGE = ChatUsage(11, 7, 5, 3)


def request(
    *blocks: Block, schema: dict[str, object] | None = None, deadlines: Deadlines | None = None, **options: object
) -> ChatRequest:
    said = blocks or (Block(SECRET),)
    return ChatRequest("m", (Block("be brief"),), (Turn("user", said),), 100, schema, None, deadlines or Deadlines())


async def ask(client: AnthropicClient, wanted: ChatRequest) -> tuple[str, ChatStream]:
    async with client.chat(wanted) as stream:
        text = "".join([piece async for piece in stream])
    return text, stream


async def check(script: Script, text: str, finish: str, wanted: ChatRequest | None = None) -> None:
    """What a script says arrives as this text, with this end, and all of the usage."""
    async with serving(script) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        got, stream = await ask(client, wanted or request())
        await client.close()
    assert (got, stream.finish, stream.usage) == (text, finish, USAGE)


async def test_an_answer_comes_in_pieces_with_its_usage_and_its_end() -> None:
    await check(api.says("Hel", "lo"), "Hello", "end")
    await check(api.says("cut he", reason="max_tokens"), "cut he", "length")
    await check(api.says("x", reason="stop_sequence"), "x", "stop")


@pytest.mark.parametrize("slice_to", [0, 1, 2, 4])
async def test_a_byte_order_mark_before_the_stream_costs_nothing(slice_to: int) -> None:
    await check(api.sends(BOM_UTF8 + api.answer("Hel", "lo"), slice_to=slice_to), "Hello", "end")


async def test_a_name_that_is_no_text_is_sent_readable() -> None:
    async with serving(api.says("ok")) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        assert (await ask(client, request(Block("caf\udce9.py is é"))))[0] == "ok"
        await client.close()
    assert server.requests[0].json["messages"][0]["content"][0]["text"] == "caf?.py is é"


async def test_a_stream_may_come_byte_by_byte_with_pings_and_strangers_in_it() -> None:
    thinking = api.event(
        "content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""}
    )
    thought = api.event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "hm"})
    body = (
        api.start() + api.PING + thinking + thought + api.closed(0) + api.event("novelty", what=1)
        + b": a comment\n\n" + api.opened(1) + api.delta("é€", 1)
        + b'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,\n'
        + b'data: "delta":{"type":"text_delta","text":"\\ud83d"}}\n\n'
        + api.event("content_block_delta", index=1, delta={"type": "text_delta", "text": "\ude00"})
        + api.closed(1) + api.ending()
    )  # fmt: skip
    await check(api.sends(body, slice_to=1), "é€😀", "end")


async def test_the_request_says_what_was_asked_and_marks_what_to_remember() -> None:
    blocks = [Block(f"part {number}", cache=True) for number in range(6)]
    wanted = ChatRequest(
        "m",
        (Block("", cache=True), Block("system", cache=True), Block("")),
        (
            Turn("user", tuple(blocks)),
            Turn("assistant", (Block("yes"), Block("", cache=True))),
            Turn("user", (Block("go"),)),
        ),
        99,
        SCHEMA,
        0.5,
    )
    async with serving(api.says('{"edits": []}')) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        await ask(client, wanted)
        await client.close()
    received = server.requests[0]
    sent = received.json
    marked = [block["text"] for turn in sent["messages"] for block in turn["content"] if "cache_control" in block]
    assert (received.path, sent["max_tokens"], sent["stream"], "temperature" in sent) == (
        "/v1/messages",
        99,
        True,
        False,
    )
    assert sent["system"] == [{"type": "text", "text": "system", "cache_control": {"type": "ephemeral"}}]
    assert marked == ["part 4", "part 5", "yes"]
    assert sent["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}
    assert any(KEY in value for value in received.headers.values())


async def test_connections_are_used_again_and_nothing_stays_open() -> None:
    async with serving(api.says("a")) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        for _ in range(3):
            await ask(client, request())
        assert server.connections == 1
        await client.close()
        await asyncio.wait_for(server.left.wait(), 5)
        with pytest.raises(ModelUnavailable, match="closed"):
            await ask(client, request())
    gc.collect()


@pytest.mark.parametrize(
    "answer", ['{"edits": [{}]}', '{"edits": [], "more": 1}', "[1, 2", "sure, here it is: {}", '{"edits": {}}']
)
async def test_an_answer_that_does_not_fit_the_schema_is_refused(answer: str) -> None:
    with pytest.raises(AnswerGarbled) as refused:
        await check(api.says(answer), answer, "end", request(schema=SCHEMA))
    assert answer not in str(refused.value)


async def test_an_answer_that_fits_the_schema_or_was_cut_by_its_length_passes() -> None:
    await check(api.says('{"edits": [', '{"path": "a"}]}'), '{"edits": [{"path": "a"}]}', "end", request(schema=SCHEMA))
    await check(api.says('{"edits": [', reason="max_tokens"), '{"edits": [', "length", request(schema=SCHEMA))


async def test_a_refusal_is_an_error_and_its_tokens_are_told() -> None:
    async with serving(api.says("I would", reason="refusal")) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        with pytest.raises(AnswerDeclined):
            async with client.chat(request()) as stream:
                async for _ in stream:
                    pass
        assert (stream.usage, stream.finish) == (USAGE, None)
        await client.close()


async def test_leaving_early_closes_the_connection_and_keeps_what_was_reported() -> None:
    async def endless(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(api.start() + api.opened() + api.delta("a"))
        await talk.until_the_client_leaves()

    async with serving(endless) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        async with client.chat(request()) as stream:
            assert await anext(aiter(stream)) == "a"
        await asyncio.wait_for(server.left.wait(), 5)
        assert stream.usage == ChatUsage(11, 1, 5, 3)

        server.left.clear()
        asking = asyncio.create_task(ask(client, request()))
        while len(server.requests) < 2:
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(server.left.wait(), 5)
        await client.close()


async def test_closing_the_client_ends_a_running_answer_with_an_error() -> None:
    begun = asyncio.Event()

    async def endless(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(api.start() + api.opened() + api.delta("a"))
        begun.set()
        await talk.until_the_client_leaves()

    async with serving(endless) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        asking = asyncio.create_task(ask(client, request()))
        await begun.wait()
        await asyncio.sleep(0.01)
        await client.close()
        with pytest.raises(ModelUnavailable, match="closed"):
            await asyncio.wait_for(asking, 5)
        await asyncio.wait_for(server.left.wait(), 5)


async def test_tokens_are_counted_and_models_listed() -> None:
    async def answers(talk: Conversation) -> None:
        if talk.request.path.startswith("/v1/models"):
            model = {"type": "model", "id": "big", "max_input_tokens": 1000, "max_tokens": 100}
            listed = {"data": [model], "has_more": False, "first_id": "big", "last_id": "big"}
            await talk.whole(200, json.dumps(listed).encode())
        else:
            await talk.whole(200, b'{"input_tokens": 42}')

    async with serving(answers) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        assert await client.count_tokens(request()) == 42
        assert await client.models() == [ChatModel("big", 1000, 100)]
        await client.close()
    assert server.requests[0].path == "/v1/messages/count_tokens"
    assert "max_tokens" not in server.requests[0].json


async def test_without_a_key_nothing_is_sent_and_a_new_key_counts_at_once() -> None:
    keys: list[str | None] = [None, "old", "new"]
    async with serving(api.refuses(401, "authentication_error"), api.says("ok")) as server:
        client = AnthropicClient(lambda: keys.pop(0), server.url)
        with pytest.raises(KeyRefused, match="ANTHROPIC_API_KEY"):
            await ask(client, request())
        assert server.requests == []
        with pytest.raises(KeyRefused, match="ANTHROPIC_API_KEY"):
            await ask(client, request())
        assert (await ask(client, request()))[0] == "ok"
        await client.close()
    assert any("new" in value for value in server.requests[1].headers.values())


async def test_the_key_goes_to_no_other_host() -> None:
    async with serving(api.says("stolen")) as thief:

        async def elsewhere(talk: Conversation) -> None:
            await talk.whole(307, b"", location=thief.url + "/v1/messages")

        async with serving(elsewhere) as server:
            client = AnthropicClient(lambda: KEY, server.url)
            with pytest.raises(ModelUnavailable, match="elsewhere"):
                await ask(client, request())
            await client.close()
    assert thief.requests == []


@pytest.mark.parametrize(
    "url", ["http://models.example.com", "ftp://x", "https://name:word@x", "https://x?key=1", "x", "http://[::"]
)
def test_an_address_that_would_give_something_away_is_refused(url: str) -> None:
    with pytest.raises(ModelRefused, match="ANTHROPIC_BASE_URL"):
        AnthropicClient(lambda: KEY, url)


async def test_the_environment_neither_redirects_nor_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "another")
    await check(api.says("ok"), "ok", "end")


async def test_no_text_and_no_key_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await check(api.says("an answer"), "an answer", "end")
    async with serving(api.refuses(400, "invalid_request_error", SECRET)) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        with pytest.raises(Exception, match="does not accept") as refused:
            await ask(client, request())
        await client.close()
    said = caplog.text + str(refused.value)
    assert SECRET not in said
    assert KEY not in said
    assert "an answer" not in said


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    program = (
        "import sys, twolane.clients.anthropic.client as c; c.AnthropicClient(lambda: 'k');"
        "sys.exit(bool({'anthropic', 'httpx2', 'pydantic'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-P", "-c", program], timeout=60, check=False).returncode == 0
