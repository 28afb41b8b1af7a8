"""What a team's server does wrong ends as one of our errors, and it is found again when it is back."""

from __future__ import annotations

import asyncio
import contextlib
from codecs import BOM_UTF8
from collections.abc import Callable

import pytest

from tests.clients.scripted import model_servers as shapes
from tests.clients.scripted.server import Conversation, Scripted, serving
from twolane.clients.chat import Block, ChatRequest, ChatUsage, Deadlines, Turn
from twolane.clients.errors import (
    AnswerCut,
    AnswerDeclined,
    AnswerGarbled,
    KeyRefused,
    ModelBusy,
    ModelError,
    ModelLoading,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from twolane.clients.model import Health, InfillRequest
from twolane.clients.openai_compatible import answer as answer_module
from twolane.clients.openai_compatible import server as server_module
from twolane.clients.openai_compatible.chat import RemoteChat
from twolane.clients.openai_compatible.connection import Connection
from twolane.clients.openai_compatible.infill import RemoteInfill
from twolane.clients.openai_compatible.server import RemoteServer
from twolane.clients.openai_compatible.spec import ServerSpec
from twolane.clients.remote import address
from twolane.clients.remote.figures import MOST_TOKENS

SECRET = "the text of a document"
KEY = "key-for-tests"
REQUEST = InfillRequest(SECRET, "", "a.py", "w", "demo", max_tokens=16)
HALF = shapes.sse({"choices": [{"text": "half", "finish_reason": None}]}, done=False)


def a_server(completions: object, chat: object = 404) -> dict[str, object]:
    models = shapes.models("qwen2.5-coder", owned_by="vllm", max_model_len=2048)
    return {"/v1/models": models, "/v1/completions": completions, "/v1/chat/completions": chat}


def status(code: int, body: bytes = b"<html>" + SECRET.encode(), **headers: str) -> Callable[[Conversation], object]:
    async def script(talk: Conversation) -> None:
        probing = talk.request.body == b"{}"
        await talk.whole(400 if probing else code, b"{}" if probing else body, **headers)

    return script


def broken(body: bytes, *, kind: str = "text/event-stream", end: bool = True) -> Callable[[Conversation], object]:
    async def script(talk: Conversation) -> None:
        if talk.request.body == b"{}":
            await talk.whole(400, b"{}")
            return
        await talk.head(200, kind)
        await talk.chunk(body)
        if end:
            await talk.end()
        raise ConnectionError

    return script


async def fail(client: RemoteInfill) -> ModelError:
    with pytest.raises(ModelError) as failure:
        async with client.infill(REQUEST) as stream:
            async for _ in stream:
                pass
    assert not any(hidden in str(failure.value) for hidden in (SECRET, KEY, "\n"))
    return failure.value


async def check(completions: object, error: type[ModelError]) -> ModelError:
    """A hole that is answered so ends in exactly this error."""
    async with asyncio.timeout(20), serving(shapes.serves(a_server(completions))) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url), lambda: KEY))
        await client.info()
        found = await fail(client)
        await client.close()
    assert type(found) is error or (error is RequestRefused and isinstance(found, RequestRefused)), found
    return found


@pytest.mark.parametrize(
    ("code", "body", "error"),
    [
        (400, b'{"error": {"message": "no"}}', RequestRefused),
        (400, b'{"error": {"type": "exceed_context_size_error"}}', RequestRefused),
        (400, b'{"message": "maximum context length is 8"}', RequestRefused),
        (400, b'{"error": {"code": "content_policy_violation"}}', AnswerDeclined),
        (401, b"", KeyRefused),
        (403, b"", KeyRefused),
        (404, b"{}", ModelRefused),
        (408, b"", ModelTimeout),
        (413, b"", RequestRefused),
        (429, b"", ModelBusy),
        (500, b'{"error": "' + SECRET.encode() + b'"}', ModelUnavailable),
        (501, b'{"error": {"type": "not_supported_error"}}', ModelRefused),
        (503, b'{"error": {"message": "Loading model"}}', ModelLoading),
        (503, b"<html>", ModelBusy),
        (302, b"", ModelUnavailable),
    ],
)
async def test_a_status_becomes_an_error_of_its_kind(code: int, body: bytes, error: type[ModelError]) -> None:
    await check(status(code, body), error)


async def test_a_busy_server_tells_when_to_come_back() -> None:
    found = await check(status(429, retry_after="7"), ModelBusy)
    assert isinstance(found, ModelBusy)
    assert found.retry_after_s == 7


async def test_a_window_that_overflows_in_mid_answer_does_not_tell_its_beginning_twice() -> None:
    full = shapes.sse({"error": {"code": 400, "message": "maximum context length"}}, done=False)
    async with serving(shapes.serves(a_server(broken(HALF + full)))) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url), lambda: KEY))
        await client.info()
        pieces = []
        with pytest.raises(RequestRefused):
            async with client.infill(REQUEST) as stream:
                async for piece in stream:
                    pieces.append(piece)  # noqa: PERF401 - what came before the failure counts
        assert pieces == ["half"]
        await client.close()


@pytest.mark.parametrize("answer", [status(429, retry_after="1e12"), status(429)])
async def test_a_busy_server_is_not_asked_at_every_key(answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_PAUSES_S", (500.0,))
    async with serving(shapes.serves(a_server(answer))) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url), lambda: KEY))
        await client.info()
        asked = len(server.requests)
        for _ in range(5):
            found = await fail(client)
        assert len(server.requests) == asked + 1
        assert isinstance(found, ModelBusy)
        assert 400 < (found.retry_after_s or 0) <= 600
        await client.close()


async def test_a_busy_server_is_asked_again_when_it_said_so() -> None:
    routes = a_server(status(503, b"{}", retry_after="0"))
    async with serving(shapes.serves(routes)) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url), lambda: KEY))
        await client.info()
        assert isinstance(await fail(client), ModelBusy)
        routes["/v1/completions"] = shapes.completion("back")
        async with client.infill(REQUEST) as stream:
            assert [piece async for piece in stream] == ["back"]
        await client.close()


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param(broken(HALF), AnswerCut, id="no end"),
        pytest.param(broken(HALF, end=False), AnswerCut, id="no last chunk"),
        pytest.param(broken(HALF + b"data: {nonsense\n\n"), AnswerGarbled, id="bad JSON"),
        pytest.param(broken(HALF + b"data: [1]\n\n"), AnswerGarbled, id="no object"),
        pytest.param(broken(HALF + b'data: {"choices": 5}\n\n'), AnswerGarbled, id="no choices"),
        pytest.param(broken(HALF + b'data: {"choices": [{"text": 5}]}\n\n'), AnswerGarbled, id="text of another type"),
        pytest.param(broken(b"<html>", kind="text/html"), AnswerGarbled, id="a page"),
        pytest.param(
            broken(HALF + b'data: {"error": {"message": "x", "code": 500}}\n\n'), ModelUnavailable, id="error"
        ),
        pytest.param(broken(HALF + b'data: {"error": {"code": "429"}}\n\n'), ModelBusy, id="busy in the middle"),
    ],
)
async def test_an_answer_that_is_not_whole_is_not_used(script: object, error: type[ModelError]) -> None:
    await check(script, error)


async def test_a_kept_connection_that_the_server_has_closed_is_replaced() -> None:
    asked = 0

    async def script(talk: Conversation) -> None:
        nonlocal asked
        if talk.request.body == b"{}":
            await talk.whole(400, b"{}")
            return
        asked += 1
        if asked == 2:
            raise ConnectionError
        await talk.head()
        await talk.chunk(shapes.completion("x"))
        await talk.end()

    async with asyncio.timeout(20), serving(shapes.serves(a_server(script))) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url), lambda: KEY))
        await client.info()
        for _ in range(2):
            async with client.infill(REQUEST) as stream:
                assert "".join([piece async for piece in stream]) == "x"
        await client.close()
    assert asked == 3


async def test_a_server_that_hangs_up_on_a_new_connection_is_not_asked_a_second_time() -> None:
    async def script(talk: Conversation) -> None:
        raise ConnectionError

    async with asyncio.timeout(20), serving(script) as server:
        connection = Connection(address.parse(server.url, "team.url"), lambda: KEY)
        for sent in (1, 2):
            with pytest.raises(ModelUnavailable):
                await connection.ask("POST", "/v1/chat/completions", {"x": 1}, patience_s=10)
            assert len(server.requests) == sent
        await connection.close()


async def test_an_answer_whose_connection_stays_open_is_whole_all_the_same() -> None:
    async def lingering(talk: Conversation) -> None:
        if talk.request.body == b"{}":
            await talk.whole(400, b"{}")
            return
        await talk.head()
        await talk.chunk(shapes.completion("all").replace(b"data: [DONE]\n\n", b""))
        await talk.until_the_client_leaves()

    async with serving(shapes.serves(a_server(lingering))) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url), lambda: None))
        await client.info()
        async with client.infill(REQUEST) as stream:
            assert [piece async for piece in stream] == ["all"]
        assert stream.usage is not None
        assert stream.usage.finish == "end"
        await client.close()


async def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(talk: Conversation) -> None:
        if talk.request.body == b"{}":
            await talk.whole(400, b"{}")
            return
        await talk.head()
        while True:
            await talk.chunk(b": a sign of life\n\n")
            await asyncio.sleep(0.02)

    monkeypatch.setattr(answer_module, "_DEADLINES", Deadlines(0.2, 0.2, 0.2))
    await check(hangs, ModelTimeout)


async def test_it_is_found_again_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_PAUSES_S", (0.01,))
    states: list[Health] = []
    routes = a_server(status(500))
    async with serving(shapes.serves(routes)) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url), lambda: None, states.append))
        await client.info()
        assert type(await fail(client)) is ModelUnavailable
        assert "trouble of its own" in str(await fail(client))
        routes["/v1/completions"] = shapes.completion("back")
        async with asyncio.timeout(10):
            while client.health.kind != "ready":
                await asyncio.sleep(0.02)
                with contextlib.suppress(ModelError):
                    async with client.infill(REQUEST):
                        pass
        async with client.infill(REQUEST) as stream:
            assert [piece async for piece in stream] == ["back"]
        await client.close()
    assert [state.kind for state in states] == ["starting", "ready", "down", "ready"]


async def test_a_server_that_is_not_there_is_left_alone_for_a_while() -> None:
    async with serving(shapes.serves({})) as server:
        url = server.url
    states: list[Health] = []
    client = RemoteInfill(RemoteServer(ServerSpec(url), lambda: None, states.append))
    with pytest.raises(ModelUnavailable, match="Nothing listens"):
        await client.info()
    assert "Nothing listens" in str(await fail(client))
    await client.close()
    assert [state.kind for state in states] == ["starting", "down"]


async def test_a_refused_key_is_looked_up_again() -> None:
    keys = ["old", "new"]

    async def guarded(talk: Conversation) -> None:
        if talk.request.headers.get("authorization") == "Bearer new":
            await shapes.serves(a_server(shapes.completion("ok")))(talk)
        else:
            await talk.whole(401, b"{}")

    async with serving(guarded) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url), lambda: keys.pop(0)))
        with pytest.raises(KeyRefused, match="TWOLANE_TEAM_KEY"):
            await client.info()
        assert client.health.kind == "refused"
        assert (await client.info()).name == "qwen2.5-coder"
        await client.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://models.example.com:8000", r"unencrypted.*team\.plain_http"),
        ("models.example.com", "not the address"),
        ("https://user:word@models.example.com", "name or a password"),
    ],
)
async def test_an_address_that_gives_something_away_is_refused(url: str, words: str) -> None:
    client = RemoteInfill(RemoteServer(ServerSpec(url), lambda: KEY))
    with pytest.raises(ModelRefused, match=words):
        await client.info()
    assert client.health.kind == "refused"
    await client.close()
    with pytest.raises(ModelRefused, match=words):
        RemoteChat(RemoteServer(ServerSpec(url), lambda: KEY))


def test_plain_http_may_be_allowed() -> None:
    server = RemoteServer(ServerSpec("http://models.example.com:8000/v1", plain_http=True), lambda: None)
    assert server.host == "models.example.com:8000"


WORDS = ChatRequest("m", (), (Turn("user", (Block(SECRET),)),), 10, deadlines=Deadlines(5, 5, 5))


async def fail_in_words(server: Scripted, wanted: ChatRequest = WORDS) -> ModelError:
    chat = RemoteChat(RemoteServer(ServerSpec(server.url), lambda: KEY))
    with pytest.raises(ModelError) as failure:
        async with chat.chat(wanted) as stream:
            async for _ in stream:
                pass
    await chat.close()
    return failure.value


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param(shapes.conversation("half", finish=None), AnswerCut, id="no reason to end"),
        pytest.param(shapes.conversation("half", finish="content_filter"), AnswerDeclined, id="filtered"),
        pytest.param(shapes.conversation(refusal="I would rather not"), AnswerDeclined, id="refusal"),
        pytest.param(shapes.sse({"choices": [{"delta": {"content": 5}}]}), AnswerGarbled, id="text of another type"),
        pytest.param(shapes.sse({"choices": [None]}), AnswerGarbled, id="no choice"),
        pytest.param(shapes.sse({"choices": {"a": 1}}), AnswerGarbled, id="choices by name"),
        pytest.param(shapes.sse({"usage": {"prompt_tokens": "many"}}), AnswerGarbled, id="a figure that is a word"),
        pytest.param(status(500, b"{}"), ModelUnavailable, id="500"),
        pytest.param(status(200, b"\x1f\x8b", content_encoding="gzip"), AnswerGarbled, id="compressed"),
    ],
)
async def test_a_conversation_that_goes_wrong(script: object, error: type[ModelError]) -> None:
    async with serving(shapes.serves(a_server(400, script))) as server:
        assert type(await fail_in_words(server)) is error


async def test_a_conversation_holds_to_its_deadlines() -> None:
    async def silent(talk: Conversation) -> None:
        if talk.request.body == b"{}":
            await talk.whole(400, b"{}")
        else:
            await talk.until_the_client_leaves()

    wanted = ChatRequest("m", (), WORDS.turns, 10, deadlines=Deadlines(0.5, 0.5, 0.5))
    async with serving(shapes.serves(a_server(400, silent))) as server:
        assert type(await fail_in_words(server, wanted)) is ModelTimeout
        await asyncio.wait_for(server.left.wait(), 5)


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ('{"prompt_tokens": 9, "completion_tokens": -1000000}', ChatUsage(9, 0)),
        ('{"prompt_tokens": 9, "completion_tokens": 1e999}', ChatUsage(9, MOST_TOKENS)),
        ('{"prompt_tokens": 1%s, "completion_tokens": 2}' % ("0" * 40), ChatUsage(MOST_TOKENS, 2)),
        ('{"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": -70}}', ChatUsage(9, 0)),
        ('{"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 700}}', ChatUsage(0, 0, 9)),
        ('{"prompt_tokens": 0, "completion_tokens": 0}', None),
    ],
)
async def test_a_report_never_gives_money_back_and_stays_a_number(told: str, usage: ChatUsage | None) -> None:
    answer = shapes.sse({"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}, done=False)
    answer += b'data: {"choices": [], "usage": %s}\n\n' % told.encode()
    async with serving(shapes.serves(a_server(answer, answer))) as server:
        chat = RemoteChat(RemoteServer(ServerSpec(server.url), lambda: KEY))
        async with chat.chat(WORDS) as stream:
            assert "".join([piece async for piece in stream]) == "x"
            assert stream.usage == usage
        await chat.close()


@pytest.mark.parametrize("figure", ["-1000000", "1e999", "1" + "0" * 400])
async def test_a_hole_is_filled_whatever_is_reported_of_it(figure: str) -> None:
    answer = shapes.sse({"choices": [{"text": "x", "finish_reason": "stop"}]}, done=False)
    answer += b'data: {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": %s}, ' % figure.encode()
    answer += b'"timings": {"prompt_ms": %s}}\n\n' % figure.encode()
    async with serving(shapes.serves(a_server(answer))) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url), lambda: KEY))
        await client.info()
        async with client.infill(REQUEST) as stream:
            assert "".join([piece async for piece in stream]) == "x"
        await client.close()
    assert stream.usage is not None
    assert 0 <= stream.usage.generated_tokens <= MOST_TOKENS
    assert 0 <= stream.usage.prefill_ms < 60_000


@pytest.mark.parametrize("kind", ["text/event-stream; charset=utf-8", "Text/Event-Stream"])
@pytest.mark.parametrize("last", [{}, {"choices": None}, {"choices": []}])
@pytest.mark.parametrize("first", [b"", BOM_UTF8])
async def test_servers_that_say_more_or_less_than_openai_are_understood(
    kind: str, last: dict[str, object], first: bytes
) -> None:
    choice = {"text": "x", "delta": {"content": "x"}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 9, "completion_tokens": 1}
    body = first + shapes.sse(
        {"choices": [choice], "error": None, "usage": None}, {**last, "error": None, "usage": usage}
    )

    async def answer(talk: Conversation) -> None:
        await talk.head(200, kind)
        await talk.chunk(body)
        await talk.end()

    async with serving(shapes.serves(a_server(answer, answer))) as server:
        client = RemoteInfill(RemoteServer(ServerSpec(server.url, family="qwen-coder"), lambda: KEY))
        await client.info()
        async with client.infill(REQUEST) as hole:
            assert "".join([piece async for piece in hole]) == "x"
        chat = RemoteChat(RemoteServer(ServerSpec(server.url), lambda: KEY))
        async with chat.chat(WORDS) as stream:
            assert "".join([piece async for piece in stream]) == "x"
        await client.close()
        await chat.close()
    assert hole.usage is not None
    assert stream.usage is not None
    assert (hole.usage.prompt_tokens, stream.usage.input_tokens) == (9, 9)
