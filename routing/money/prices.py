"""Each model's price, dated; what a request may cost at most, and what an answer did cost.

The shipped table is `prices.toml`; a person's own entries (`budget.prices`) stand before it. A model without
a price is refused: what may be spent on it could not be known.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib import resources
from typing import Any

from ...clients.chat import ChatRequest, ChatUsage
from ..errors import PriceUnknown
from .amount import MICRO, micro

SHIPPED = "prices.toml"
_ROLES = ("input", "output", "cache_read", "cache_write")
_SNAPSHOT = re.compile(r"-\d{8}$")

_BYTES_PER_TOKEN = 3
"""A guess for source code; the upper bound below does not depend on it."""

_TOKENS_AROUND_A_BLOCK = 16
_TOKENS_AROUND_A_REQUEST = 512
_TOKENS_AROUND_A_SCHEMA = 2048
"""What providers put around our text: roles, and the instructions that make an answer fit a schema."""


class UnusablePrice(ValueError):
    """A price that a person wrote cannot be used; `str(error)` says what is allowed."""


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-dollars per million tokens of each kind, for prompts of more than `prompt_above` tokens."""

    model: str
    valid_from: date
    input: int
    output: int
    cache_read: int
    cache_write: int
    prompt_above: int = 0
    source: str = ""

    def cost(self, usage: ChatUsage) -> int:
        """Price a report, in micro-dollars, rounded up."""
        parts = (
            usage.input_tokens * self.input
            + usage.output_tokens * self.output
            + usage.cache_read_tokens * self.cache_read
            + usage.cache_write_tokens * self.cache_write
        )
        return -(-parts // MICRO)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a request may cost, in micro-dollars: `worst` cannot be exceeded, `likely` is for people.

    `most_prompt_tokens` bounds the tokens of its prompt.
    """

    most_prompt_tokens: int
    worst: int
    likely: int


@dataclass(frozen=True, slots=True)
class Rate:
    """The prices of one model that hold on one day; one for each length of the prompt."""

    tiers: tuple[Price, ...]

    @property
    def free(self) -> bool:
        """Whether nothing can be spent on this model."""
        return all(not (tier.input or tier.output or tier.cache_read or tier.cache_write) for tier in self.tiers)

    def cost(self, usage: ChatUsage) -> int:
        """Price a report, in micro-dollars; the tier is that of the whole prompt, cache included."""
        prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
        return self._tier(prompt).cost(usage)

    def estimate(self, request: ChatRequest) -> Estimate:
        """Bound what `request` may cost.

        A token of a byte-level vocabulary covers at least one byte, so the prompt has no more tokens than
        bytes, plus what the provider puts around it; all of it may be written to the cache, and the answer
        may be as long as was asked for.
        """
        return self.bound(prompt_bytes(request), _tokens_around(request), request.max_tokens)

    def bound(self, prompt_bytes: int, tokens_around: int, max_tokens: int) -> Estimate:
        """Bound what a prompt of so many bytes may cost, with so many tokens that the provider puts around it."""
        most = prompt_bytes + tokens_around
        guess = -(-prompt_bytes // _BYTES_PER_TOKEN) + tokens_around
        return Estimate(
            most_prompt_tokens=most,
            worst=max(_at_worst(tier, most, max_tokens) for tier in self.tiers if tier.prompt_above < max(1, most)),
            likely=self.cost(ChatUsage(guess, max_tokens // 4)),
        )

    def _tier(self, prompt_tokens: int) -> Price:
        return max(
            (tier for tier in self.tiers if tier.prompt_above <= max(0, prompt_tokens - 1)),
            key=lambda tier: tier.prompt_above,
        )


class PriceTable:
    """Finds what holds for a model on a day; a person's own prices first."""

    def __init__(self, shipped: Iterable[Price], own: Mapping[str, Price]) -> None:
        self._shipped: dict[str, list[Price]] = {}
        for price in shipped:
            self._shipped.setdefault(price.model, []).append(price)
        self._own = own

    @property
    def models(self) -> frozenset[str]:
        """The names that have a price of their own, as they are written (`provider/*` among them)."""
        return frozenset((*self._own, *self._shipped))

    def rate(self, provider: str, model: str, day: date) -> Rate:
        """Return the rate of `model` on `day`; raise `PriceUnknown`.

        Looked for, in this order: a person's own `provider/model`, `model`, `provider/*`; the shipped
        `model`, and that without the date of a snapshot.
        """
        for key in (f"{provider}/{model}", model, f"{provider}/*"):
            if key in self._own:
                return Rate((self._own[key],))
        for name in (model, _SNAPSHOT.sub("", model)):
            if name in self._shipped:
                return _on(self._shipped[name], day)
        raise PriceUnknown(provider, model)

    def has(self, provider: str, model: str) -> bool:
        """Whether `model` has a price at all."""
        names = (f"{provider}/{model}", model, f"{provider}/*", _SNAPSHOT.sub("", model))
        return any(name in self._own or name in self._shipped for name in names)


def load(own: Iterable[str] = ()) -> PriceTable:
    """Read the shipped table and put a person's own prices before it; raise `UnusablePrice`."""
    text = resources.files(__package__ or "").joinpath(SHIPPED).read_text(encoding="utf-8")
    table = tomllib.loads(text, parse_float=Decimal)
    shipped = [_row(row, table["sources"]) for row in table["price"]]
    return PriceTable(shipped, dict(map(parse, own)))


def free(model: str) -> Rate:
    """The rate of what runs on this machine."""
    return Rate((Price(model, date.min, input=0, output=0, cache_read=0, cache_write=0),))


def parse(words: str) -> tuple[str, Price]:
    """Read one of a person's own prices, `"MODEL input=3 output=15 cache_read=0.3 cache_write=3.75"`.

    MODEL may be `provider/model` or `provider/*`. Dollars per million tokens; what the cache costs counts as
    `input` where it is left out. Raise `UnusablePrice`.
    """
    name, *pairs = words.split() or [""]
    given: dict[str, int] = {}
    for pair in pairs:
        role, _, number = pair.partition("=")
        amount = _amount(number)
        if role not in _ROLES or role in given or amount is None:
            raise UnusablePrice(_form(words))
        given[role] = amount
    if not name or "=" in name or not {"input", "output"} <= given.keys():
        raise UnusablePrice(_form(words))
    given.setdefault("cache_read", given["input"])
    given.setdefault("cache_write", given["input"])
    return name, Price(model=name, valid_from=date.min, source="your settings", **given)


def prompt_bytes(request: ChatRequest) -> int:
    """Count the UTF-8 bytes of all that is asked, the schema included."""
    import json

    texts = [block.text for block in request.system]
    texts += [block.text for turn in request.turns for block in turn.blocks]
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return size + (len(json.dumps(request.schema).encode()) if request.schema is not None else 0)


def _tokens_around(request: ChatRequest) -> int:
    blocks = len(request.system) + sum(len(turn.blocks) for turn in request.turns)
    schema = _TOKENS_AROUND_A_SCHEMA if request.schema is not None else 0
    return _TOKENS_AROUND_A_REQUEST + blocks * _TOKENS_AROUND_A_BLOCK + schema


def _at_worst(tier: Price, prompt_tokens: int, answer_tokens: int) -> int:
    per_token = max(tier.input, tier.cache_write, tier.cache_read)
    return -(-(prompt_tokens * per_token + answer_tokens * tier.output) // MICRO)


def _on(prices: list[Price], day: date) -> Rate:
    """The newest rows that hold on `day`; the oldest ones where the clock says that none does yet."""
    days = {price.valid_from for price in prices}
    since = max((one for one in days if one <= day), default=min(days))
    return Rate(tuple(price for price in prices if price.valid_from == since))


def _row(row: Mapping[str, Any], sources: Mapping[str, str]) -> Price:
    return Price(
        model=row["model"],
        valid_from=row["valid_from"],
        prompt_above=row.get("prompt_above", 0),
        source=sources[row["source"]],
        **{role: micro(row[role]) for role in _ROLES},
    )


def _amount(number: str) -> int | None:
    try:
        value = Decimal(number)
    except InvalidOperation:
        return None
    return micro(value) if value.is_finite() and 0 <= value <= 1_000_000 else None


def _form(words: str) -> str:
    return (
        f'"{words[:80]}" is not a price: allowed is "MODEL input=3 output=15", in dollars per million tokens, '
        "with cache_read= and cache_write= where they differ from input"
    )
