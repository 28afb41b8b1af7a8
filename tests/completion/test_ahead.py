"""Work ahead outlives what leads on to it, in every kind of document, and ends with what forbids it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from twolane.clients.model import Extra, InfillRequest
from twolane.completion.asking import CompletionOptions
from twolane.completion.completer import Completer
from twolane.completion.known import Answer
from twolane.context.document import Snapshot

from .fakes import ScriptedClient
from .test_typing_on import until

OPTIONS = CompletionOptions()
ROOT = Path("/w")


@dataclass
class Desk:
    """A completer that has shown a suggestion and writes ahead; `hidden` files may not be seen."""

    client: ScriptedClient
    hidden: set[str]
    completer: Completer
    before: str = ""

    def snapshot(self, version: int) -> Snapshot:
        return Snapshot("file:///w/w.py", "w.py", ROOT, "python", version, self.before)

    async def show(self) -> str:
        snapshot = self.snapshot(1)
        found = await self.completer.complete(snapshot, len(self.before), OPTIONS)
        assert isinstance(found.answer, Answer)
        self.client.pause = asyncio.Event()
        self.completer.shown(snapshot, len(self.before), found.text, found.answer, OPTIONS)
        return found.text

    def type(self, text: str) -> None:
        self.before += text
        self.completer.edited(self.snapshot(2), len(self.before), OPTIONS)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    def pieces(request: InfillRequest) -> list[str]:
        return ["if a:\n    b()\n    c()"] if request.priority == "live" else ["d", "()"]

    client, hidden = ScriptedClient(pieces), set[str]()
    completer = Completer(client, may_see=lambda _, path: path not in hidden)
    yield Desk(client, hidden, completer)
    if client.pause is not None:
        client.pause.set()
    await completer.close()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_typing_through_several_lines_leads_on(desk: Desk, line_end: str) -> None:
    desk.before = f"# what is done{line_end}"
    text = await desk.show()
    assert text == f"if a:{line_end}    b(){line_end}    c()"
    await until(lambda: len(desk.client.requests) == 2)
    for part in text.splitlines(keepends=True):
        desk.type(part)
        await asyncio.sleep(0)
    assert desk.client.left_early == [False], "what was written ahead goes on being written"


@pytest.mark.parametrize("length", [20_000, 20_140, 20_150])
async def test_the_window_of_what_is_written_ahead_begins_where_that_of_the_cursor_does(
    desk: Desk, length: int
) -> None:
    line = f"{'x' * 28} = 1\n"
    desk.before = line * (length // len(line)) + "#" + "x" * (length % len(line)) + "\n"
    await desk.show()
    await until(lambda: len(desk.client.requests) == 2)
    now, later = desk.client.requests
    assert later.priority == "speculative"
    assert later.prefix == f"{now.prefix}if a:\n    b()\n    c()"


async def test_what_was_never_written_is_no_silence(desk: Desk) -> None:
    """As with a server that is sent no guesses."""

    def pieces(request: InfillRequest) -> list[str]:
        return ["if a:"] if request.priority == "live" else []

    desk.client.pieces = pieces
    desk.before = "# what is done\n"
    text = await desk.show()
    desk.client.pause, desk.client.finish = None, "cancelled"
    await until(lambda: len(desk.client.requests) > 1)
    await until(lambda: not desk.completer.works_on("file:///w/w.py", "w.py", ROOT))
    desk.client.pieces, desk.client.finish = ["  # yes"], "end"
    desk.type(text)
    found = await desk.completer.complete(desk.snapshot(3), len(desk.before), OPTIONS)
    assert found.text == "  # yes"


async def test_a_fault_while_it_is_written_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def pieces(request: InfillRequest) -> list[str]:
        if request.priority == "live":
            return ["if a:"]
        raise RuntimeError("a = secret")

    desk.client.pieces = pieces
    desk.before = "# what is done\n"
    await desk.show()
    await until(lambda: bool(caplog.messages))
    assert caplog.messages == ["writing ahead failed: RuntimeError"]


async def test_a_pause_ends_it(desk: Desk) -> None:
    desk.before = "# what is done\n"
    await desk.show()
    await until(lambda: len(desk.client.requests) == 2)
    desk.completer.rest()
    await until(lambda: desk.client.left_early == [False, True])


async def test_a_pause_ends_it_before_it_has_begun(desk: Desk) -> None:
    desk.before = "# what is done\n"
    await desk.show()
    assert desk.completer.works_on("file:///w/w.py", "w.py", ROOT)
    desk.completer.rest()
    assert not desk.completer.works_on("file:///w/w.py", "w.py", ROOT)


async def test_what_may_not_be_seen_any_more_is_not_shown_ahead(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = (Extra("seen.py", "a = 1"), Extra("hidden.py", "b = 1"))
    monkeypatch.setattr("twolane.completion.extras.Grouping.of", lambda _, snippets: (pieces, ()))
    desk.before = "# what is done\n"
    await desk.show()
    desk.hidden.add("hidden.py")
    await until(lambda: len(desk.client.requests) == 2)
    assert [[extra.path for extra in request.extras] for request in desk.client.requests] == [
        ["seen.py", "hidden.py"],
        ["seen.py"],
    ]


async def test_a_prompt_that_is_read_ahead_holds_nothing_that_may_not_be_seen(tmp_path: Path) -> None:
    (tmp_path / "signer.py").write_text("class Signer:\n    def sign(self, data: bytes) -> bytes: ...\n")
    client, hidden = ScriptedClient(["1"]), set[str]()
    completer = Completer(client, may_see=lambda _, path: path not in hidden)
    text = "from signer import Signer\n\n"
    document = Snapshot("file:///user.py", "user.py", tmp_path, "python", 1, text)
    try:
        await completer.complete(document, len(text), OPTIONS, wait_for_context=True)
        elsewhere = Snapshot("file:///user.py", "user.py", tmp_path, "python", 2, text + "a = 1\nb = ")
        for expected in (["signer.py"], []):
            asked = len(client.requests)
            completer.expect(elsewhere, len(elsewhere.text), OPTIONS)
            await until(lambda asked=asked: len(client.requests) > asked)  # type: ignore[misc] # mypy #15459
            assert client.requests[-1].priority == "warm"
            assert [extra.path for extra in client.requests[-1].extras] == expected
            hidden.add("signer.py")
    finally:
        await completer.close()
