"""The gateway over the real Anthropic client and real sockets: what a provider does wrong, and what it costs."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation, Script, Scripted, serving
from tests.routing.gateway_factory import House, housed
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
async def wired(root: Path, *scripts: Script) -> AsyncIterator[tuple[House, Scripted]]:
    async with asyncio.timeout(20), serving(*scripts) as server:
        client = AnthropicClient(lambda: KEY, server.url)
        try:
            async with housed(root, client) as house:
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
