"""What a provider does wrong ends as one of our errors, in time, with a line that helps and gives nothing away."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import ssl
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation, Script, serving
from twolane.clients.anthropic.client import AnthropicClient
from twolane.clients.chat import Block, ChatRequest, Deadlines, Turn
from twolane.clients.errors import (
    AnswerCut,
    AnswerGarbled,
    KeyRefused,
    ModelBusy,
    ModelError,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from twolane.clients.remote import bounds

KEY = "key-for-tests"
SECRET = "the text of a document"
PATIENT = Deadlines(first_s=20, idle_s=20, total_s=20)


@pytest.fixture(scope="module", autouse=True)
def _sdk() -> None:
    """The SDK's import takes longer than the deadlines of these tests."""
    importlib.import_module("anthropic")


async def fail(url: str, deadlines: Deadlines = PATIENT) -> tuple[ModelError, str]:
    """Ask, expecting an error; return it with the text that came before."""
    client = AnthropicClient(lambda: KEY, url)
    await client.warm()
    wanted = ChatRequest("m", (), (Turn("user", (Block(SECRET),)),), 10, deadlines=deadlines)
    text = ""
    with pytest.raises(ModelError) as failure:
        async with client.chat(wanted) as stream:
            async for piece in stream:
                text += piece
    assert not client.running
    await client.close()
    said = str(failure.value)
    assert not any(hidden in said for hidden in (SECRET, KEY, "\n"))
    return failure.value, text


async def check(script: Script, error: type[ModelError], deadlines: Deadlines = PATIENT) -> ModelError:
    """A script ends in exactly this error, after one request, with the connection closed or free."""
    async with asyncio.timeout(10):
        async with serving(script) as server:
            found, _ = await fail(server.url, deadlines)
            assert len(server.requests) == 1
            await server.left.wait()
    assert type(found) is error, found
    return found


def breaks(body: bytes, *, reset: bool = False, within_a_chunk: bool = False, end: bool = False) -> Script:
    async def script(talk: Conversation) -> None:
        await talk.head()
        if body:
            await talk.chunk(body)
        if within_a_chunk:
            await talk.raw(b"ff\r\nevent: content")
        if end:
            await talk.end()
        if reset:
            await asyncio.sleep(0.05)
            talk.reset()
        raise ConnectionError

    return script


BEGUN = api.start() + api.opened() + api.delta("half an answer")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(breaks(BEGUN, end=True), id="no message_stop"),
        pytest.param(breaks(BEGUN + b"event: content_block_delta\ndata: {", end=True), id="end inside an event"),
        pytest.param(breaks(BEGUN), id="end without the last chunk"),
        pytest.param(breaks(BEGUN, within_a_chunk=True), id="end inside a chunk"),
        pytest.param(breaks(BEGUN, reset=True), id="reset"),
        pytest.param(breaks(b"", end=True), id="nothing at all"),
    ],
)
async def test_a_stream_that_is_not_whole_is_cut(script: Script) -> None:
    assert (await check(script, AnswerCut)).retryable


def streams(*events: bytes) -> Script:
    return breaks(b"".join(events), end=True)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(streams(BEGUN, b"event: content_block_delta\ndata: {nonsense\n\n"), id="bad JSON"),
        pytest.param(streams(BEGUN, b"event: content_block_delta\ndata: \xff\n\n"), id="not UTF-8"),
        pytest.param(streams(BEGUN, api.delta("x", 7)), id="unknown index"),
        pytest.param(streams(BEGUN, api.event("content_block_delta", index=0)), id="no delta"),
        pytest.param(streams(BEGUN, api.event("content_block_delta", index=[], delta={})), id="index of another type"),
        pytest.param(
            streams(BEGUN, api.event("content_block_delta", index=0, delta={"type": "text_delta", "text": 5})),
            id="text of another type",
        ),
        pytest.param(streams(BEGUN, b'event: message_delta\ndata: "hello"\n\n'), id="no object"),
        pytest.param(streams(api.opened(), api.delta("x")), id="no beginning"),
        pytest.param(streams(BEGUN, api.closed(), api.ending(None)), id="no reason to stop"),
        pytest.param(streams(BEGUN, api.closed(), api.ending("pause_turn")), id="a reason nobody expects"),
        pytest.param(streams(BEGUN, api.ending()), id="a block left open"),
    ],
)
async def test_an_answer_out_of_form_is_garbled(script: Script) -> None:
    await check(script, AnswerGarbled)


@pytest.mark.parametrize("status", [200, 302, 403, 502])
async def test_a_sign_in_page_is_no_answer(status: int) -> None:
    async def portal(talk: Conversation) -> None:
        await talk.whole(status, b"<html>Sign in to " + SECRET.encode() + b"</html>", "text/html")

    await check(portal, KeyRefused if status == 403 else ModelUnavailable)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("overloaded_error", ModelBusy),
        ("rate_limit_error", ModelBusy),
        ("api_error", ModelUnavailable),
        ("timeout_error", ModelTimeout),
        ("authentication_error", KeyRefused),
        ("invalid_request_error", RequestRefused),
        ("something_new", ModelUnavailable),
    ],
)
async def test_an_error_event_in_the_stream_counts_by_its_type(kind: str, error: type[ModelError]) -> None:
    await check(streams(BEGUN, api.event("error", error={"type": kind, "message": SECRET})), error)


@pytest.mark.parametrize(
    ("status", "kind", "message", "error"),
    [
        (400, "invalid_request_error", SECRET, RequestRefused),
        (400, "invalid_request_error", "prompt is too long: 9 tokens > 8", RequestRefused),
        (400, "invalid_request_error", "Your credit balance is too low", ModelRefused),
        (401, "authentication_error", "invalid x-api-key", KeyRefused),
        (402, "billing_error", "", ModelRefused),
        (403, "permission_error", "", KeyRefused),
        (404, "not_found_error", "model: m", ModelRefused),
        (408, "", "", ModelTimeout),
        (409, "", "", ModelUnavailable),
        (413, "request_too_large", "", RequestRefused),
        (500, "api_error", "", ModelUnavailable),
        (503, "", "", ModelBusy),
        (504, "timeout_error", "", ModelTimeout),
        (529, "overloaded_error", "", ModelBusy),
    ],
)
async def test_a_status_becomes_an_error_of_its_kind(
    status: int, kind: str, message: str, error: type[ModelError]
) -> None:
    found = await check(api.refuses(status, kind, message), error)
    assert "req_1" in str(found)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("3600", 3600, 3600),
        ("0", 0, 0),
        ("1.5", 1.5, 1.5),
        (formatdate(0, usegmt=True), 0, 0),
        ("-5", None, None),
        ("soon", None, None),
        ("1e999", None, None),
        ("1e300", 1e9, 1e9),
        ("nan", None, None),
        ("", None, None),
    ],
)
async def test_retry_after_is_told_and_not_waited_for(value: str, low: float | None, high: float | None) -> None:
    found = await check(api.refuses(429, "rate_limit_error", retry_after=value), ModelBusy)
    assert isinstance(found, ModelBusy)
    if low is None or high is None:
        assert found.retry_after_s is None
    else:
        assert found.retry_after_s is not None
        assert low <= found.retry_after_s <= high


async def test_retry_after_a_date_is_told_in_seconds() -> None:
    value = formatdate(time.time() + 1000, usegmt=True)
    found = await check(api.refuses(429, "rate_limit_error", retry_after=value), ModelBusy)
    assert isinstance(found, ModelBusy)
    assert found.retry_after_s is not None
    assert 900 <= found.retry_after_s <= 1001


def talks(*parts: bytes, every_s: float = 0.02, first: bytes = b"") -> Script:
    """Repeat these parts for ever."""

    async def script(talk: Conversation) -> None:
        await talk.head()
        if first:
            await talk.chunk(first)
        while True:
            for part in parts:
                await asyncio.sleep(every_s)
                await talk.chunk(part)

    return script


async def silent(talk: Conversation) -> None:
    await talk.until_the_client_leaves()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param(silent, "sent nothing within 0.2 s", id="no head"),
        pytest.param(talks(api.PING), "sent nothing within 0.2 s", id="pings only"),
        pytest.param(talks(api.PING, first=api.start() + api.opened()), "sent nothing", id="a beginning, then pings"),
        pytest.param(talks(api.PING, first=BEGUN), "fell silent for 0.3 s", id="content, then pings"),
        pytest.param(talks(*[bytes([byte]) for byte in api.start()]), "sent nothing", id="byte by byte"),
        pytest.param(talks(api.delta("a"), first=BEGUN), "had not finished its answer after 0.6 s", id="endless"),
    ],
)
async def test_deadlines_hold_whatever_keeps_the_line_warm(script: Script, words: str) -> None:
    found = await check(script, ModelTimeout, Deadlines(first_s=0.2, idle_s=0.3, total_s=0.6))
    assert words in str(found)


async def test_a_server_that_is_not_there_says_so() -> None:
    async with serving(silent) as server:
        url = server.url
    error, _ = await fail(url)
    assert type(error) is ModelUnavailable
    assert "Nothing listens" in str(error)


async def test_a_name_without_an_address_says_so() -> None:
    error, _ = await fail("https://no-such-host.invalid")
    assert type(error) is ModelUnavailable
    assert "no-such-host.invalid" in str(error)


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    async with serving(api.says("x"), tls=context) as server:
        error, _ = await fail(server.url)
        assert server.requests == []
    assert type(error) is ModelUnavailable
    assert "cannot prove who it is" in str(error)


def self_signed(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 and its key, made for this test by openssl, into one file."""
    import subprocess

    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


def endless(begin: bytes, more: bytes) -> Script:
    """A stream that is all there is of this answer, for ever."""

    async def script(talk: Conversation) -> None:
        await talk.head()
        await talk.chunk(api.start() + begin)
        while True:
            await talk.chunk(more)

    return script


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(endless(b"data: ", b"a" * 65_536), id="one line without end"),
        pytest.param(endless(b"", b": ping\n\n" * 8_000), id="signs of life without end"),
        pytest.param(endless(api.opened(), api.delta("y" * 1_000) * 60), id="text without end"),
    ],
)
async def test_an_answer_without_end_is_given_up_before_memory_is(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", 1 << 20)
    found = await check(script, AnswerGarbled)
    assert "1 MiB" in str(found)


async def test_a_compressed_answer_is_not_unpacked() -> None:
    async def script(talk: Conversation) -> None:
        assert talk.request.headers["accept-encoding"] == "identity"
        await talk.head(content_encoding="gzip")
        await talk.chunk(gzip.compress(api.answer("x" * 1_000_000)))
        await talk.end()

    await check(script, AnswerGarbled)
