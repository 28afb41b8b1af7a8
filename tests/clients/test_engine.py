"""The engine's real process, real llama.cpp, a model of random weights."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import struct
from pathlib import Path

import psutil
import pytest

from tests import gguf_factory
from tests.clients.conftest import OPTIONS, ask, ask_until_it_answers, engine, request, spec
from twolane.clients.engine import client as client_module
from twolane.clients.engine import control, proof, wire
from twolane.clients.engine.client import LocalEngine
from twolane.clients.engine.endpoint import Endpoint, locate
from twolane.clients.engine.launch import connect
from twolane.clients.engine.spec import EngineOptions, ModelSpec
from twolane.clients.errors import ModelCrashed, ModelError, ModelLoading, ModelRefused, ModelUnavailable
from twolane.clients.model import Health


async def test_the_first_who_asks_starts_it_and_hears_how_it_comes_up(place: Endpoint, tiny: Path) -> None:
    states: list[Health] = []
    async with engine(spec(tiny), place, states) as local:
        with pytest.raises(ModelUnavailable, match="starting"):
            await ask(local, request())
        info = await local.info()
        assert (info.name, info.family, info.context_tokens, info.lane) == ("tiny", "qwen-coder", 1024, "near")
        text, usage = await ask(local, request())
        assert text
        assert usage.generated_tokens == 12
        assert usage.finish == "length"
    kinds = [state.kind for state in states]
    assert kinds[0] == "starting"
    assert kinds[-1] == "ready"
    assert local.health == states[-1]


async def test_what_was_read_once_is_not_read_again(place: Endpoint, tiny: Path) -> None:
    async with engine(spec(tiny), place) as local:
        await local.info()
        _, first = await ask(local, request("def f(x):\n    ret", suffix=""))
        _, second = await ask(local, request("def f(x):\n    retu", suffix=""))
        assert first.reused_tokens == 0
        assert first.evaluated_tokens == first.prompt_tokens
        assert second.reused_tokens > first.prompt_tokens - 8
        assert second.reused_tokens + second.evaluated_tokens == second.prompt_tokens


async def test_answers_with_reuse_equal_those_of_a_fresh_start(place: Endpoint, tiny: Path) -> None:
    typed = [request("import os\n\ndef f(path):\n    return os.p"[:end], max_tokens=16) for end in range(20, 36, 3)]
    async with engine(spec(tiny, slots=1), place) as local:
        await local.info()
        warm = [await ask(local, wanted) for wanted in typed]
    assert await control.stop(place)
    for wanted, (text, usage) in zip(typed, warm, strict=True):
        async with engine(spec(tiny, slots=1), place) as local:
            await local.info()
            await ask(local, request("something else entirely", path="other.py"))
            assert (await ask(local, wanted))[0] == text
        assert usage.finish == "length"


async def test_files_answered_together_say_what_they_say_alone(place: Endpoint, tiny: Path) -> None:
    wanted = [
        request(f"class C{number}:\n    def m(self):\n", path=f"{number}.py", max_tokens=24) for number in range(5)
    ]
    async with engine(spec(tiny, slots=3), place) as local:
        await local.info()
        together = await asyncio.gather(*(ask(local, one) for one in wanted))
        alone = [await ask(local, one) for one in wanted]
    assert [text for text, _ in together] == [text for text, _ in alone]


async def test_two_servers_share_one_engine_and_one_model(place: Endpoint, tiny: Path) -> None:
    async with engine(spec(tiny), place) as one, engine(spec(tiny), place) as two:
        await asyncio.gather(one.info(), two.info())
        answers = await asyncio.gather(ask(one, request()), ask(two, request(path="b.py")))
        assert all(text for text, _ in answers)
        report = await control.status(place)
        assert len(report["models"]) == 1
        assert report["clients"] == 3
        assert {slot["file"] for slot in report["slots"]} == {"a.py", "b.py"}


async def test_two_servers_that_ask_for_the_same_file_both_get_its_answer(place: Endpoint, tiny: Path) -> None:
    async with engine(spec(tiny), place) as one, engine(spec(tiny), place) as two:
        await asyncio.gather(one.info(), two.info())
        (first, _), (second, _) = await asyncio.gather(ask(one, request()), ask(two, request()))
        assert first == second


async def test_killing_it_in_mid_answer_costs_one_answer_and_nothing_else(place: Endpoint, slow: Path) -> None:
    states: list[Health] = []
    async with engine(spec(slow), place, states) as local:
        await local.info()
        pid = (await control.status(place))["pid"]
        with pytest.raises(ModelCrashed, match="died"):
            async with local.infill(request(max_tokens=1500)) as stream:
                async for _ in stream:
                    os.kill(pid, signal.SIGKILL)
        text, _ = await ask_until_it_answers(local, request())
        assert text
        assert (await control.status(place))["pid"] != pid
    assert [state.kind for state in states].count("down") == 1


async def test_an_engine_that_hangs_is_killed_and_replaced(
    place: Endpoint, slow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_HEARTBEAT_SECONDS", 0.2)
    async with engine(spec(slow), place) as local:
        await local.info()
        pid = (await control.status(place))["pid"]
        with pytest.raises(ModelCrashed, match="did not answer"):
            async with local.infill(request(max_tokens=1500)) as stream:
                async for _ in stream:
                    os.kill(pid, signal.SIGSTOP)
        monkeypatch.setattr(client_module, "_HEARTBEAT_SECONDS", 2.0)
        assert (await ask_until_it_answers(local, request()))[0]
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_one_that_keeps_dying_is_left_alone_and_the_person_is_told(place: Endpoint, tiny: Path) -> None:
    async with engine(spec(tiny), place) as local:
        for _ in range(3):
            await ask_until_it_answers(local, request())
            os.kill((await control.status(place))["pid"], signal.SIGKILL)
            with pytest.raises(ModelUnavailable):
                while True:
                    await ask(local, request())
        async with asyncio.timeout(20):
            while True:
                with pytest.raises(ModelUnavailable) as caught:
                    await ask(local, request())
                if "left alone" in str(caught.value):
                    break
                await asyncio.sleep(0.05)
    assert "3 times in 3 minutes" in str(caught.value)
    assert "twolane doctor" in str(caught.value)


async def test_leaving_early_stops_the_models_work(place: Endpoint, slow: Path) -> None:
    async with engine(spec(slow), place) as local:
        await local.info()
        async with local.infill(request(max_tokens=1500)) as stream:
            async for _ in stream:
                break
        assert stream.usage is not None
        assert stream.usage.finish == "cancelled"
        assert stream.usage.generated_tokens < 200
        async with asyncio.timeout(5):
            while any(slot["busy"] for slot in (await control.status(place))["slots"]):
                await asyncio.sleep(0.01)


async def test_a_client_that_vanishes_in_mid_answer_leaves_nothing_running(place: Endpoint, slow: Path) -> None:
    async with engine(spec(slow), place) as other:
        await other.info()
        peer = await connect(place)
        wanted = {"model": wire.to_wire(spec(slow)), "request": wire.to_wire(request(max_tokens=1500))}
        peer.writer.write(wire.encode({"t": "infill", "id": 1, **wanted}))
        assert (await wire.read(peer.reader) or {})["t"] == "text"
        await peer.close()
        async with asyncio.timeout(5):
            while any(slot["busy"] for slot in (await control.status(place))["slots"]):
                await asyncio.sleep(0.01)
        assert (await ask(other, request()))[0]


async def test_it_leaves_when_nobody_asks_and_comes_back_when_somebody_does(place: Endpoint, tiny: Path) -> None:
    async with engine(spec(tiny), place, options=EngineOptions(idle_exit_s=0.5)) as local:
        await local.info()
        async with asyncio.timeout(10):
            while (await control.status(place))["running"]:
                await asyncio.sleep(0.05)
        assert (await ask_until_it_answers(local, request()))[0]


async def test_a_window_that_opens_later_is_heard_on_how_long_it_stays(place: Endpoint, tiny: Path) -> None:
    await control.start(spec(tiny), OPTIONS, place)
    async with engine(spec(tiny), place, options=EngineOptions(idle_exit_s=0.5)) as later:
        await later.info()
        async with asyncio.timeout(10):
            while (await control.status(place))["running"]:
                await asyncio.sleep(0.05)


async def test_it_stays_as_long_as_any_open_window_wants(place: Endpoint, tiny: Path) -> None:
    async with engine(spec(tiny), place, options=EngineOptions(idle_exit_s=0.5)) as one:
        await one.info()
        async with engine(spec(tiny), place) as other:
            await other.info()
            async with asyncio.timeout(20):
                while (report := await control.status(place))["uptime_s"] < 2:
                    await asyncio.sleep(0.05)
            assert report["clients"] == 3, "it is still the engine that the first window started"
        async with asyncio.timeout(10):
            while (await control.status(place))["running"]:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("said", [{}, *({"idle_exit_s": odd} for odd in (None, "soon", True, 0, -1, 10**400))])
async def test_a_client_that_does_not_say_how_long_it_is_to_stay_has_no_say(said: dict[str, object]) -> None:
    assert wire.idle_exit_from_wire({"t": "hello", **said}) is None


async def test_stop_ends_it_and_says_whether_there_was_one(place: Endpoint, tiny: Path) -> None:
    report = await control.start(spec(tiny), OPTIONS, place)
    assert report["model"] == "tiny"
    assert await control.stop(place) is True
    assert await control.stop(place) is False
    assert (await control.status(place))["running"] is False
    assert not place.socket.exists()


async def test_the_socket_and_its_folder_are_the_users_alone(place: Endpoint, tiny: Path) -> None:
    await control.start(spec(tiny), OPTIONS, place)
    assert stat.S_IMODE(place.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700


async def test_a_socket_left_by_a_dead_engine_is_replaced(place: Endpoint, tiny: Path) -> None:
    await control.start(spec(tiny), OPTIONS, place)
    os.kill((await control.status(place))["pid"], signal.SIGKILL)
    async with asyncio.timeout(5):
        while (await control.status(place))["running"]:
            await asyncio.sleep(0.01)
    assert place.socket.exists()
    assert (await control.start(spec(tiny), OPTIONS, place))["running"]


async def test_a_file_in_the_sockets_place_is_named_and_not_touched(place: Endpoint, tiny: Path) -> None:
    place.socket.write_text("mine")
    with pytest.raises(ModelUnavailable, match=r"engine\.sock is in the way and is not a socket"):
        await control.status(place)
    async with engine(spec(tiny), place) as local:
        with pytest.raises(ModelUnavailable, match=r"engine\.sock is in the way"):
            await local.info()
    assert place.socket.read_text() == "mine"


async def test_many_who_start_it_at_once_get_the_same_one(place: Endpoint, tiny: Path) -> None:
    engines = [LocalEngine(spec(tiny), OPTIONS, endpoint=place) for _ in range(5)]
    try:
        await asyncio.gather(*(local.info() for local in engines))
        report = await control.status(place)
        assert report["clients"] == 6
        assert len(report["models"]) == 1
    finally:
        for local in engines:
            await local.close()


async def check_refused(place: Endpoint, model: ModelSpec, reason: str) -> None:
    """A model that cannot be used is refused with `reason`, and the engine goes on for others."""
    states: list[Health] = []
    async with engine(model, place, states) as local:
        with pytest.raises(ModelRefused, match=reason):
            await local.info()
        with pytest.raises(ModelRefused, match=reason):
            await ask(local, request())
    assert states[-1].kind == "refused"
    assert (await control.status(place))["running"]


async def test_models_that_cannot_be_used_are_refused_with_the_reason(
    place: Endpoint, tiny: Path, tmp_path: Path
) -> None:
    await check_refused(place, ModelSpec(str(tmp_path / "no.gguf")), "does not exist: set near.model")
    empty = tmp_path / "empty.gguf"
    empty.touch()
    await check_refused(place, ModelSpec(str(empty)), r"empty or cut off \(0 bytes\)")
    text = tmp_path / "text.gguf"
    text.write_text("this is not a model" * 10)
    await check_refused(place, ModelSpec(str(text)), "is not a GGUF file")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:-5000])
    await check_refused(place, ModelSpec(str(cut)), r"llama\.cpp cannot load .*cut\.gguf .*corrupted or incomplete")
    huge = tmp_path / "huge.gguf"
    huge.write_bytes(tiny.read_bytes())
    os.truncate(huge, 1 << 40)
    await check_refused(
        place, ModelSpec(str(huge)), r"huge\.gguf needs about \d+ MiB and \d+ MiB are free: choose a smaller"
    )
    chat = gguf_factory.write(tmp_path / "chat.gguf", name="chat", control=("<|endoftext|>",))
    await check_refused(place, ModelSpec(str(chat)), "chat cannot fill in the middle")
    async with engine(spec(tiny), place) as local:
        await local.info()
        assert (await ask(local, request()))[0]


async def test_a_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", os.devnull)
    with pytest.raises(ModelUnavailable, match=r"null/twolane cannot be made .*: set XDG_RUNTIME_DIR"):
        await control.status()


async def test_without_a_place_for_its_log_it_runs_all_the_same(
    place: Endpoint, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = place.folder / "file"
    in_the_way.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(in_the_way))
    async with engine(spec(tiny), locate()) as local:
        assert (await local.info()).name == "tiny"


async def test_a_pipe_in_the_place_of_its_log_holds_nothing_up(place: Endpoint, tiny: Path) -> None:
    place.log.parent.mkdir(parents=True)
    os.mkfifo(place.log)
    async with engine(spec(tiny), place) as local:
        assert (await local.info()).name == "tiny"


async def test_a_mended_file_is_taken_up_again(place: Endpoint, tiny: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.gguf"
    async with engine(spec(later), place) as local:
        with pytest.raises(ModelRefused):
            await local.info()
        later.write_bytes(tiny.read_bytes())
        assert (await local.info()).name == "tiny"


async def test_another_model_is_loaded_beside_the_first(place: Endpoint, tiny: Path, slow: Path) -> None:
    async with engine(spec(tiny), place) as one, engine(spec(slow), place) as two:
        assert (await one.info()).name == "tiny"
        assert (await two.info()).name == "slow"
        assert all(text for text, _ in await asyncio.gather(ask(one, request()), ask(two, request())))
        assert {model["name"] for model in (await control.status(place))["models"]} == {"tiny", "slow"}


async def test_a_request_while_the_model_loads_says_so(place: Endpoint, tiny: Path, slow: Path) -> None:
    async with engine(spec(tiny), place) as local:
        await local.info()
        local.model = spec(slow)
        with pytest.raises(ModelLoading):
            await ask(local, request())
        assert (await ask_until_it_answers(local, request()))[0]


async def test_a_prompt_longer_than_the_context_is_cut_to_fit(place: Endpoint, tiny: Path) -> None:
    long = "".join(f"value_{number} = {number}\n" for number in range(2000))
    async with engine(spec(tiny), place) as local:
        await local.info()
        _, usage = await ask(local, request(long, suffix=long))
        assert usage.prompt_tokens <= 1024 - 12
        assert usage.generated_tokens == 12


async def test_tokens_are_counted_by_the_models_own_vocabulary(place: Endpoint, tiny: Path) -> None:
    async with engine(spec(tiny), place) as local:
        assert await local.count_tokens(["", "abc", "the"]) == [0, 3, 2]


async def check_said(place: Endpoint, raw: bytes, expected: dict[str, object]) -> None:
    """`raw` after a proper hello is answered with at least the fields of `expected`."""
    peer = await connect(place)
    peer.writer.write(raw)
    answer = await asyncio.wait_for(wire.read(peer.reader), 5)
    assert answer is not None
    assert expected.items() <= answer.items()
    await peer.close()


async def test_nonsense_over_the_socket_is_answered_or_dropped(place: Endpoint, tiny: Path) -> None:
    await control.start(spec(tiny), OPTIONS, place)
    refused = {"t": "error", "id": 7, "kind": "bad-request"}
    await check_said(place, wire.encode({"t": "dance", "id": 7}), refused)
    await check_said(place, wire.encode({"t": "infill", "id": 7}), refused)
    await check_said(
        place, wire.encode({"t": "count", "id": 7, "texts": 3, "model": wire.to_wire(spec(tiny))}), refused
    )
    await check_said(
        place, wire.encode({"t": "cancel", "id": 99}) + wire.encode({"t": "ping", "id": 7}), {"t": "result", "id": 7}
    )
    for raw in (struct.pack(">I", 1 << 31), struct.pack(">I", 3) + b"{]}", struct.pack(">I", 2) + b"[]"):
        peer = await connect(place)
        peer.writer.write(raw)
        assert await asyncio.wait_for(wire.read(peer.reader), 5) is None
        await peer.close()
    wanted = wire.to_wire(request())
    for odd in (
        {"max_tokens": -1},
        {"max_tokens": 1e999},
        {"time_limit_ms": "soon"},
        {"priority": "urgent"},
        {"extras": [1]},
    ):
        message = {"t": "infill", "id": 7, "model": wire.to_wire(spec(tiny)), "request": wanted | odd}
        await check_said(place, wire.encode(message), refused)
    assert (await control.status(place))["running"]


async def test_without_unix_sockets_a_token_guards_the_port(place: Endpoint) -> None:
    tcp = locate(unix=False)

    async def listener(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await wire.read(reader)
        known = hello is not None and await proof.as_engine(reader, writer, token, hello, 4096)
        writer.write(wire.encode({"t": "welcome", "protocol": wire.PROTOCOL, "version": f"known: {known}", "pid": 1}))
        await writer.drain()
        writer.close()

    server, token = await tcp.listen(listener)
    assert stat.S_IMODE(tcp.address_file.stat().st_mode) == 0o600
    peer = await connect(tcp)
    assert peer.version == "known: True"
    assert len(token) > 30
    await peer.close()
    server.close()
    tcp.address_file.write_text('{"port": 99999, "token": ""}')
    with pytest.raises(OSError, match=r"engine\.json is damaged"):
        await connect(tcp)
    tcp.forget()
    with pytest.raises(OSError, match=r"engine\.json"):
        await connect(tcp)


async def test_errors_keep_their_kind_over_the_wire() -> None:
    for error in (ModelLoading("x", 0.5), ModelRefused("y"), ModelCrashed("z"), ModelUnavailable("u")):
        back = wire.error_from_wire(wire.error_to_wire(error))
        assert type(back) is type(error)
        assert isinstance(back, ModelError)
        assert str(back) == str(error)
