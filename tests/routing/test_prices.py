"""What models cost: the shipped table, a person's own prices, the bound before and the cost after."""

from __future__ import annotations

from datetime import date

import pytest

from twolane.clients.chat import Block, ChatRequest, ChatUsage, Turn
from twolane.routing.errors import PriceUnknown
from twolane.routing.money import prices

TODAY = date(2026, 11, 21)
MILLION = 1_000_000


def check(model: str, usage: ChatUsage, dollars: float, *, day: date = TODAY, own: tuple[str, ...] = ()) -> None:
    """`usage` of `model` costs so many dollars."""
    rate = prices.load(own).rate("anthropic", model, day)
    assert rate.cost(usage) == round(dollars * MILLION)


def request(prompt: str, max_tokens: int = 1000, **others: object) -> ChatRequest:
    return ChatRequest("m", (Block("Be brief."),), (Turn("user", (Block(prompt),)),), max_tokens, **others)  # type: ignore[arg-type]


def test_each_kind_of_token_has_its_price() -> None:
    check("claude-opus-5-5", ChatUsage(MILLION, 0), 4)
    check("claude-opus-5-5", ChatUsage(0, MILLION), 20)
    check("claude-opus-5-5", ChatUsage(0, 0, cache_read_tokens=MILLION), 0.20)
    check("claude-opus-5-5", ChatUsage(0, 0, cache_write_tokens=MILLION), 5)
    check("claude-opus-5-5", ChatUsage(1000, 100, 2000, 3000), 0.004 + 0.002 + 0.0004 + 0.015)


def test_a_fraction_of_a_micro_dollar_is_charged_as_a_whole_one() -> None:
    check("claude-haiku-5-5", ChatUsage(1, 0), 0.000001)
    check("claude-haiku-5-5", ChatUsage(0, 0), 0)


def test_the_price_of_the_day_holds() -> None:
    read = ChatUsage(0, 0, cache_read_tokens=MILLION)
    check("claude-sonnet-5-5", read, 0.20, day=date(2026, 10, 6))
    check("claude-sonnet-5-5", read, 0.10, day=date(2026, 10, 7))
    check("claude-sonnet-5-5", read, 0.20, day=date(1999, 1, 1))


def test_a_long_prompt_pays_its_own_price_for_all_of_it() -> None:
    check("claude-haiku-5-5", ChatUsage(100_000, 1000), 0.0105)
    check("claude-haiku-5-5", ChatUsage(100_001, 1000), 0.0525005 + 0.0000005)
    check("claude-haiku-5-5", ChatUsage(1, 0, cache_read_tokens=100_000), 0.005001)


def test_a_dated_snapshot_costs_what_its_model_costs() -> None:
    check("claude-haiku-4-5-20251001", ChatUsage(MILLION, 0), 1)


def test_a_persons_own_price_stands_first() -> None:
    own = (
        "claude-opus-5-5 input=3 output=15",
        "anthropic/claude-opus-5 input=1 output=2",
        "anthropic/* input=7 output=8",
    )
    check("claude-opus-5-5", ChatUsage(MILLION, 0, MILLION, MILLION), 9, own=own)
    check("claude-opus-5", ChatUsage(MILLION, 0), 1, own=own)
    check("unheard-of", ChatUsage(MILLION, 0), 7, own=own)
    check("m", ChatUsage(MILLION, 1, 0, MILLION), 5, own=("m input=2 output=0 cache_write=3",))


def test_a_model_without_a_price_is_refused_with_the_setting_that_would_price_it() -> None:
    with pytest.raises(PriceUnknown, match=r'budget\.prices = \["gpt-x input=DOLLARS output=DOLLARS"\]'):
        prices.load().rate("team", "gpt-x", TODAY)
    with pytest.raises(PriceUnknown, match=r'budget\.prices = \["team/\* input=DOLLARS'):
        prices.load().rate("team", "", TODAY)
    assert not prices.load().has("team", "gpt-x")
    assert prices.load(["team/* input=0 output=0"]).has("team", "gpt-x")
    assert prices.load(["team/* input=0 output=0"]).rate("team", "gpt-x", TODAY).free


@pytest.mark.parametrize(
    "words",
    ["", "m", "m input=1", "m output=1", "input=1 output=1", "m input=x output=1", "m input=-1 output=1",
     "m input=nan output=1", "m input=1 output=1 speed=2", "m input=1 input=1 output=1", "m input=1e9 output=1"],
)  # fmt: skip
def test_a_price_that_is_none_is_named(words: str) -> None:
    with pytest.raises(prices.UnusablePrice, match="input=3 output=15"):
        prices.load([words])


@pytest.mark.parametrize("prompt", ["x", "x" * 5000, "§" * 5000, "\U0001f600" * 3000, "\ud800", " \n\t" * 900])
def test_the_worst_case_bounds_every_way_to_count(prompt: str) -> None:
    rate = prices.load().rate("anthropic", "claude-haiku-5-5", TODAY)
    asked = request(prompt, max_tokens=500)
    worst = rate.estimate(asked).worst
    most = len(prompt.encode("utf-8", "surrogatepass"))
    assert all(
        rate.cost(usage) <= worst
        for usage in (ChatUsage(most, 500), ChatUsage(0, 500, most), ChatUsage(0, 500, 0, most))
    )
    assert rate.estimate(asked).likely <= worst


def test_the_worst_case_of_a_prompt_that_may_be_long_is_that_of_a_long_one() -> None:
    rate = prices.load().rate("anthropic", "claude-haiku-5-5", TODAY)
    assert rate.estimate(request("x" * 100_001, 0)).worst >= rate.cost(ChatUsage(0, 0, 0, 100_001))


def test_a_schema_is_part_of_what_is_sent() -> None:
    rate = prices.load().rate("anthropic", "claude-opus-5-5", TODAY)
    schema = {"type": "object", "properties": {"a" * 4000: {}}}
    assert rate.estimate(request("x", schema=schema)).worst > rate.estimate(request("x")).worst + 4000 * 5


def test_every_shipped_row_is_whole_and_says_where_it_comes_from() -> None:
    table = prices.load()
    assert len(table.models) > 10
    for model in table.models:
        rate = table.rate("anthropic", model, TODAY)
        assert min(tier.prompt_above for tier in rate.tiers) == 0
        for tier in rate.tiers:
            assert tier.source
            assert 0 < tier.cache_read < tier.input < tier.cache_write < tier.output
