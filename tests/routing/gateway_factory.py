"""A gateway with everything real but the models: privacy on a real folder, a real ledger, real breakers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tests.routing.money_factory import caps
from twolane.clients.chat import Block, ChatClient, ChatRequest, Deadlines, Turn
from twolane.routing.answer import Answer
from twolane.routing.ask import AskRecord, AskRequest, Seat, Terms
from twolane.routing.gateway import Gateway
from twolane.routing.health.breaker import Board, Limits
from twolane.routing.health.retry import Retries
from twolane.routing.money import prices
from twolane.routing.money.budget import Caps
from twolane.routing.money.history import Entry, entries
from twolane.routing.money.ledger import Ledger
from twolane.routing.money.store import Store
from twolane.routing.policy import Policy
from twolane.routing.privacy.privacy import Privacy, PrivacyRules
from twolane.routing.privacy.sources import Source

FAR, TEAM = "far-model", "team-model"
PRICES = (f"{FAR} input=2 output=10 cache_read=0.2 cache_write=2.5", f"{TEAM} input=0 output=0")


def build(model: str, sources: tuple[Source, ...]) -> ChatRequest:
    shown = "\n".join(source.text for source in sources)
    return ChatRequest(model, (Block("You review.", cache=True),), (Turn("user", (Block(shown),)),), 100)


def build_json(model: str, sources: tuple[Source, ...]) -> ChatRequest:
    plain = build(model, sources)
    return ChatRequest(plain.model, plain.system, plain.turns, plain.max_tokens, schema={"type": "object"})


@dataclass
class House:
    """A workspace, its gateway and what is left behind; `turn` moves the breakers' clock."""

    root: Path
    ledger: Ledger
    gateway: Gateway
    records: list[AskRecord]
    clock: list[float] = field(default_factory=lambda: [0.0])

    def asked(self, path: str = "a.py", text: str = "x = 1\n", **others: Any) -> AskRequest:
        source = Source("file", text, path, 1, text.count("\n"), required=True)
        given: dict[str, Any] = {"sources": (source,), "build": build, "deadlines": Deadlines(total_s=30.0)}
        return AskRequest("review", self.root, path, **(given | others))

    @asynccontextmanager
    async def ask(self, path: str = "a.py", text: str = "x = 1\n", **others: Any) -> AsyncIterator[Answer]:
        async with self.gateway.ask(self.asked(path, text, **others)) as answer:
            yield answer

    async def whole(self, *words: str, **others: Any) -> str:
        async with self.ask(*words, **others) as answer:
            return await answer.whole()

    def turn(self, seconds: float) -> None:
        self.clock[0] += seconds

    @property
    def record(self) -> AskRecord:
        return self.records[-1]

    async def entries(self) -> list[Entry]:
        """What the ledger says, from a file of its own handle."""

        def read() -> list[Entry]:
            store = Store(self.ledger.path)
            try:
                return entries(store, date.min, pieces=True)
            finally:
                store.close()

        return await asyncio.to_thread(read)

    async def outcome(self) -> list[tuple[str, str, float]]:
        """State, reason and dollars of each call."""
        return [(entry.state, entry.reason, entry.charged / 1e6) for entry in await self.entries()]


@asynccontextmanager
async def housed(
    root: Path,
    *clients: ChatClient,
    limits: Caps | None = None,
    rules: PrivacyRules | None = None,
    own_prices: Sequence[str] = PRICES,
    store: Store | None = None,
    retries: Retries | None = None,
    policy: Policy | None = None,
    board: Board | None = None,
) -> AsyncIterator[House]:
    clock = [0.0]
    records: list[AskRecord] = []
    ledger = Ledger(store or Store(root.parent / "data" / "ledger.sqlite3"))
    seats = [Seat(client, (FAR if client.lane == "far" else TEAM,), key_mark=_key_mark(client)) for client in clients]
    gateway = Gateway(
        seats=seats,
        terms=Terms(policy or Policy(), limits or caps(), prices.load(own_prices)),
        privacy=Privacy(rules or PrivacyRules(), outer=()),
        ledger=ledger,
        board=board or Board(Limits(), lambda: clock[0]),
        retries=retries or Retries(first_s=0.001, longest_s=0.002),
        on_record=records.append,
    )
    try:
        yield House(root, ledger, gateway, records, clock)
    finally:
        await gateway.close()
        await ledger.close()


def _key_mark(client: ChatClient) -> Callable[[], str]:
    return lambda: str(getattr(client, "key", ""))
