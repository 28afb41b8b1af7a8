"""A command carried out over the real gateway and the real client, against a server that answers from a scenario."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Script, Scripted, serving
from tests.refactor.desk import SHOP, Desk
from tests.routing.gateway_factory import House, housed
from twolane.clients.anthropic.client import AnthropicClient
from twolane.clients.chat import ChatClient
from twolane.refactor.conversation import Bill
from twolane.refactor.options import Options
from twolane.refactor.outcome import Outcome
from twolane.refactor.refactoring import Refactoring

SCENARIOS = Path(__file__).parent / "scenarios"


def scenario(name: str) -> list[Script]:
    """The answers recorded in a file, one for each request: the text in pieces, and how it ended."""
    recorded = json.loads((SCENARIOS / f"{name}.json").read_text(encoding="utf-8"))
    return [said(answer["says"], answer.get("ends", "end_turn")) for answer in recorded["answers"]]


def said(text: Any, reason: str | None = "end_turn", size: int = 40) -> Script:
    """An answer that comes in small pieces; an object is sent as JSON."""
    words = text if isinstance(text, str) else json.dumps(text)
    pieces = [words[at : at + size] for at in range(0, len(words), size)]
    return api.says(*pieces, reason=reason)


@dataclass
class Bench:
    """One command's way."""

    desk: Desk
    house: House
    server: Scripted
    refactoring: Refactoring
    bill: Bill = field(default_factory=Bill)
    heard: list[str] = field(default_factory=list)

    async def run(self) -> Outcome:
        gathered = await self.refactoring.gather(self.desk.command, self.desk.known, self.desk.read)
        return await self.refactoring.run(gathered, self.desk.known, self.heard.append, self.bill)

    def told(self, number: int) -> str:
        """What the model was told in its request of that number, all turns together."""
        body = self.server.requests[number].json
        blocks = [block["text"] for turn in body["messages"] for block in turn["content"]]
        return "\n".join(blocks)


@asynccontextmanager
async def bench(
    root: Path,
    scripts: Sequence[Script],
    files: Mapping[str, str] | None = None,
    *,
    options: Options | None = None,
    team: ChatClient | None = None,
    desk: Mapping[str, Any] | None = None,
    **housing: Any,
) -> AsyncIterator[Bench]:
    """Write `files` below `root` and make a desk there; `housing` is for the gateway."""
    place = root / "project"
    given: dict[str, Any] = {"files": files or SHOP, **(desk or {})}
    made = Desk(**given, root=place)
    for path, text in made.files.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(*scripts))
        client = AnthropicClient(lambda: "key-for-tests", server.url)
        stack.push_async_callback(client.close)
        clients = [client] if team is None else [client, team]
        house = await stack.enter_async_context(housed(place, *clients, **housing))
        pool = stack.enter_context(ThreadPoolExecutor(1))
        yield Bench(made, house, server, Refactoring(house.gateway, pool, options or Options()))
