"""llama.cpp's own server at the other end, with a model that is far too small to edit code.

Over OpenAI's API its output is held to the schema. Over the Messages API it is not: that server passes the schema over,
so what comes is no JSON, and nothing may follow from it. Both are streamed, settled, and change no file.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from tests import llama_server
from tests.refactor.desk import SHOP, Desk
from tests.routing.gateway_factory import House, housed
from twolane.clients.anthropic.client import AnthropicClient
from twolane.clients.chat import Block, ChatClient, ChatRequest, Deadlines, Turn
from twolane.clients.openai_compatible.chat import RemoteChat
from twolane.clients.openai_compatible.server import RemoteServer
from twolane.clients.openai_compatible.spec import ServerSpec
from twolane.refactor import answer
from twolane.refactor.faults import AnswerUnusable
from twolane.refactor.guarding import guard
from twolane.routing.ask import AskRequest
from twolane.routing.errors import AskFailed
from twolane.routing.privacy.sources import Source


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with llama_server.running(Path(str(files("twolane.starter") / "twolane-starter.gguf"))) as address:
        yield address


def request(model: str, sources: tuple[Source, ...]) -> ChatRequest:
    turn = Turn("user", (Block(f"Edit this file.\n{sources[0].text}"),))
    return ChatRequest(model, (Block("You edit code."),), (turn,), 300, schema=answer.SCHEMA)


@asynccontextmanager
async def asking(root: Path, client: ChatClient) -> AsyncIterator[tuple[House, AskRequest]]:
    for path, text in SHOP.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    source = Source("file", SHOP["shop/cart.py"], "shop/cart.py", 1, 21, required=True)
    try:
        async with housed(root, client) as house:
            yield (
                house,
                AskRequest("refactor", root, "shop/cart.py", (source,), request, deadlines=Deadlines(90, 90, 100)),
            )
    finally:
        await client.close()
    assert {path: (root / path).read_text() for path in SHOP} == SHOP


async def test_over_openais_api_the_answer_is_held_to_the_schema(tmp_path: Path, url: str) -> None:
    root = tmp_path / "project"
    client = RemoteChat(RemoteServer(ServerSpec(url, "twolane-starter"), lambda: None))
    pieces: list[str | None] = []
    async with asking(root, client) as (house, asked):
        async with house.gateway.ask(asked) as told:
            said = await told.whole(pieces.append)
        assert pieces[0] is None
        assert len(pieces) > 3
        assert said.lstrip().startswith("{")
        ((state, _, _),) = await house.outcome()
        assert state == "done"
        if told.finish == "end":
            answer.read(said)
        desk = Desk(root=root)
        try:
            changes = guard(answer.read(said), desk.gathered, desk.gathered.scope, desk.known).changes
        except AnswerUnusable:
            changes = ()
        assert all(change.path == "shop/cart.py" for change in changes)


async def test_over_the_messages_api_what_is_no_json_is_no_edit(tmp_path: Path, url: str) -> None:
    root = tmp_path / "project"
    client = AnthropicClient(lambda: "none-needed", url)
    async with asking(root, client) as (house, asked):
        said = ""
        with contextlib.suppress(AskFailed):
            async with house.gateway.ask(asked) as told:
                said = await told.whole()
                assert told.finish == "length"
        with pytest.raises(AnswerUnusable):
            answer.read(said)
        assert {state for state, _, cost in await house.outcome() if cost > 0} <= {"done", "failed"}
