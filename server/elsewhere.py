"""The gateway as the settings want it: who can be asked elsewhere, under which rules, out of which purse.

Imported when the first request needs it: what stands behind it is heavy. Nothing is opened or asked before that.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ..clients.chat import ChatClient
from ..clients.errors import KeyRefused, ModelError
from ..clients.model import InfillClient
from ..routing.ask import AskRecord, Seat, Terms
from ..routing.gateway import Gateway
from ..routing.infill import GuardedInfill, Home
from ..routing.money.ledger import Ledger
from ..routing.privacy.privacy import Privacy
from . import spending
from .compose import team_server
from .config import gateway as rules
from .config import keys
from .config.settings import Settings
from .history.asked import trace_of
from .history.keeper import Keeper


@runtime_checkable
class Warmable(Protocol):
    """A client whose first answer takes longer than the others, unless it was warmed before."""

    async def warm(self) -> None:
        """Load and open everything; raise `ModelError`. Nothing is asked."""
        ...


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The gateway with what it owns; `problems` has one line for each price of the person's that is not used.

    `keeper` writes down what became of each ask, where nobody else does.
    """

    gateway: Gateway
    ledger: Ledger
    clients: tuple[ChatClient, ...]
    problems: tuple[str, ...]
    keeper: Keeper | None = None

    async def warm(self) -> None:
        """Load what the first answer of the far lane needs, a second's work, while a person still chooses."""
        for seat in self.gateway.seats:
            if isinstance(seat.client, Warmable) and not await asyncio.to_thread(seat.missing):
                with contextlib.suppress(ModelError):
                    await seat.client.warm()

    async def close(self) -> None:
        """End what is under way and write down what is still to be written."""
        for client in self.clients:
            await client.close()
        await self.gateway.close()
        await self.ledger.close()
        if self.keeper is not None:
            self.keeper.end()


def build_gateway(
    settings: Settings, fault: str = "", on_record: Callable[[AskRecord], None] | None = None
) -> Elsewhere:
    """Build the gateway; `fault` is what of the policy could not be used (`config.gateway.fault`).

    Without `on_record` what became of each ask is kept for `explain`. Raises `ModelRefused` where a setting holds no
    address.
    """
    keeper = Keeper(lambda: settings.history.keep_days) if on_record is None else None
    if keeper is not None:
        on_record = _kept_by(keeper)
    table, problems = spending.price_table(settings)
    seats = _seats(settings)
    ledger = spending.ledger(settings)
    gateway = Gateway(
        seats=seats,
        terms=Terms(rules.policy(settings, fault), spending.caps(settings), table),
        privacy=Privacy(rules.privacy_rules(settings, fault)),
        ledger=ledger,
        on_record=on_record,
    )
    return Elsewhere(gateway, ledger, tuple(seat.client for seat in seats), problems, keeper)


def _kept_by(keeper: Keeper) -> Callable[[AskRecord], None]:
    return lambda record: keeper.keep(record.root, trace_of(record))


def guarded(inner: InfillClient, host: str, settings: Settings, ledger: Ledger, fault: str = "") -> GuardedInfill:
    """Put the door before a team's server that answers keystrokes; `host` is where its bytes go."""
    table, _ = spending.price_table(settings)
    caps = spending.caps(settings)
    team = settings.team
    return GuardedInfill(
        inner,
        Home("team", "team", host, team.model, sends_guesses=team.ahead),
        privacy=Privacy(rules.privacy_rules(settings, fault)),
        ledger=ledger,
        prices=lambda: table,
        caps=lambda: caps,
    )


def _seats(settings: Settings) -> list[Seat]:
    """Who can be asked in words. The team's server is asked for its own model where the settings name none."""
    seats: list[Seat] = []
    if settings.far.enabled:
        from ..clients.anthropic.client import DEFAULT_URL, AnthropicClient

        key = _Key(keys.anthropic, keys.none_for_anthropic())
        client = AnthropicClient(keys.anthropic, keys.anthropic_url() or DEFAULT_URL)
        seats.append(Seat(client, (settings.far.model,), key.missing, key.mark))
    if settings.team.url:
        from ..clients.openai_compatible.chat import RemoteChat

        chat = RemoteChat(team_server(settings))
        seats.append(Seat(chat, (settings.team.model,), key_mark=_Key(keys.team).mark))
    return seats


class _Key:
    """Whether there is a key, looked up until there is one, and which one it is."""

    def __init__(self, look_up: Callable[[], str | None], otherwise: str = "") -> None:
        self._look_up = look_up
        self._otherwise = otherwise
        self._found = False

    def missing(self) -> str:
        """What to do about a key that is not there; empty where it is."""
        try:
            self._found = self._found or bool(self._look_up())
        except KeyRefused as error:
            return str(error)
        return "" if self._found else self._otherwise

    def mark(self) -> str:
        """A hash of the key in use."""
        return hashlib.sha256((self._look_up() or "").encode()).hexdigest()
