"""The engine's real process: who is answered first, what is stopped, and what a flood of requests leaves behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients.conftest import OPTIONS, ask, ask_until_it_answers, engine, request, spec
from twolane.clients.engine import control, wire
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.engine.launch import connect
from twolane.clients.errors import ModelLoading


async def test_a_newer_request_for_a_file_ends_the_older_one_of_the_same_window_only(
    place: Endpoint, slow: Path
) -> None:
    async with engine(spec(slow), place) as one, engine(spec(slow), place) as two:
        await asyncio.gather(one.info(), two.info())
        other = asyncio.create_task(ask(two, request(max_tokens=60)))
        async with one.infill(request(max_tokens=1500)) as stream:
            async for _ in stream:
                break
            newer = asyncio.create_task(ask(one, request("def g(y):\n    return ")))
            async for _ in stream:
                pass
        assert stream.usage is not None
        assert stream.usage.finish == "cancelled"
        for answer, tokens in ((await newer, 12), (await other, 60)):
            assert (answer[1].finish, answer[1].generated_tokens) == ("length", tokens)


async def test_who_waits_is_answered_while_guesses_hold_still(place: Endpoint, slow: Path) -> None:
    async with engine(spec(slow), place) as local:
        await local.info()
        guess = replace(request(path="b.py", max_tokens=100), priority="speculative")
        async with local.infill(guess) as guessing:
            async for _ in guessing:
                break
            await ask(local, request())
            so_far = guessing.usage
            async for _ in guessing:
                pass
        assert so_far is not None
        assert (so_far.finish, so_far.generated_tokens < 100) == ("cancelled", True)
        assert guessing.usage is not None
        assert guessing.usage.finish == "length"
        assert guessing.usage.generated_tokens == 100
        (model,) = (await control.status(place))["models"]
        assert model["model_ms"]["live"] > 0
        assert model["model_ms"]["speculative"] > 0
        assert model["wasted_ms"] == 0


async def test_a_cancel_does_not_wait_for_a_long_prompt_to_be_read(place: Endpoint, slow: Path) -> None:
    long = "".join(f"value_{number} = {number}\n" for number in range(60))
    async with engine(spec(slow), place) as local:
        await local.info()
        async with local.infill(request(long)) as stream:
            async with asyncio.timeout(10):
                while not any(slot["busy"] for slot in (await control.status(place))["slots"]):
                    await asyncio.sleep(0.001)
        assert stream.usage is not None
        assert stream.usage.finish == "cancelled"
        assert stream.usage.evaluated_tokens < stream.usage.prompt_tokens
        assert (await ask(local, request(long)))[1].reused_tokens == stream.usage.evaluated_tokens


async def test_a_request_at_every_key_of_a_fast_typist_is_answered_and_memory_stays_flat(
    place: Endpoint, tiny: Path
) -> None:
    text = "def f(x):\n" + "    y = x + 1\n" * 20
    model = wire.to_wire(spec(tiny))
    await control.start(spec(tiny), OPTIONS, place)
    peer = await connect(place)
    ended: dict[int, str] = {}

    async def listen(last: int) -> None:
        while last not in ended:
            answer = await wire.read(peer.reader)
            assert answer is not None
            if answer["t"] != "text":
                ended[answer["id"]] = answer["usage"]["finish"] if answer["t"] == "done" else str(answer)

    sizes = []
    for round_ in range(3):
        first = round_ * 200 + 1
        listening = asyncio.create_task(listen(first + 199))
        for number in range(first, first + 200):
            wanted = replace(request(text[: 10 + (number - first)], max_tokens=200), priority="live")
            message = {"t": "infill", "id": number, "model": model, "request": wire.to_wire(wanted)}
            peer.writer.write(wire.encode(message) + wire.encode({"t": "cancel", "id": number - 2}))
            await peer.writer.drain()
            await asyncio.sleep(0.004)
        await asyncio.wait_for(listening, 30)
        sizes.append((await control.status(place))["memory"]["rss_bytes"])
    await peer.close()
    assert sorted(ended) == list(range(1, 601))
    assert set(ended.values()) <= {"cancelled", "length"}
    assert ended[600] == "length"
    assert sizes[-1] - sizes[0] < 8 << 20


async def test_a_model_swapped_while_requests_wait_answers_them_all(place: Endpoint, tiny: Path, slow: Path) -> None:
    async with engine(spec(slow), place) as local:
        await local.info()
        waiting = [asyncio.create_task(ask(local, request(path=f"{number}.py", max_tokens=20))) for number in range(5)]
        await asyncio.sleep(0)
        local.model = spec(tiny)
        with pytest.raises(ModelLoading):
            await ask(local, request())
        for _, usage in await asyncio.gather(*waiting):
            assert usage.finish == "length"
        assert (await ask_until_it_answers(local, request()))[0]
