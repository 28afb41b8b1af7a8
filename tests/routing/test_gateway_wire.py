"""The gateway over the real Anthropic client and real sockets: what a provider does wrong, and what it costs."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation, Script, Scripted, serving
from tests.routing.gateway_factory import House, build_json, housed
from twolane.clients.anthropic.client import AnthropicClient
from twolane.clients.chat import Deadlines
from twolane.clients.errors import (
    AnswerCut,
    AnswerDeclined,
    AnswerGarbled,
    KeyRefused,
    ModelBusy,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
)
from twolane.routing.errors import AskFailed
from twolane.routing.health.breaker import Board, Limits
from twolane.routing.health.retry import Retries

KEY = "key-for-tests"
DOCUMENT = "the text of a document"
REPORTED = (11 * 2 + 5 * 0.2 + 3 * 2.5) / 1e6
"""What the prompt of the script's report costs, in dollars."""


@pytest.fixture(scope="module", autouse=True)
def _sdk() -> None:
    """The SDK's import takes longer than the deadlines of these tests."""
    importlib.import_module("anthropic")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@asynccontextmanager
async def wired(root: Path, *scripts: Script, **housing: Any) -> AsyncIterator[tuple[House, Scripted]]:
    async with asyncio.timeout(40), serving(*scripts) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        try:
            async with housed(root, client, **housing) as house:
                yield house, server
        finally:
            await client.close()


async def check(
    root: Path,
    script: Script,
    error: type[ModelError],
    *,
    requests: int,
    charged: float = 0.0,
    deadlines: Deadlines | None = None,
) -> None:
    """A fault ends in this error after so many requests, and each of them is charged so many dollars."""
    async with wired(root, script) as (house, server):
        with pytest.raises(AskFailed) as failed:
            await house.whole("a.py", DOCUMENT, deadlines=deadlines or Deadlines(total_s=15))
        assert type(failed.value.cause) is error, failed.value
        assert len(server.requests) == requests
        outcome = await house.outcome()
        assert [state for state, _, _ in outcome] == ["failed"] * requests
        assert [cost for _, _, cost in outcome] == [pytest.approx(charged)] * requests
        told = f"{failed.value} {house.record.document()}"
        assert KEY not in told
        assert DOCUMENT not in told


def ends_after(body: bytes, *, reset: bool = False) -> Script:
    async def script(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(body)
        if reset:
            talk.reset()
        else:
            await talk.end()

    return script


def goes_on(body: bytes, *, pings: bool = False) -> Script:
    async def script(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(body)
        while pings:
            await talk.chunk(api.PING)
            await asyncio.sleep(0.01)
        await talk.until_the_client_leaves()

    return script


BEGUN = api.start() + api.opened()
HALF = BEGUN + api.delta("half")
OVERLOADED = api.event("error", error={"type": "overloaded_error", "message": "Overloaded"})


async def test_an_answer_is_charged_as_it_was_reported(root: Path) -> None:
    async with wired(root, api.says("one ", "two")) as (house, server):
        assert await house.whole() == "one two"
        ((state, _, charged),) = await house.outcome()
        assert state == "done"
        assert charged == pytest.approx(REPORTED + 7 * 10 / 1e6, abs=1e-6)
        assert house.record.sent[0].host == server.url.removeprefix("http://")


def reporting(started: dict[str, int] | None, ended: dict[str, int] | None, text: str = "hello") -> Script:
    """An answer with these reports at its beginning and its end."""
    head = json.loads(api.start().split(b"data: ")[1])["message"]
    told = {**head, "usage": started} if started is not None else {key: head[key] for key in head if key != "usage"}
    end = {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, **({"usage": ended} if ended else {})}
    body = api.event("message_start", message=told) + api.opened() + api.delta(text) + api.closed()
    return api.sends(body + api.event("message_delta", **end) + api.event("message_stop"))


@pytest.mark.parametrize(
    ("started", "ended", "text", "cost"),
    [
        ({"input_tokens": 1000, "output_tokens": 1}, {"input_tokens": 0, "output_tokens": 7}, "hello", 2070),
        ({"input_tokens": 1000, "output_tokens": 9}, {"output_tokens": 7}, "hello", 2090),
        ({"input_tokens": 1000, "output_tokens": 1}, None, "word " * 20, 2340),
        ({"input_tokens": 0, "output_tokens": 0}, {"output_tokens": 7}, "hello", None),
        (None, {"output_tokens": 7}, "hello", None),
        (None, None, "hello", None),
    ],
)
async def test_a_report_that_lacks_something_makes_nothing_cheaper(
    root: Path, started: dict[str, int] | None, ended: dict[str, int] | None, text: str, cost: int | None
) -> None:
    async with wired(root, reporting(started, ended, text)) as (house, _):
        assert await house.whole() == text
        (entry,) = await house.entries()
        prompt_at_most = entry.reserved - 100 * 10
        assert entry.charged == cost if cost is not None else entry.charged >= prompt_at_most + 7 * 10
        assert entry.charged <= max(entry.reserved, cost or 0)


async def test_a_stream_that_is_cut_anywhere_is_whole_or_a_failure_and_settled_once(root: Path) -> None:
    text = '{"a": "é\N{GRINNING FACE} ü"}'
    pieces = [api.event("unheard_of", x=1), api.delta(text[:8]), api.PING, api.delta(text[8:])]
    body = b"".join([api.start(), api.opened(), *pieces, api.closed(), api.ending()])
    for char in text:
        if not char.isascii():
            body = body.replace(json.dumps(char)[1:-1].encode(), char.encode())
    at = [0]

    async def script(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(body[: at[0]], slice_to=3)
        await talk.end()

    places = [*range(1, len(body), 23), *range(len(body) - 12, len(body) + 1)]
    async with wired(root, script, retries=Retries(most=0), board=Board(Limits(failures=10**6))) as (house, server):
        ends: list[object] = []
        for place in places:
            at[0] = place
            try:
                ends.append(json.loads(await house.whole(build=build_json)))
            except AskFailed as failed:
                ends.append(type(failed.cause))
        assert set(map(str, ends[:-1])) <= {str(AnswerCut), str(AnswerGarbled)}
        assert ends[-1] == json.loads(text)
        entries = await house.entries()
        assert len(entries) == len(server.requests) == len(places)
        assert [one.state for one in entries] == ["failed"] * (len(places) - 1) + ["done"]
        assert all(one.charged <= one.reserved for one in entries)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key(root: Path, status: int) -> None:
    await check(root, api.refuses(status, "authentication_error"), KeyRefused, requests=1)


@pytest.mark.parametrize(
    ("header", "requests"),
    [("3600", 1), ("garbage", 3), ("-5", 3), ("Wed, 21 Oct 2099 07:28:00 GMT", 1)],
)
async def test_a_rate_limit(root: Path, header: str, requests: int) -> None:
    script = api.refuses(429, "rate_limit_error", retry_after=header)
    await check(root, script, ModelBusy, requests=requests)


@pytest.mark.parametrize(("status", "error"), [(529, ModelBusy), (503, ModelBusy)])
async def test_an_overload(root: Path, status: int, error: type[ModelError]) -> None:
    await check(root, api.refuses(status, "overloaded_error"), error, requests=3)


async def test_a_captive_portal(root: Path) -> None:
    async def portal(talk: Conversation) -> None:
        await talk.whole(200, b"<html>Sign in</html>", "text/html")

    await check(root, portal, ModelUnavailable, requests=3)


async def test_a_host_where_nobody_listens(root: Path) -> None:
    async with serving(api.says("never")) as server:
        nobody = server.url
    client = AnthropicClient(lambda: KEY, nobody)
    async with housed(root, client) as house:
        with pytest.raises(AskFailed) as failed:
            await house.whole()
        assert isinstance(failed.value.cause, ModelUnavailable)
        assert [cost for _, _, cost in await house.outcome()] == [0, 0, 0]
    await client.close()


async def test_an_error_after_the_stream_has_begun_is_asked_again(root: Path) -> None:
    async with wired(root, ends_after(HALF + OVERLOADED), api.says("good")) as (house, server):
        assert await house.whole() == "good"
        assert len(server.requests) == 2
        assert [state for state, _, _ in await house.outcome()] == ["failed", "done"]


async def test_an_error_after_text_was_shown_is_not(root: Path) -> None:
    async with wired(root, ends_after(HALF + OVERLOADED), api.says("good")) as (house, server):
        with pytest.raises(AskFailed) as failed:
            async with house.ask() as answer:
                async for _ in answer:
                    pass
        assert failed.value.shown
        assert isinstance(failed.value.cause, ModelBusy)
        assert len(server.requests) == 1


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("body", [BEGUN, HALF, HALF + api.closed(), HALF + b"event: content_block_delta\ndata: {"])
async def test_a_stream_that_breaks_off(root: Path, body: bytes, reset: bool) -> None:
    charged = REPORTED + (2 if b"half" in body else 1) * 10 / 1e6
    async with wired(root, ends_after(body, reset=reset)) as (house, _):
        with pytest.raises(AskFailed) as failed:
            await house.whole()
        assert isinstance(failed.value.cause, AnswerCut | AnswerGarbled)
        assert all(cost <= charged + 2e-6 for _, _, cost in await house.outcome())


@pytest.mark.parametrize("pings", [False, True])
@pytest.mark.parametrize("body", [b"", BEGUN, HALF])
async def test_silence_and_mere_signs_of_life(root: Path, body: bytes, pings: bool) -> None:
    script = goes_on(body or api.PING, pings=pings)
    async with wired(root, script) as (house, server):
        with pytest.raises(AskFailed) as failed:
            await house.whole(deadlines=Deadlines(first_s=0.5, idle_s=0.5, total_s=2.0))
        assert isinstance(failed.value.cause, ModelTimeout)
        assert 1 <= len(server.requests) <= 3
        await server.left.wait()


async def test_a_declined_answer_is_not_asked_again(root: Path) -> None:
    await check(
        root,
        api.sends(api.answer("no", reason="refusal")),
        AnswerDeclined,
        requests=1,
        charged=REPORTED + 7 * 10 / 1e6 + 0.5e-6,
    )


async def test_leaving_closes_the_socket_and_charges_what_was_reported(root: Path) -> None:
    async with wired(root, goes_on(HALF)) as (house, server):
        async with house.ask() as answer:
            assert await anext(answer) == "half"
        await server.left.wait()
        ((state, _, charged),) = await house.outcome()
        assert state == "cancelled"
        assert charged == pytest.approx(REPORTED + 2 * 10 / 1e6, abs=1e-6)


async def test_a_task_that_is_cancelled_closes_the_socket(root: Path) -> None:
    heard = asyncio.Event()

    async with wired(root, goes_on(HALF, pings=True)) as (house, server):

        async def listen() -> None:
            async with house.ask() as answer:
                async for _ in answer:
                    heard.set()

        task = asyncio.create_task(listen())
        await heard.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await server.left.wait()
        ((state, _, charged),) = await house.outcome()
        assert state == "cancelled"
        assert charged == pytest.approx(REPORTED + 2 * 10 / 1e6, abs=1e-6)
