"""Whole commands against a provider that means harm: nothing is offered, the loop goes on, and the cost is told."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted.server import Conversation, Script
from tests.refactor.bench import bench, said, scenario
from tests.refactor.desk import CART, SHOP, answered, create, replace, symbol
from tests.refactor.test_scenarios import SUM, on_disk
from tests.routing.money_factory import caps
from twolane.clients.errors import AnswerGarbled, KeyRefused
from twolane.routing.errors import AskFailed, CapReached
from twolane.routing.privacy.privacy import PrivacyRules

RIGHT = answered(symbol("shop/cart.py", "Cart.total", SUM))
ABSENT = answered(replace("shop/cart.py", "nothing like this stands there", "x"))


def whole(text: str) -> Script:
    """An answer that comes in one piece."""
    return api.says(text)


HUGE = answered(replace("shop/cart.py", "x" * 10_000_000, "y"))
MANY = answered(*[replace("shop/cart.py", f"line {number}", "x") for number in range(10_000)])
TOTAL = CART[CART.index("    def total") : CART.index("def describe")].rstrip() + "\n"
NESTED = '{"edits": ' + "[" * 5_000 + "]" * 5_000 + ', "summary": ""}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HUGE, id="ten megabytes"),
        pytest.param(MANY, id="ten thousand edits"),
        pytest.param(NESTED, id="nested"),
        pytest.param('{"edits": [' + "9" * 20_000 + '], "summary": ""}', id="a number without end"),
        pytest.param('{"edits": {"a": 1}, "summary": ""}', id="no list"),
        pytest.param('{"edits": [{"action": 1, "path": [], "target": {}, "text": null}], "summary": 3}', id="types"),
        pytest.param('[{"edits": []}]', id="a list"),
        pytest.param("null", id="null"),
        pytest.param(RIGHT + RIGHT, id="twice"),
        pytest.param("\ufeff" + RIGHT, id="byte order mark"),
    ],
)
async def test_an_answer_of_the_wrong_size_or_form_is_a_failure(tmp_path: Path, text: str) -> None:
    """Whatever comes, the event loop is held up for no long time, and what was reported is charged, not what came."""
    longest = 0.0
    done = False

    async def watch() -> None:
        nonlocal longest
        while not done:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - began)

    async with bench(tmp_path, [whole(text)]) as at:
        watching = asyncio.create_task(watch())
        with pytest.raises(AskFailed) as failed:
            await at.run()
        done = True
        await watching
        assert isinstance(failed.value.cause, AnswerGarbled)
        outcome = await at.house.outcome()
        assert {state for state, _, _ in outcome} == {"failed"}
        assert at.bill.dollars == pytest.approx(sum(cost for _, _, cost in outcome))
        assert at.bill.dollars > 0
        entries = await at.house.entries()
        assert all(entry.charged <= entry.reserved for entry in entries)
        assert not any("x" * 100 in line for line in at.heard)
    assert on_disk(tmp_path) == SHOP


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([symbol("shop/cart.py", "Cart.total", SUM.replace("return", "ret\u200burn"))], id="no room"),
        pytest.param([symbol("shop/cart.py", "Cart.total", SUM + "    # \u202e elif\n")], id="bidi"),
        pytest.param([symbol("shop/cart.py", "Cart.total", SUM + "    # \x1b[2J\n")], id="escape"),
        pytest.param([symbol("shop/cart.py", "Cart.total", SUM + "    # \ud800\n")], id="half a pair"),
        pytest.param([symbol("shop/cart.py", "Cart.total", SUM + "    # a\rb\n")], id="carriage return"),
        pytest.param([replace("shop/cart.py", TOTAL, SUM), symbol("shop/cart.py", "Cart.total", SUM)], id="overlap"),
        pytest.param(
            [symbol("shop/cart.py", "Cart.total", SUM), symbol("shop/cart.py", "Cart.total", SUM)], id="twice"
        ),
        pytest.param([symbol("shop/cart.py", "Cart.total", SUM + "    print(1)\n")], id="runs in the class"),
        pytest.param([symbol("shop/cart.py", "Cart.total", SUM + "\nimport os\nos.system('id')\n")], id="runs"),
        pytest.param([create(".git/hooks/pre-commit", "id\n")], id="hook"),
        pytest.param([create(".vscode/settings.json", "{}\n")], id="settings"),
        pytest.param([create("GIT~1/hooks/test_x.py", "id\n")], id="short name"),
        pytest.param([create("../out.py", "x = 1\n")], id="outside"),
        pytest.param([create("tests/../../out.py", "x = 1\n")], id="around"),
        pytest.param([create("tests/test_cart.py", "x = 1\n")], id="exists"),
        pytest.param([replace("shop/money.py", "self.amount = amount", "self.amount = 0")], id="other file"),
        pytest.param([replace("/etc/passwd", "root", "x")], id="absolute"),
    ],
)
async def test_a_proposal_that_does_harm_is_not_offered(tmp_path: Path, edits: list[dict[str, str]]) -> None:
    for task in ("simplify", "tests"):
        room = tmp_path / task
        async with bench(room, [said(answered(*edits)), said(answered(*edits))], desk={"task": task}) as at:
            outcome = await at.run()
            assert outcome.changes == ()
            assert outcome.faults
            assert outcome.asks == 2
        assert on_disk(room) == SHOP


async def test_words_of_a_model_are_no_links_and_hold_nothing_invisible(tmp_path: Path) -> None:
    words = "Done. [Read more](command:workbench.action.terminal.new)\u202e\x1b[31m\nreally"
    async with bench(tmp_path, [said({"edits": [], "summary": words})]) as at:
        outcome = await at.run()
        assert "](" not in outcome.reason
        assert outcome.reason.isprintable()


async def test_a_budget_that_runs_out_in_mid_run_ends_it_and_the_cost_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, [said(ABSENT), said(RIGHT)], limits=caps(day=1_000)) as first:
        await first.run()
        worst = max(entry.reserved for entry in await first.house.entries()) / 1e6
    async with bench(tmp_path / "again", [said(ABSENT), said(RIGHT)], limits=caps(day=worst * 1.0001)) as at:
        with pytest.raises(CapReached):
            await at.run()
        assert len(at.server.requests) == 1
        assert at.bill.asks == 1
        assert at.bill.dollars == pytest.approx(sum(cost for _, _, cost in await at.house.outcome()))
        assert at.bill.dollars > 0


async def test_a_key_that_is_withdrawn_in_mid_run_ends_it_and_the_cost_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, [said(ABSENT), api.refuses(401, "authentication_error")]) as at:
        with pytest.raises(AskFailed) as failed:
            await at.run()
        assert isinstance(failed.value.cause, KeyRefused)
        assert at.bill.asks == 2
        assert at.bill.dollars == pytest.approx(sum(cost for _, _, cost in await at.house.outcome()))
        assert at.bill.dollars > 0


@pytest.mark.parametrize("phase", ["before the answer", "in the answer", "in the second answer"])
async def test_a_cancel_in_any_phase_hangs_up_and_is_charged_as_reported(tmp_path: Path, phase: str) -> None:
    reached = asyncio.Event()

    async def script(talk: Conversation) -> None:
        if phase != "before the answer":
            await talk.head()
            await talk.chunk(api.start() + api.opened() + api.delta('{"edits": ['))
        reached.set()
        await talk.until_the_client_leaves()

    scripts = [said(ABSENT), script] if phase == "in the second answer" else [script]
    async with bench(tmp_path, scripts) as at:
        running = asyncio.create_task(at.run())
        await reached.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await asyncio.wait_for(at.server.left.wait(), 5)
        outcome = await at.house.outcome()
        assert outcome[-1][0] == "cancelled"
        assert at.bill.dollars == pytest.approx(sum(cost for _, _, cost in outcome))
    assert on_disk(tmp_path) == SHOP


async def test_a_secret_does_not_leave_with_the_question_about_a_wrong_answer(tmp_path: Path) -> None:
    """The model moves a value out of the line whose name gave it away; it goes out again as it was written."""
    secret = "Zx81qPw9Lm"
    files = SHOP | {"shop/cart.py": CART.replace('Money(0, "EUR")', f'Money(0, password="{secret}")')}
    told: list[Any] = []

    async def first(talk: Conversation) -> None:
        body = talk.request.body.decode()
        placeholder = "Veiled_" + body.partition('password=\\"Veiled_')[2].partition('\\"')[0]
        await said(answered(replace("shop/cart.py", f"not there {placeholder}", f"call({placeholder})")))(talk)

    async def second(talk: Conversation) -> None:
        told.append(talk.request.body.decode())
        await said(RIGHT)(talk)

    async with bench(tmp_path, [first, second], files) as at:
        await at.run()
    assert "not there Veiled_" in told[0]
    assert secret not in told[0]


async def test_a_file_that_is_excluded_in_mid_run_is_not_quoted_any_more(tmp_path: Path) -> None:
    """The nearest lines of the first answer come from a file that may not leave by the time of the second."""
    place = tmp_path / "project"
    wrong = answered(replace("shop/cart.py", "        result = result.plus(item)\n", "        result = item\n"))

    async def first(talk: Conversation) -> None:
        (place / ".aiexclude").write_text("cart.py\n")
        await said(wrong)(talk)

    desk = {"path": "shop/money.py", "first": "def add", "task": "signature"}
    async with bench(tmp_path, [first, said(wrong)], desk=desk, rules=PrivacyRules()) as at:
        await at.run()
        assert "result.add(item)" in at.told(0)
        assert "result.add(item)" not in at.told(1)


async def test_two_commands_at_once_do_not_mix(tmp_path: Path) -> None:
    async with bench(tmp_path, [*scenario("right"), said(RIGHT)]) as at:
        one, other = await asyncio.gather(at.run(), at.run())
        assert [change.text for change in one.changes] == [change.text for change in other.changes]
        assert len(await at.house.outcome()) == 2
    assert json.loads(RIGHT)["summary"] == "Done."
