"""What goes wrong on the way to a model elsewhere and what becomes of it, at the gateway's boundary."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from tests.routing.gateway_factory import TEAM, House, build_json, housed
from tests.routing.money_factory import caps
from tests.routing.scripted_chat import Script, ScriptedChat
from twolane.clients.chat import ChatUsage, Deadlines
from twolane.clients.errors import (
    AnswerCut,
    AnswerDeclined,
    AnswerGarbled,
    KeyRefused,
    ModelBusy,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from twolane.routing.errors import AskFailed, GatewayError, NoCandidate
from twolane.routing.health.breaker import Board
from twolane.routing.money.budget import Budget, Settlement
from twolane.routing.privacy.privacy import PrivacyRules

GOOD = Script(["good"])
CUT = AnswerCut("The connection broke.")
BUSY = ModelBusy("far.example is overloaded.")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def team(*scripts: Script) -> ScriptedChat:
    return ScriptedChat(scripts or (Script(["from the team"]),), "team", "team", "team.example")


async def fails(house: House, cause: type[ModelError] | None = None) -> str:
    """The ask brings nothing; return the sentence that a person sees."""
    with pytest.raises(GatewayError) as failed:
        await house.whole()
    if cause is not None:
        assert isinstance(failed.value, AskFailed)
        assert isinstance(failed.value.cause, cause)
    return str(failed.value)


async def check(root: Path, scripts: list[Script], requests: int, expected: str | type[ModelError]) -> None:
    """After so many requests there is this answer, or this failure; nothing stays reserved."""
    client = ScriptedChat(scripts)
    async with housed(root, client) as house:
        if isinstance(expected, str):
            assert await house.whole() == expected
        else:
            await fails(house, expected)
        assert len(client.requests) == requests
        assert all(state in ("done", "failed") for state, _, _ in await house.outcome())
        assert len(house.record.sent) == requests


@pytest.mark.parametrize(
    ("scripts", "requests", "expected"),
    [
        ([Script(refusal=BUSY), GOOD], 2, "good"),
        ([Script(refusal=ModelUnavailable("no such host")), Script(refusal=BUSY), GOOD], 3, "good"),
        ([Script(refusal=BUSY)], 3, ModelBusy),
        ([Script(refusal=ModelUnavailable("the certificate is not trusted"))], 3, ModelUnavailable),
        ([Script(refusal=RequestRefused("too long a prompt"))], 1, RequestRefused),
        ([Script(["half"], failure=AnswerDeclined("it declines"))], 1, AnswerDeclined),
        ([Script(["half"], failure=AnswerGarbled("an index that was never begun"))], 1, AnswerGarbled),
        ([Script(["half"], failure=CUT), GOOD], 2, "good"),
        ([Script(["half"], failure=BUSY), GOOD], 2, "good"),
        ([Script(["half"], finish=None), GOOD], 2, "good"),
        ([Script(refusal=ModelTimeout("it sent nothing within 30 s")), GOOD], 2, "good"),
    ],
)
async def test_what_may_pass_is_tried_again_at_most_twice(
    root: Path, scripts: list[Script], requests: int, expected: str | type[ModelError]
) -> None:
    await check(root, scripts, requests, expected)


async def test_what_was_shown_is_never_asked_again(root: Path) -> None:
    client = ScriptedChat([Script(["def ", "half"], failure=CUT), GOOD])
    async with housed(root, client) as house:
        with pytest.raises(AskFailed, match="not to be used") as failed:
            async with house.ask() as answer:
                async for _ in answer:
                    pass
        assert failed.value.shown
        assert len(client.requests) == 1


async def test_a_stream_that_fails_before_its_first_piece_is_asked_again(root: Path) -> None:
    client = ScriptedChat([Script(failure=CUT), GOOD])
    async with housed(root, client) as house, house.ask() as answer:
        assert "".join([piece async for piece in answer]) == "good"
    assert len(client.requests) == 2


async def test_a_structured_answer_shows_nothing_before_its_end(root: Path) -> None:
    client = ScriptedChat([Script(['{"a"'], failure=CUT), Script(['{"a"', ": 1}"]), Script(["nonsense"])])
    async with housed(root, client) as house:
        async with house.ask(build=build_json) as answer:
            assert [piece async for piece in answer] == ['{"a": 1}']
        with pytest.raises(AskFailed) as failed:
            await house.whole(build=build_json)
        assert isinstance(failed.value.cause, AnswerGarbled)
    assert len(client.requests) == 3


async def test_a_refused_key_is_tried_once_and_then_not_before_it_changes(root: Path) -> None:
    client = ScriptedChat([Script(refusal=KeyRefused("The key is not accepted: set ANTHROPIC_API_KEY.")), GOOD])
    async with housed(root, client) as house:
        await fails(house, KeyRefused)
        house.turn(1_000_000)
        assert "set ANTHROPIC_API_KEY" in await fails(house)
        assert len(client.requests) == 1
        client.key = "another"
        assert await house.whole() == "good"


@pytest.mark.parametrize(("retry_after_s", "seconds"), [(3600.0, 300), (40.0, 40), (-5.0, 15), (None, 15)])
async def test_a_provider_that_is_busy_is_left_alone_for_as_long_as_it_asks_up_to_a_limit(
    root: Path, retry_after_s: float | None, seconds: float
) -> None:
    client = ScriptedChat([Script(refusal=ModelBusy("too many requests", retry_after_s))])
    async with housed(root, client) as house:
        await fails(house, ModelBusy)
        requests = 1 if retry_after_s and retry_after_s > 30 else 3
        assert len(client.requests) == requests
        house.turn(seconds - 0.5)
        assert f"left alone for {0.5:.0f} s" in await fails(house)
        assert len(client.requests) == requests
        house.turn(1)
        client.scripts = [GOOD]
        assert await house.whole() == "good"


async def test_a_wait_that_fits_the_deadline_is_waited(root: Path) -> None:
    client = ScriptedChat([Script(refusal=ModelBusy("a moment", 0.01)), GOOD])
    async with housed(root, client, board=Board()) as house:
        assert await house.whole() == "good"
    assert len(client.requests) == 2


async def test_another_model_answers_where_the_first_cannot(root: Path) -> None:
    far = ScriptedChat([Script(refusal=ModelBusy("later", 3600))])
    async with housed(root, far, team()) as house:
        assert await house.whole() == "from the team"
        assert (house.record.lane, house.record.model) == ("team", TEAM)
        assert len(far.requests) == 1
        assert any("later" in step for step in house.record.document()["steps"])
        assert await house.whole() == "from the team"
        assert len(far.requests) == 1


async def test_no_other_model_may_see_what_the_first_may_not(root: Path) -> None:
    far, other = ScriptedChat([Script(refusal=BUSY)]), team()
    async with housed(root, far, other, rules=PrivacyRules(near_only=("a.py",))) as house:
        assert "near_only" in await fails(house)
    assert far.requests == other.requests == []


async def test_one_probe_at_a_time_finds_out_whether_it_is_well_again(root: Path) -> None:
    client = ScriptedChat([Script(refusal=BUSY)])
    async with housed(root, client) as house:
        await fails(house, ModelBusy)
        house.turn(16)
        client.scripts = [Script(["a"], hangs=True)]
        async with house.ask() as probe:
            assert await anext(probe) is not None
            assert "being tried again" in await fails(house)
        client.scripts = [GOOD]
        assert await house.whole() == "good"
        assert await house.whole() == "good"


async def test_a_probe_that_fails_closes_the_way_for_longer(root: Path) -> None:
    client = ScriptedChat([Script(refusal=CUT)])
    async with housed(root, client) as house:
        await fails(house, AnswerCut)
        house.turn(16)
        before = len(client.requests)
        await fails(house)
        assert len(client.requests) == before + 1
        house.turn(16)
        assert "left alone" in await fails(house)


@pytest.mark.parametrize("fault", [CUT, KeyRefused("not this key")])
async def test_a_cancel_while_a_failed_probe_is_written_down_bars_nobody_and_tells_the_cost(
    root: Path, monkeypatch: pytest.MonkeyPatch, fault: ModelError
) -> None:
    entered, go = threading.Event(), threading.Event()
    settle = Budget.settle

    def slowly(budget: Budget, settlement: Settlement) -> None:
        entered.set()
        assert go.wait(20)
        settle(budget, settlement)

    client = ScriptedChat([Script(refusal=CUT)])
    async with housed(root, client) as house:
        await fails(house, AnswerCut)
        house.turn(16)
        client.scripts = [Script(["half"], failure=fault)]
        with monkeypatch.context() as patch:
            patch.setattr(Budget, "settle", slowly)
            probe = asyncio.create_task(house.whole())
            assert await asyncio.to_thread(entered.wait, 20)
            probe.cancel()
            go.set()
            await asyncio.gather(probe, return_exceptions=True)
            assert probe.cancelled()
        await house.ledger.standing("")
        assert house.record.cost == (await house.entries())[-1].charged > 0
        house.turn(1_000)
        client.scripts = [GOOD]
        assert await house.whole() == "good"


async def test_cancels_open_no_circuit(root: Path) -> None:
    client = ScriptedChat([Script(["a"], hangs=True)])
    async with housed(root, client) as house:
        for _ in range(6):
            async with house.ask() as answer:
                assert await anext(answer)
        client.scripts = [GOOD]
        assert await house.whole() == "good"


async def test_the_whole_deadline_ends_an_answer_that_never_does(root: Path) -> None:
    client = ScriptedChat([Script(["a"], hangs=True)])
    async with housed(root, client) as house:
        with pytest.raises(AskFailed) as failed:
            await house.whole(deadlines=Deadlines(total_s=0.05))
        assert isinstance(failed.value.cause, ModelTimeout)
        assert client.hung_up == len(client.requests) == 1
        ((state, reason, charged),) = await house.outcome()
        assert (state, reason) == ("failed", "timeout")
        assert charged == 0.00021


async def test_an_answer_cut_short_by_its_length_says_so(root: Path) -> None:
    client = ScriptedChat([Script(['{"a": [1, 2'], finish="length")])
    async with housed(root, client) as house, house.ask(build=build_json) as answer:
        assert await answer.whole() == '{"a": [1, 2'
        assert answer.finish == "length"


async def test_leaving_hangs_up_charges_what_was_reported_and_frees_the_rest(root: Path) -> None:
    client = ScriptedChat([Script(["x" * 30], hangs=True, begun=ChatUsage(100, 1))])
    async with housed(root, client) as house:
        async with house.ask() as answer:
            assert await anext(answer)
            (entry,) = await house.entries()
            assert (entry.state, entry.charged) == ("open", entry.reserved)
        assert client.hung_up == 1
        ((state, _, charged),) = await house.outcome()
        assert state == "cancelled"
        assert charged == pytest.approx((100 * 2 + 10 * 10) / 1e6)


@pytest.mark.parametrize("script", [Script(["a"], hangs=True), Script(hangs=True), Script(refusal=BUSY)])
async def test_a_cancelled_task_leaves_nothing_open(root: Path, script: Script) -> None:
    client = ScriptedChat([script])
    async with housed(root, client) as house:
        for turns in range(0, 40, 3):
            task = asyncio.create_task(house.whole())
            for _ in range(turns):
                await asyncio.sleep(0.0005)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert client.hung_up == sum(script.refusal is None for _ in client.requests)
        await house.ledger.standing("")
        assert {state for state, _, _ in await house.outcome()} <= {"cancelled", "failed"}


async def test_an_answer_without_a_report_is_charged_its_worst_case(root: Path) -> None:
    client = ScriptedChat([Script(["fine"], begun=None, usage=None)])
    async with housed(root, client) as house:
        await house.whole()
        (entry,) = await house.entries()
        assert entry.charged == entry.reserved > 0


async def test_an_answer_broken_off_without_a_report_is_charged_its_prompt_and_what_came(root: Path) -> None:
    client = ScriptedChat([Script(["x" * 300], hangs=True, begun=None), Script(hangs=True, begun=None)])
    async with housed(root, client) as house:
        async with house.ask() as answer:
            assert await anext(answer)
        with pytest.raises(AskFailed):
            await house.whole(deadlines=Deadlines(total_s=0.05))
        first, second = await house.entries()
        answer_at_most, answer_that_came = 100 * 10, 100 * 10
        assert first.charged == first.reserved - answer_at_most + answer_that_came
        assert second.charged == second.reserved - answer_at_most


async def test_a_hundred_asks_at_once_never_pass_the_cap(root: Path) -> None:
    client = ScriptedChat([Script(["x"], hangs=True)])
    async with housed(root, client, limits=caps(day=0.02)) as house:
        tasks = [asyncio.create_task(house.whole()) for _ in range(100)]
        while sum(task.done() for task in tasks) + len(client.requests) < 100:
            await asyncio.sleep(0.005)
        standing = await house.ledger.standing("")
        assert 0 < len(client.requests) < 10
        assert 0.017 < standing.spent_day / 1e6 <= 0.02
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(one, GatewayError) for one in done) == 100 - len(client.requests)


async def test_the_record_says_how_each_ask_ended(root: Path) -> None:
    async with housed(root, ScriptedChat([Script(refusal=RequestRefused("The prompt is too long."))])) as house:
        await fails(house)
        assert house.record.reason == "The prompt is too long."
        assert not house.record.shown
    async with housed(root) as house:
        with pytest.raises(NoCandidate):
            await house.whole()
        assert "not set up" in house.record.reason


PROCESS = """
import asyncio, sys
from pathlib import Path
from tests.routing.gateway_factory import housed
from tests.routing.scripted_chat import Script, ScriptedChat

async def main():
    async with housed(Path(sys.argv[1]), ScriptedChat([Script(["half an answer"], hangs=True)])) as house:
        async with house.ask() as answer:
            async for piece in answer:
                print(piece, flush=True)

asyncio.run(main())
"""


async def test_a_process_killed_in_the_middle_of_an_answer_is_charged_its_worst_case(root: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, str(root), cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"half an answer\n"
    process.kill()
    await process.communicate()
    async with housed(root, ScriptedChat()) as house:
        await house.whole()
        killed, done = await house.entries()
        assert (killed.state, killed.charged) == ("lost", killed.reserved)
        assert done.state == "done"
        spent = (await house.ledger.standing(str(root))).spent_day
        assert spent == killed.reserved + done.charged
