"""What a completer answers for settings that hold no more is not shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types

from tests.completion.fakes import ScriptedClient
from twolane.clients.model import Health
from twolane.completion.completer import Completer
from twolane.completion.trace import Completion, Trace
from twolane.routing.privacy.privacy import Privacy, PrivacyRules
from twolane.server.compose import Services, completion_options
from twolane.server.config.settings import Settings
from twolane.server.lsp.backend import Backend
from twolane.server.lsp.features.inline_completion import InlineCompletion, Pause
from twolane.server.lsp.offers import Offers
from twolane.server.lsp.traces import Traces
from twolane.server.text.documents import Documents
from twolane.server.text.workspace import Location

URI = "file:///a.py"


class Ready(Completer):
    """Has an answer at once; `meanwhile` happens in the very moment in which it ends."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(ScriptedClient(["1"]))
        self._meanwhile = meanwhile

    async def complete(self, snapshot: Any, offset: int, *_: Any, **__: Any) -> Completion:
        await asyncio.sleep(0)
        self._meanwhile()
        trace = Trace(at=0.0, kind="completion", path=snapshot.path, shown=True)
        return Completion("price * amount", offset, offset, trace)


@dataclass
class Desk:
    backend: Backend
    completion: InlineCompletion
    traces: Traces
    settings: Settings
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    async def ask(self) -> list[str]:
        place = types.TextDocumentIdentifier(uri=URI)
        context = types.InlineCompletionContext(trigger_kind=types.InlineCompletionTriggerKind.Automatic)
        params = types.InlineCompletionParams(context, place, types.Position(line=0, character=8))
        asked = self.completion.ask(params)
        return [str(item.insert_text) for item in (asked if isinstance(asked, list) else await asked)]

    @property
    def reason(self) -> str:
        return str(self.traces.document(1)["requests"][0]["reason"])


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made: list[Desk] = []

    def happens() -> None:
        for event in made[0].meanwhile:
            event()

    def build(settings: Settings, _: Callable[[Health], None], __: str) -> Services:
        options = completion_options(settings)
        privacy = Privacy(PrivacyRules(blocked=settings.privacy.blocked), outer=())
        return Services(ScriptedClient(["1"]), Ready(happens), options, ThreadPoolExecutor(1), privacy)

    settings = Settings()
    documents = Documents("utf-16")
    documents.open(URI, Location("a.py", None), "python", 1, "total = \n")
    keeper: Any = SimpleNamespace(keep=lambda *_: None, problem="")
    stubs: Any = SimpleNamespace(asked=lambda _: None, settings=settings, trouble=lambda _: None)
    backend = Backend(settings, lambda _: None, lambda _: None, build)
    traces = Traces(keeper)
    offers = Offers(documents, keeper)
    completion = InlineCompletion(documents, stubs, backend, stubs, stubs, traces, Pause(), offers, lambda: False)
    made.append(Desk(backend, completion, traces, settings))
    yield made[0]
    offers.end()
    await backend.close()


async def test_an_answer_is_shown_while_its_settings_hold(desk: Desk) -> None:
    assert await desk.ask() == ["price * amount"]
    desk.meanwhile.append(lambda: desk.backend.apply(replace(desk.settings)))
    assert await desk.ask() == ["price * amount"]


@pytest.mark.parametrize("what", ["model", "privacy", "policy"])
async def test_an_answer_for_settings_that_changed_in_that_very_moment_is_not(desk: Desk, what: str) -> None:
    other = {
        "model": replace(desk.settings, near=replace(desk.settings.near, model=str(Path("/models/other.gguf")))),
        "privacy": replace(desk.settings, privacy=replace(desk.settings.privacy, blocked=("*.txt",))),
        "policy": desk.settings,
    }[what]
    fault = "rule 1: no such key" if what == "policy" else ""
    desk.meanwhile.append(lambda: desk.backend.apply(other, fault))
    assert await desk.ask() == []
    assert desk.reason == "The settings changed while the model wrote."


async def test_an_answer_in_a_file_that_is_blocked_meanwhile_is_not(desk: Desk) -> None:
    blocked = replace(desk.settings, privacy=replace(desk.settings.privacy, blocked=("*.py",)))
    desk.meanwhile.append(lambda: desk.backend.apply(blocked))
    assert await desk.ask() == []
    assert desk.reason == "The settings changed while the model wrote."
