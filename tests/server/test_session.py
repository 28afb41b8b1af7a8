"""Whatever a client says, in whatever order: each request is answered exactly once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from twolane.server.lsp.protocol import TwolaneProtocol, TwolaneServer, strict_converter
from twolane.server.wire.framing import Damage, Frame
from twolane.server.wire.handshake import Hello
from twolane.server.wire.messages import Message, Notification, Request, Response, encode
from twolane.server.wire.session import Outbox, Session

TEXT = "the user's text"


class Sent:
    """An outbox that keeps what is sent."""

    def __init__(self) -> None:
        self.messages: list[Mapping[str, Any]] = []
        self.congested = False

    def send(self, message: Mapping[str, Any]) -> None:
        encode(message)
        self.messages.append(message)

    def answers(self, call_id: object) -> list[Mapping[str, Any]]:
        return [said for said in self.messages if "method" not in said and said["id"] == call_id]


def a_server(outbox: Outbox) -> TwolaneServer:
    """Return a server with one quick, one slow and one broken method."""
    server = TwolaneServer("test", "1", protocol_cls=TwolaneProtocol, converter_factory=strict_converter)
    server.protocol.connect(outbox)

    @server.feature("test/quick")
    def quick(params: Any) -> Any:
        return params

    @server.feature("test/slow")
    async def slow(params: Any) -> Any:
        await asyncio.sleep(0.001)
        return params

    @server.feature("test/broken")
    async def broken(params: Any) -> None:
        raise RuntimeError(TEXT)

    @server.feature("test/broken at once")
    def broken_at_once(params: Any) -> None:
        raise RuntimeError(TEXT)

    @server.feature("test/unspeakable")
    def unspeakable(params: Any) -> Any:
        return {"number": float("inf")}

    return server


class PeerOfServer:
    def __init__(self, protocol: TwolaneProtocol) -> None:
        self.protocol = protocol
        self.doubts: list[str] = []

    @property
    def busy(self) -> bool:
        return self.protocol.busy

    def dispatch(self, message: Message) -> None:
        self.protocol.dispatch(message)

    def doubt(self, reason: str) -> None:
        self.doubts.append(reason)

    def shutdown(self) -> None:
        self.protocol.cancel_all()

    async def close(self) -> None:
        await self.protocol.finish()


class Conversation:
    """A session whose peer takes a moment to load."""

    def __init__(self) -> None:
        self.sent = Sent()
        self.stops: list[int] = []
        self.peer = PeerOfServer(a_server(self.sent).protocol)
        self.session = Session(
            self.sent, self._load, lambda _: None, lambda: None, lambda code, _: self.stops.append(code)
        )

    async def _load(self, hello: Hello, outbox: Outbox) -> PeerOfServer:
        await asyncio.sleep(0.001)
        return self.peer

    def say(self, fields: Mapping[str, Any]) -> None:
        self.session.receive(Frame(json.dumps({"jsonrpc": "2.0", **fields}).encode()))

    async def end(self) -> None:
        while self.session.busy:
            await asyncio.sleep(0.001)
        await self.session.close()


METHODS = [
    "initialize",
    "initialized",
    "shutdown",
    "test/quick",
    "test/slow",
    "test/slow",
    "test/broken",
    "test/broken at once",
    "textDocument/inlineCompletion",
    "test/unspeakable",
    "nothing",
]
calls = st.fixed_dictionaries(
    {"id": st.integers(0, 6) | st.sampled_from(["a", 1.5]), "method": st.sampled_from(METHODS)},
    optional={"params": st.sampled_from([None, {}, {"capabilities": {}}, [], 5])},
)
notes = st.sampled_from(
    [{"method": "$/cancelRequest", "params": {"id": number}} for number in (0, 1, 2, "a", None)]
    + [{"method": "test/broken"}, {"method": "test/quick"}, {"id": 3, "result": 1}, {"id": 1, "error": {}}]
)
PAUSE: dict[str, Any] = {}
GREETING = {"id": "greeting", "method": "initialize", "params": {"capabilities": {}}}


@given(start=st.booleans(), said=st.lists(calls | notes | st.just(PAUSE), max_size=25))
@settings(max_examples=150)
def test_each_request_is_answered_once(start: bool, said: list[dict[str, Any]]) -> None:
    said = [GREETING, *said] if start else said

    async def talk() -> Sent:
        conversation = Conversation()
        for fields in said:
            if fields is PAUSE:
                await asyncio.sleep(0.002)
            else:
                conversation.say(fields)
        await conversation.end()
        return conversation.sent

    sent = asyncio.run(talk())
    asked = Counter(repr(fields["id"]) for fields in said if "method" in fields and "id" in fields)
    answered = Counter(repr(message["id"]) for message in sent.messages if "method" not in message)
    assert answered == asked
    assert TEXT not in repr(sent.messages)


async def test_a_fault_in_a_handler_is_an_internal_error_without_its_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    conversation = Conversation()
    conversation.say(GREETING)
    for number, method in enumerate(["test/broken", "test/broken at once"]):
        conversation.say({"id": number, "method": method})
        conversation.say({"method": method})
    await conversation.end()
    for number in range(2):
        (answer,) = conversation.sent.answers(number)
        assert answer["error"]["code"] == -32603
        assert "RuntimeError" in answer["error"]["message"]
    assert caplog.text.count("failed with RuntimeError") == 4
    assert TEXT not in caplog.text


async def test_a_request_cancelled_before_it_began_leaves_nothing_behind() -> None:
    conversation = Conversation()
    conversation.say(GREETING)
    while not conversation.peer.protocol.busy:
        conversation.say({"id": 1, "method": "test/slow"})
        await asyncio.sleep(0.002)
        conversation.say({"id": 2, "method": "test/slow"})
        conversation.say({"method": "$/cancelRequest", "params": {"id": 2}})
    await conversation.end()
    assert {answer["error"]["code"] for answer in conversation.sent.answers(2)} == {-32800}


async def test_lost_messages_are_heard_of_in_their_place() -> None:
    conversation = Conversation()
    conversation.session.receive(Damage("noise"))
    conversation.say(GREETING)
    conversation.session.receive(Damage("refused", refused=True))
    conversation.session.receive(Frame(b'{"jsonrpc":"2.0","method":"textDocument/didChange","par'))
    conversation.session.receive(Damage("the rest of it"))
    conversation.session.receive(Frame(b'{"jsonrpc":"2.0","method":"textDocument/hover","par'))
    conversation.session.receive(Damage("the rest of that"))
    await conversation.end()
    assert conversation.peer.doubts == ["refused", "a message about a document could not be read"]
    assert [answer["error"]["code"] for answer in conversation.sent.answers(None)] == [-32600, -32700, -32700]


async def test_a_server_that_cannot_load_ends_with_a_reason(caplog: pytest.LogCaptureFixture) -> None:
    stops: list[tuple[int, str]] = []
    stopped = asyncio.Event()

    async def load(hello: Hello, outbox: Outbox) -> PeerOfServer:
        raise ImportError("no such thing")

    def stop(code: int, reason: str) -> None:
        stops.append((code, reason))
        stopped.set()

    session = Session(Sent(), load, lambda _: None, lambda: None, stop)
    session.receive(Frame(json.dumps({"jsonrpc": "2.0", **GREETING}).encode()))
    await stopped.wait()
    await session.close()
    assert stops[0][0] == 1
    assert "ImportError" in stops[0][1]


async def test_our_own_requests_are_settled_by_the_client() -> None:
    sent = Sent()
    protocol = a_server(sent).protocol
    params = types.ConfigurationParams([types.ConfigurationItem(section="a")])
    asked = [protocol.send_request_async("workspace/configuration", params) for _ in range(4)]
    ids = [message["id"] for message in sent.messages]
    protocol.dispatch(Response(ids[0], [{"a": 1}], None))
    protocol.dispatch(Response(ids[1], None, {"code": -1, "message": "no"}))
    protocol.dispatch(Response(ids[2], None, {"code": "odd"}))
    protocol.dispatch(Response(ids[3], "not a list of settings", None))
    protocol.dispatch(Response(ids[0], None, None))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert repr(results[0]) == "({'a': 1},)"
    assert [str(result) for result in results[1:3]] == ["no", "no reason given"]
    assert isinstance(results[1], JsonRpcException)


async def test_a_client_that_is_behind_is_spared_progress() -> None:
    sent = Sent()
    protocol = a_server(sent).protocol
    sent.congested = True
    protocol.notify("$/progress", {"token": 1, "value": {}})
    assert sent.messages == []
    protocol.dispatch(Request(1, "test/quick", "x"))
    protocol.dispatch(Notification("test/quick", "x"))
    assert sent.messages == [{"jsonrpc": "2.0", "id": 1, "result": "x"}]
