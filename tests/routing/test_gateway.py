"""The gateway's order of work: what leaves, what is refused before anything leaves, what it costs, what is kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.routing.gateway_factory import FAR, TEAM, build, build_json, housed
from tests.routing.money_factory import caps
from tests.routing.scripted_chat import Script, ScriptedChat
from twolane.clients.chat import Block, ChatRequest, ChatUsage, Turn
from twolane.clients.errors import AnswerGarbled, ModelTimeout
from twolane.routing.ask import AskRecord
from twolane.routing.errors import (
    AskFailed,
    CapReached,
    LedgerClosed,
    NoCandidate,
    PriceUnknown,
    PrivacyRefused,
    Refused,
)
from twolane.routing.health.retry import Retries
from twolane.routing.privacy.privacy import PrivacyRules
from twolane.routing.privacy.sources import Source

SECRET = "sk-ant-api03-" + "aB3dE5gH7jK9" * 7 + "mN2pQ4rS6-" + "AA"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


async def check(root: Path, refusal: type[Refused], words: str, client: ScriptedChat, **others: object) -> None:
    """The ask is refused for a reason that tells what to do, and nothing has left."""
    path = str(others.pop("path", "a.py"))
    async with housed(root, client, **others) as house:  # type: ignore[arg-type]
        with pytest.raises(refusal, match=words):
            await house.whole(path)
        assert client.requests == []
        assert house.record.sent == []
        assert house.record.reason
        if refusal is not LedgerClosed:
            assert [entry for entry in await house.entries() if entry.state != "cancelled"] == []


async def test_an_answer_comes_in_pieces_and_is_settled_and_recorded(root: Path) -> None:
    client = ScriptedChat([Script(["one ", "two"], usage=ChatUsage(100, 20, 500, 40))])
    async with housed(root, client) as house:
        async with house.ask() as answer:
            assert "".join([piece async for piece in answer]) == "one two"
            assert (answer.lane, answer.model, answer.finish) == ("far", FAR, "end")
            assert answer.usage == ChatUsage(100, 20, 500, 40)
        (entry,) = await house.entries()
        told = house.record.document()
    assert entry.state == "done"
    assert entry.charged == 200 + 200 + 100 + 100
    assert entry.reserved > entry.charged
    assert entry.usage == ChatUsage(100, 20, 500, 40)
    assert (entry.task, entry.lane, entry.provider, entry.host) == ("review", "far", "anthropic", "far.example")
    assert entry.ask == told["ask"]
    assert told["cost_usd"] == 0.0006
    assert told["sent"] == [{"host": "far.example", "bytes": entry.body_bytes, "call": entry.id}]
    assert {"prepare", "decide", "begin", "first"} <= told["stages"].keys()
    assert (told["kind"], told["lane"], told["model"], told["shown"]) == ("review", "far", FAR, True)
    assert (told["prompt_tokens"], told["reused_tokens"], told["generated_tokens"]) == (640, 500, 20)
    assert any("decision" in step for step in told["steps"])


async def test_the_ledger_tells_what_left_and_holds_no_text(root: Path) -> None:
    client = ScriptedChat([Script(["fine"])])
    marker = "unmistakable_name_in_the_document"
    sources = (
        Source("file", f"{marker} = 1\n", "a.py", 1, 1, required=True),
        Source("snippet", "b = 2\n", "lib/b.py", 10, 12),
    )
    async with housed(root, client) as house:
        await house.whole(sources=sources)
        (entry,) = await house.entries()
        folder = house.ledger.path.parent
        assert [(one.kind, one.path, one.start_line, one.end_line) for one in entry.pieces] == [
            ("file", "a.py", 1, 1),
            ("snippet", "lib/b.py", 10, 12),
        ]
        assert marker in client.prompt()
        assert entry.body_bytes > len(client.prompt())
        assert len(entry.body_sha256) == len(hashlib.sha256().hexdigest())
        kept = b"".join(path.read_bytes() for path in folder.iterdir())
        assert marker.encode() not in kept
        assert marker not in json.dumps(house.record.document())


async def test_a_secret_stays_here_and_is_put_back_into_the_answer(root: Path) -> None:
    client = ScriptedChat()
    async with housed(root, client) as house:
        async with house.ask(text=f'key = "{SECRET}"\n') as first:
            await first.whole()
        assert SECRET not in client.prompt()
        placeholder = client.prompt().split('key = "')[1].split('"')[0].strip()
        client.scripts = [Script([f"see {placeholder[:4]}", f"{placeholder[4:]}!"])]
        async with house.ask(text=f'key = "{SECRET}"\n') as answer:
            assert "".join([piece async for piece in answer]) == f"see {SECRET}!"
        assert await house.whole(text=f'key = "{SECRET}"\n') == f"see {SECRET}!"
        client.scripts = [Script([json.dumps({"text": placeholder, "list": [placeholder]})])]
        told = json.loads(await house.whole(text=f'key = "{SECRET}"\n', build=build_json))
        assert told == {"text": SECRET, "list": [SECRET]}
        kept = b"".join(path.read_bytes() for path in house.ledger.path.parent.iterdir())
        assert SECRET.encode() not in kept


async def test_a_secret_that_the_task_itself_adds_is_replaced_too(root: Path) -> None:
    client = ScriptedChat()
    async with housed(root, client) as house:
        instruction = Source("instruction", f"use {SECRET}", required=True)
        await house.whole(sources=(instruction,))
        assert SECRET not in client.prompt()


async def test_a_secret_in_the_form_of_the_answer_is_replaced_too(root: Path) -> None:
    client = ScriptedChat([Script(['{"file": "x"}'])])

    def naming(model: str, sources: tuple[Source, ...]) -> ChatRequest:
        names = {"type": "object", "properties": {"file": {"enum": ["x", f"{SECRET}.py"]}}}
        return replace(build(model, sources), schema=names)

    async with housed(root, client) as house:
        assert json.loads(await house.whole(build=naming)) == {"file": "x"}
        assert SECRET not in f"{client.requests}"
        assert ".py" in f"{client.requests[0].schema}"


async def test_a_secret_beside_a_covered_one_is_replaced_and_both_come_back(root: Path) -> None:
    other = SECRET.replace("aB3d", "zY9x")
    client = ScriptedChat()

    def careless(model: str, sources: tuple[Source, ...]) -> ChatRequest:
        plain = build(model, sources)
        text = f'{plain.turns[0].blocks[0].text}other_key = "{other}"\n'
        return replace(plain, turns=(Turn("user", (Block(text),)),))

    async with housed(root, client) as house:
        await house.whole(text=f'key = "{SECRET}"\n', build=careless)
        assert SECRET not in client.prompt()
        assert other not in client.prompt()
        client.scripts = [Script(list(client.prompt()))]
        async with house.ask(text=f'key = "{SECRET}"\n', build=careless) as answer:
            told = "".join([piece async for piece in answer])
        assert f'key = "{SECRET}"\nother_key = "{other}"\n' in told


async def test_the_model_on_this_machine_sees_what_may_not_leave_and_is_in_no_ledger(root: Path) -> None:
    far, near = ScriptedChat(), ScriptedChat([Script(["from here"])], "near", "engine", "this machine")
    async with housed(root, far, near, rules=PrivacyRules(near_only=("a.py",)), limits=caps(day=0)) as house:
        assert await house.whole(text=f'key = "{SECRET}"\n') == "from here"
        assert far.requests == []
        assert SECRET in near.prompt()
        assert house.record.lane == "near"
        assert house.record.sent == []
        assert not house.ledger.path.exists()


async def test_a_file_that_must_stay_here_is_refused_with_the_rule(root: Path) -> None:
    await check(root, PrivacyRefused, r"privacy\.near_only", ScriptedChat(), rules=PrivacyRules(near_only=("*.py",)))


async def test_a_broken_policy_lets_nothing_leave(root: Path) -> None:
    await check(root, PrivacyRefused, "the policy is broken", ScriptedChat(), rules=PrivacyRules(fault="line 3"))


async def test_a_piece_that_must_stay_here_is_left_out_and_named(root: Path) -> None:
    client = ScriptedChat()
    sources = (
        Source("file", "x = 1\n", "a.py", 1, 1, required=True),
        Source("snippet", "hidden = 2\n", "inner/b.py", 1, 1),
    )
    async with housed(root, client, rules=PrivacyRules(near_only=("inner/",))) as house:
        await house.whole(sources=sources)
        assert "hidden" not in client.prompt()
        assert "x = 1" in client.prompt()
        assert any("inner/b.py" in line for line in house.record.document()["filters"])


async def test_a_model_without_a_price_is_refused(root: Path) -> None:
    await check(root, PriceUnknown, r'budget\.prices = \["far-model', ScriptedChat(), own_prices=())


async def test_a_worst_case_beyond_a_cap_is_refused_with_the_key(root: Path) -> None:
    await check(root, CapReached, r"raise budget\.day_dollars", ScriptedChat(), limits=caps(day=0.001))


async def test_a_ledger_that_cannot_be_kept_closes_the_door(root: Path) -> None:
    (root.parent / "data").write_text("a file in the way")
    await check(root, LedgerClosed, "The local model goes on", ScriptedChat())


async def test_the_model_on_this_machine_goes_on_without_a_ledger(root: Path) -> None:
    (root.parent / "data").write_text("a file in the way")
    far, near = ScriptedChat(), ScriptedChat([Script(["from here"])], "near", "engine", "this machine")
    async with housed(root, far, near) as house:
        assert await house.whole() == "from here"
        assert far.requests == []
        assert any("cannot be kept" in step for step in house.record.document()["steps"])


async def test_nothing_set_up_is_said_so(root: Path) -> None:
    async with housed(root) as house:
        with pytest.raises(NoCandidate, match="far is not set up"):
            await house.whole()


async def test_where_the_dear_one_is_too_dear_the_free_one_answers(root: Path) -> None:
    far, team = ScriptedChat(), ScriptedChat([Script(["from the team"])], "team", "team", "team.example")
    async with housed(root, far, team, limits=caps(day=0)) as house:
        assert await house.whole() == "from the team"
        assert far.requests == []
        assert (house.record.lane, house.record.model, house.record.cost) == ("team", TEAM, 0)
        assert any("budget.day_dollars" in step for step in house.record.document()["steps"])


async def test_a_quote_names_the_model_and_the_price_and_leaves_no_trace(root: Path) -> None:
    client = ScriptedChat()
    async with housed(root, client) as house:
        quote = await house.gateway.quote(house.asked())
        assert (quote.lane, quote.model) == ("far", FAR)
        assert 0 < quote.likely_usd < quote.worst_usd < 0.01
        assert not house.ledger.path.exists()
        assert client.requests == []
        assert (await house.gateway.quote(house.asked("../outside.py"))).lane is None


async def test_what_the_budget_says_is_there_for_a_status_line(root: Path) -> None:
    async with housed(root, ScriptedChat()) as house:
        await house.whole()
        standing = await house.ledger.standing(str(root))
        assert standing.spent_day == standing.spent_project == house.record.cost == 700


async def test_two_gateways_share_one_budget(root: Path) -> None:
    limits = caps(day=0.003)
    async with housed(root, ScriptedChat(), limits=limits) as one, housed(root, ScriptedChat(), limits=limits) as two:
        await one.whole()
        with pytest.raises(CapReached):
            await two.whole()


async def test_a_forecast_holds_the_caps_against_what_is_spent(root: Path) -> None:
    async with housed(root, ScriptedChat(), limits=caps(day=0.000_001)) as house:
        quote = await house.gateway.quote(house.asked())
        assert quote.model is None
        assert "raise budget.day_dollars" in quote.decision.reason
        assert not house.ledger.exists


async def test_whoever_asks_hears_what_a_failed_ask_cost(root: Path) -> None:
    heard: list[AskRecord] = []
    failing = ScriptedChat([Script(refusal=ModelTimeout("too slow"))])
    async with housed(root, failing, retries=Retries(most=0)) as house:
        with pytest.raises(AskFailed):
            async with house.gateway.ask(house.asked(), heard.append) as answer:
                await answer.whole()
        (record,) = heard
        assert record.cost > 0
        assert record.cost / 1e6 == pytest.approx(sum(cost for _, _, cost in await house.outcome()))


async def test_an_answer_without_end_is_given_up_and_charged_no_more_than_was_reserved(root: Path) -> None:
    async with housed(root, ScriptedChat([Script(["x" * 10_000] * 100)])) as house:
        with pytest.raises(AskFailed) as failed:
            await house.whole()
        assert isinstance(failed.value.cause, AnswerGarbled)
        assert "far longer than was asked for" in str(failed.value)
        entries = await house.entries()
        assert all(0 < entry.charged <= entry.reserved for entry in entries)
