import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from twolane.clients.errors import ModelCrashed, ModelError, ModelLoading, ModelRefused
from twolane.clients.model import InfillRequest, InfillStream, ModelInfo
from twolane.completion.asking import CompletionOptions
from twolane.completion.checks.names import Finding, Judge
from twolane.completion.checks.trial import Trial
from twolane.completion.completer import Completer
from twolane.completion.trace import Completion
from twolane.context.document import Snapshot
from twolane.context.index import ContextIndex

from .fakes import INFO, ScriptedClient

OPTIONS = CompletionOptions()
SIGNER = "class Signer:\n    def sign(self, data: bytes) -> bytes: ...\n"
USER = "from signer import Signer\n\n"

Make = Callable[..., Completer]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[Completer] = []

    def completer(client: ScriptedClient, judge: Judge | None = None) -> Completer:
        made.append(Completer(client, judge=judge))
        return made[-1]

    yield completer
    for each in made:
        await each.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "signer.py").write_text(SIGNER)
    return tmp_path


def snapshot(text: str, root: Path | None = None, version: int = 1, path: str = "user.py") -> Snapshot:
    return Snapshot(f"file:///{path}", path, root, "python", version, text)


async def check(completion: Awaitable[Completion], text: str, reason: str = "") -> Completion:
    """What is shown, or the beginning of the reason for silence."""
    answer = await completion
    assert answer.text == text
    assert answer.trace.reason.startswith(reason)
    assert bool(answer.trace.reason) == bool(reason)
    assert answer.trace.ms > 0
    return answer


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what is about to happen on this loop."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.001)


async def test_the_request_says_where_the_hole_is(make: Make, root: Path) -> None:
    client = ScriptedClient(["Signer()"])
    text = USER + "x = \ny = 2\n"
    await check(make(client).complete(snapshot(text, root), len(USER) + 4, OPTIONS, wait_for_context=True), "Signer()")
    (request,) = client.requests
    assert request.prefix == USER + "x = "
    assert request.suffix == "\ny = 2\n"
    assert (request.path, request.workspace, request.repository) == ("user.py", str(root), root.name)
    assert [(extra.path, extra.text) for extra in request.extras] == [("signer.py", SIGNER.rstrip())]
    assert (request.max_tokens, request.time_limit_ms, request.stop) == (64, 600, ())


@pytest.mark.parametrize(("begun", "stop"), [("x = ", ("\n",)), ("if ", ()), ("", ())])
async def test_a_server_elsewhere_is_told_where_an_answer_most_likely_ends(
    make: Make, monkeypatch: pytest.MonkeyPatch, begun: str, stop: tuple[str, ...]
) -> None:
    """What is broken off costs its connection."""

    async def info() -> ModelInfo:
        return replace(INFO, lane="team", host="models.example")

    client = ScriptedClient(["1"])
    monkeypatch.setattr(client, "info", info)
    text = f"y = 2\n{begun}"
    await make(client).complete(snapshot(text), len(text), OPTIONS)
    assert client.requests[-1].stop == stop


async def test_where_waiting_is_set_the_next_key_spares_the_model_a_request(make: Make) -> None:
    """The prompt is read meanwhile; the key that nobody overtakes is asked for."""
    client = ScriptedClient(["1"])
    completer, waiting = make(client), replace(OPTIONS, wait_ms=60_000)
    await completer.complete(snapshot("x = 1\n"), 6, OPTIONS)
    client.requests.clear()
    overtaken = asyncio.create_task(completer.complete(snapshot("y", version=2), 1, waiting))
    await until(lambda: bool(client.requests))
    overtaken.cancel()
    with pytest.raises(asyncio.CancelledError):
        await overtaken
    completion = await check(completer.complete(snapshot("y = ", version=3), 4, waiting), "1")
    assert "wait" in completion.trace.stages
    live = [request.prefix for request in client.requests if request.priority == "live"]
    assert live == ["y = "]


async def test_the_trace_tells_what_happened(make: Make, root: Path) -> None:
    client = ScriptedClient(["1 <|endoftext|>"])
    trace = (await make(client).complete(snapshot(USER, root), len(USER), OPTIONS, wait_for_context=True)).trace
    assert (trace.path, trace.shown, trace.reason) == ("user.py", True, "")
    assert (trace.lane, trace.model) == (INFO.lane, INFO.name)
    assert (trace.prompt_tokens, trace.reused_tokens, trace.evaluated_tokens) == (100, 90, 10)
    assert set(trace.stages) == {"gate", "context", "queue", "prefill", "decode", "filters", "checks"}
    assert trace.filters == ["control tokens (-14)"]
    assert [(s.path, s.start_line, s.symbol, s.why) for s in trace.sources] == [
        ("signer.py", 1, "Signer", "imported here as Signer"),
        ("signer.py", 2, "Signer.sign", "member of Signer, imported here"),
    ]


@pytest.mark.parametrize(
    ("text", "offset", "reason"),
    [
        ("x" * 2_000_001, 0, "The document is larger than 2,000,000 bytes"),
        ("é" * 1_000_001, 0, "The document is larger than 2,000,000 bytes"),
        ("x = \0", 4, "The document holds binary data."),
        ("xy", 1, "The cursor stands inside a word."),
        ("xy", 3, "The cursor lies outside the document."),
        ("xy", -1, "The cursor lies outside the document."),
    ],
)
async def test_gates_ask_no_model(make: Make, text: str, offset: int, reason: str) -> None:
    client = ScriptedClient(["never"])
    await check(make(client).complete(snapshot(text), offset, OPTIONS), "", reason)
    assert client.requests == []


async def test_the_end_of_a_word_is_no_obstacle(make: Make) -> None:
    await check(make(ScriptedClient(["urn x"])).complete(snapshot("    ret"), 7, OPTIONS), "urn x")


async def test_an_empty_document_may_be_completed(make: Make) -> None:
    await check(make(ScriptedClient(["import os"])).complete(snapshot(""), 0, OPTIONS), "import os")


async def test_the_model_is_stopped_as_soon_as_the_end_is_found(make: Make) -> None:
    client = ScriptedClient(["\n    return 1\n", "y = 2", "\n", "z = 3", "\n"])
    await check(make(client).complete(snapshot("def f():"), 8, OPTIONS), "\n    return 1")
    assert client.streams[0].given == 2
    assert client.left_early == [True]


async def test_cancelling_passes_through_and_stops_the_model(make: Make) -> None:
    client = ScriptedClient(["a", "b"], pause=asyncio.Event())
    task = asyncio.create_task(make(client).complete(snapshot("x = "), 4, OPTIONS))
    await client.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: client.left_early == [True])


@pytest.mark.parametrize(
    "failure",
    [
        ModelLoading("The model is being loaded.", 0.4),
        ModelCrashed("The engine died; it is started again."),
        ModelRefused("model.gguf holds no fill-in-the-middle tokens; choose another model"),
    ],
)
async def test_a_failing_model_is_silence_with_its_reason(make: Make, failure: ModelError) -> None:
    answer = await check(make(ScriptedClient(failure=failure)).complete(snapshot("x = "), 4, OPTIONS), "", str(failure))
    assert answer.trouble is failure


async def test_a_model_that_is_not_there_yet_is_not_waited_for(make: Make) -> None:
    loading = ModelLoading("The model is being loaded.", 0.1)
    client = ScriptedClient(failure=loading, info_wait=asyncio.Event())
    answer = await check(make(client).complete(snapshot("x = "), 4, OPTIONS), "", str(loading))
    assert answer.trouble is loading
    assert answer.trace.model is None


async def test_the_command_line_waits_for_the_model_and_hears_why_it_fails(make: Make) -> None:
    refused = ModelRefused("no such model")
    client = ScriptedClient(["x"], info_failure=refused)
    answer = make(client).complete(snapshot("x = "), 4, OPTIONS, wait_for_context=True)
    assert (await check(answer, "", "no such model")).trouble is refused
    assert client.requests == []


async def test_the_model_is_asked_again_who_it_is_after_a_failure(make: Make) -> None:
    client = ScriptedClient(["1"], failure=ModelCrashed("gone"))
    completer = make(client)
    await check(completer.complete(snapshot("x = "), 4, OPTIONS), "", "gone")
    client.failure = None
    assert (await check(completer.complete(snapshot("x = "), 4, OPTIONS), "1")).trace.model == INFO.name


async def test_a_model_that_cannot_come_is_not_brought_up_at_every_key(make: Make) -> None:
    """Loading one that is refused takes seconds, in which nobody else is answered."""
    client = ScriptedClient(["1"], failure=ModelLoading("not yet"), info_failure=ModelRefused("no such model"))
    completer = make(client)
    for end in range(1, 9):
        await check(completer.complete(snapshot("x = yyyyyyyy"[: 4 + end]), 4 + end, OPTIONS), "", "not yet")
    assert client.told == 1
    client.failure = client.info_failure = None
    assert (await check(completer.complete(snapshot("x = "), 4, OPTIONS), "1")).trace.model == INFO.name


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ([], "The model had nothing to add here."),
        (["   "], "The model had nothing to add here."),
        (
            ["<|endoftext|>"],
            "Nothing was left of what the model wrote once this was taken out of it: control tokens",
        ),
    ],
)
async def test_silence_has_a_reason(make: Make, pieces: list[str], reason: str) -> None:
    await check(make(ScriptedClient(pieces)).complete(snapshot("x = "), 4, OPTIONS), "", reason)


@pytest.mark.parametrize(
    ("before", "text", "reason"),
    [
        ("x = 1\n", "one two", "What the model wrote was withheld: it would be a syntax error here (check `syntax`)."),
        ("if x:", "\ny = 1\n", "The model left the block and put nothing into it."),
        ("def f():\n    ", "\n\n\n\n\n", "The model wrote only blank lines."),
    ],
)
async def test_a_text_of_which_nothing_is_left_has_a_reason(make: Make, before: str, text: str, reason: str) -> None:
    await check(make(ScriptedClient([text])).complete(snapshot(before), len(before), OPTIONS), "", reason)


class Blaming:
    """A judge who knows no name at all."""

    async def findings(self, snapshot: Snapshot, offset: int, text: str, trial: Trial | None) -> tuple[Finding, ...]:
        return (Finding("unknown name", 0),)


async def test_a_name_that_the_model_made_up_is_told_of_and_does_not_reach_the_trace(make: Make) -> None:
    completer = make(ScriptedClient(["customer_number + 1"]), Blaming())
    reason = "What the model wrote was withheld: a name in it is neither defined nor imported in this file"
    trace = (await check(completer.complete(snapshot("x = "), 4, OPTIONS), "", reason)).trace
    assert trace.checks == ["syntax: fits", "names: withheld (unknown name)"]
    assert "customer_number" not in json.dumps(trace.document())


async def test_a_model_that_was_stopped_has_not_nothing_to_say(make: Make) -> None:
    client = ScriptedClient([], finish="cancelled")
    await check(make(client).complete(snapshot("x = "), 4, OPTIONS), "", "The model was stopped")


async def test_a_block_that_runs_out_of_time_keeps_whole_lines(make: Make) -> None:
    client = ScriptedClient(["\n    a = 1\n    b = fo"], finish="time")
    await check(make(client).complete(snapshot("def f():"), 8, OPTIONS), "\n    a = 1")


async def test_carriage_returns_of_the_document_are_kept(make: Make) -> None:
    client = ScriptedClient(["\n    a = 1\n    b = 2\n"])
    await check(make(client).complete(snapshot("import a\r\ndef f():"), 18, OPTIONS), "\r\n    a = 1\r\n    b = 2")
    assert client.requests[0].prefix == "import a\ndef f():"


async def settled(completer: Completer, document: Snapshot, client: ScriptedClient) -> None:
    """Ask until the context that is refreshed in the background has arrived."""
    for _ in range(500):
        await completer.complete(document, len(document.text), OPTIONS, anew=True)
        if client.requests[-1].extras:
            return
        await asyncio.sleep(0.01)
    pytest.fail("the context never arrived")


async def test_after_a_rest_the_prompt_is_read_once_more(
    make: Make, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twolane.completion.warming.REST_S", 0.01)
    client = ScriptedClient(["1"])
    completer = make(client)
    document = snapshot(USER + "x = ", root)
    await completer.complete(document, len(document.text), OPTIONS, wait_for_context=True)
    asked = len(client.requests)
    elsewhere = snapshot(USER + "\n\ny = ", root)
    completer.expect(elsewhere, len(elsewhere.text), OPTIONS)
    for _ in range(500):
        if len(client.requests) >= asked + 2:
            break
        await asyncio.sleep(0.01)
    assert [request.priority for request in client.requests[asked:]] == ["warm", "warm"]


async def test_a_change_refreshes_the_context_beside_the_loop(make: Make, root: Path) -> None:
    client = ScriptedClient(["1"])
    completer = make(client)
    document = snapshot(USER + "x = ", root)
    await completer.complete(document, len(document.text), OPTIONS)
    assert client.requests[0].extras == ()
    completer.changed(document)
    await settled(completer, document, client)
    assert client.requests[-1].extras[0].path == "signer.py"


async def test_an_open_buffer_counts_until_it_is_closed(make: Make, root: Path) -> None:
    client = ScriptedClient(["1"])
    completer = make(client)
    completer.changed(snapshot(SIGNER.replace("data", "payload"), root, path="signer.py"))
    user = snapshot(USER, root)
    await completer.complete(user, len(USER), OPTIONS, wait_for_context=True)
    assert "payload" in client.requests[-1].extras[0].text
    completer.closed(snapshot("", root, path="signer.py"))
    completer.closed(user)
    for _ in range(500):
        await completer.complete(user, len(USER), OPTIONS, wait_for_context=True)
        if "payload" not in client.requests[-1].extras[0].text:
            break
        await asyncio.sleep(0.01)
    assert client.requests[-1].extras[0].text == SIGNER.rstrip()


async def test_extras_stay_the_same_while_the_cursor_stays_near(make: Make, tmp_path: Path) -> None:
    names = [f"function_{number}" for number in range(60)]
    (tmp_path / "many.py").write_text("".join(f"def {name}(a, b): ...\n" for name in names))
    text = f"from many import {', '.join(names)}\n" + "".join(f"{name}(1)\n" for name in names)
    client = ScriptedClient(["1"])
    completer = make(client)
    options = CompletionOptions(context_tokens=200)
    line = len("function_10(1)\n")
    first = text.index("function_10(1)")
    for lines in (0, 3, 6, 9):
        document = snapshot(text, tmp_path)
        await completer.complete(document, first + lines * line, options, wait_for_context=True)
    extras = [request.extras for request in client.requests]
    assert extras[0] == extras[1] == extras[2] == extras[3] != ()


async def test_only_the_newest_waiting_version_is_analysed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    entered, go_on = threading.Event(), threading.Event()
    refresh = ContextIndex.refresh

    def slow(index: ContextIndex, document: Snapshot, *, parallels: bool) -> None:
        seen.append(document.version)
        entered.set()
        assert go_on.wait(10)
        refresh(index, document, parallels=parallels)

    monkeypatch.setattr(ContextIndex, "refresh", slow)
    executor = ThreadPoolExecutor(1)
    completer = Completer(ScriptedClient(), executor)
    completer.changed(snapshot(USER, root, version=1))
    assert entered.wait(10)
    for version in range(2, 200):
        completer.changed(snapshot(USER, root, version=version))
    go_on.set()
    executor.shutdown(wait=True)
    assert seen == [1, 199]
    await completer.close()


async def test_no_document_text_in_the_log(
    make: Make, root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def broken(index: ContextIndex, document: Snapshot, *, parallels: bool) -> None:
        loop.call_soon_threadsafe(failed.set)
        raise KeyError(document.text)

    monkeypatch.setattr(ContextIndex, "refresh", broken)
    caplog.set_level(logging.DEBUG)
    completer = make(ScriptedClient(["hidden_suggestion()"]))
    document = snapshot("secret_value = ", root)
    completer.changed(document)
    await failed.wait()
    await completer.complete(document, 15, OPTIONS)
    for _ in range(500):
        if "user.py" in caplog.text:
            break
        await asyncio.sleep(0.01)
    assert "context of user.py not refreshed: KeyError" in caplog.text
    assert "secret_value" not in caplog.text
    assert "hidden_suggestion" not in caplog.text


async def test_an_answer_whose_end_is_found_does_not_wait_for_the_model_to_stop(make: Make) -> None:
    stopped = asyncio.Event()

    class SlowToStop(ScriptedClient):
        @asynccontextmanager
        async def infill(self, request: InfillRequest) -> AsyncIterator[InfillStream]:
            async with super().infill(request) as stream:
                yield stream
                await stopped.wait()

    client = SlowToStop(["value\n", "other = 1\n", "more\n"])
    await check(make(client).complete(snapshot("x = "), 4, OPTIONS), "value")
    assert client.streams[0].interrupted
    assert client.left_early == []
    stopped.set()
    await until(lambda: client.left_early == [True])


@pytest.mark.parametrize(
    ("text", "wanted", "hypotheses"),
    [("x = ‸\n", 4, 4), ("x = ‸", 1, 1), ("x = f(‸)\n", 4, 1), ("x = 1\n‸\ny = 2\n", 4, 1), ("def f():\n    ‸", 4, 1)],
    ids=["the end of a line", "not wanted", "an argument", "a line", "a block"],
)
async def test_the_end_of_a_line_is_searched_for(make: Make, text: str, wanted: int, hypotheses: int) -> None:
    client = ScriptedClient(["1"])
    options = replace(OPTIONS, hypotheses=wanted)
    document = text.replace("‸", "")
    completion = await make(client).complete(snapshot(document), text.index("‸"), options)
    assert client.requests[-1].hypotheses == hypotheses
    assert completion.trace.pace["hypotheses"] == wanted


@pytest.mark.parametrize("copies", [True, False])
async def test_the_model_may_copy_where_a_person_lets_it(make: Make, copies: bool) -> None:
    client = ScriptedClient(["1"])
    completion = await make(client).complete(snapshot("x = "), 4, replace(OPTIONS, copies=copies))
    assert client.requests[-1].copies is copies
    assert completion.trace.pace["copies"] is copies
