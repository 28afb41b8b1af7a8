"""What an editor asks while its menu is open, while it is typed on, and where a person wants to choose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types

from tests.completion.fakes import ScriptedClient
from twolane.clients.model import Health, InfillRequest
from twolane.completion.completer import Completer
from twolane.routing.privacy.privacy import Privacy, PrivacyRules
from twolane.server.compose import Services, completion_options
from twolane.server.config.settings import Settings
from twolane.server.history.offers import Offer
from twolane.server.lsp.backend import Backend
from twolane.server.lsp.features.inline_completion import InlineCompletion, Items, Pause
from twolane.server.lsp.features.sync import DocumentSync
from twolane.server.lsp.offers import Offers
from twolane.server.lsp.traces import Traces
from twolane.server.text.documents import Documents
from twolane.server.text.workspace import Workspace

URI = "file:///a.py"
MENU = types.InlineCompletionTriggerKind.Automatic
WISH = types.InlineCompletionTriggerKind.Invoked


class Desk:
    """An editor with one line, `result = os.` at first, and a server without its wire."""

    def __init__(self, client: ScriptedClient, line: str = "result = os.") -> None:
        settings = Settings()
        self.client = client
        self.line = line
        self.kept: dict[str, Offer] = {}
        keeper: Any = SimpleNamespace(keep=self._keep, problem="")
        stubs: Any = SimpleNamespace(settings=settings, trouble=lambda _: None)

        def build(settings: Settings, _: Callable[[Health], None], __: str) -> Services:
            options = completion_options(settings)
            privacy = Privacy(PrivacyRules(), outer=())
            return Services(client, Completer(client), options, ThreadPoolExecutor(1), privacy)

        self.documents = Documents("utf-16")
        self.backend = Backend(settings, lambda _: None, lambda _: None, build)
        self.sync = DocumentSync(self.documents, Workspace(), self.backend, lambda: None)
        self.traces = Traces(keeper)
        self.offers = Offers(self.documents, keeper, self.backend.prefer)
        self.completion = InlineCompletion(
            self.documents, self.sync, self.backend, stubs, stubs, self.traces, Pause(), self.offers, lambda: False
        )
        self.sync.wanted, self.sync.foreseen = self.completion.wanted, self.completion.foreseen
        self._version = 1
        document = types.TextDocumentItem(URI, "python", 1, self._text)
        self.sync.opened(types.DidOpenTextDocumentParams(document))

    @property
    def _text(self) -> str:
        return f"import os\n\n{self.line}\n"

    def _keep(self, _: object, kept: object) -> None:
        if isinstance(kept, Offer):
            self.kept[kept.name] = kept

    def type(self, text: str) -> None:
        place = types.Position(2, len(self.line))
        change = types.TextDocumentContentChangePartial(types.Range(place, place), text)
        self.line += text
        self._version += 1
        identity = types.VersionedTextDocumentIdentifier(self._version, URI)
        self.sync.changed(types.DidChangeTextDocumentParams(identity, [change]))

    def asking(self, chosen: str = "", begun: int = 0, kind: types.InlineCompletionTriggerKind = MENU) -> Any:
        """A request at the end of the line; `chosen` is selected in a menu for the last `begun` characters."""
        end = types.Position(2, len(self.line))
        start = types.Position(2, len(self.line) - begun)
        info = types.SelectedCompletionInfo(types.Range(start, end), chosen) if chosen else None
        context = types.InlineCompletionContext(kind, info)
        return self.completion.ask(types.InlineCompletionParams(context, types.TextDocumentIdentifier(URI), end))

    async def ask(
        self, chosen: str = "", begun: int = 0, kind: types.InlineCompletionTriggerKind = MENU
    ) -> list[tuple[str, str]]:
        """The texts that are suggested, each with the name that its offer has."""
        asked = self.asking(chosen, begun, kind)
        return told(asked if isinstance(asked, list) else await asked)

    async def close(self) -> None:
        self.offers.end()
        await self.backend.close()


def told(items: Items) -> list[tuple[str, str]]:
    return [(str(item.insert_text), str((item.command.arguments or [""])[0])) for item in items if item.command]


Make = Callable[..., Desk]


@pytest.fixture
async def desk() -> AsyncIterator[Make]:
    made: list[Desk] = []

    def make(pieces: Any, **line: str) -> Desk:
        made.append(Desk(ScriptedClient(pieces), **line))
        return made[-1]

    yield make
    for one in made:
        if one.client.pause is not None:
            one.client.pause.set()
        await one.close()


def live(desk: Desk) -> list[InfillRequest]:
    """What was asked of the model because somebody waited for it."""
    return [request for request in desk.client.requests if request.priority == "live"]


async def test_what_goes_on_from_a_menu_entry_is_one_suggestion_while_its_name_is_typed(desk: Make) -> None:
    editor = desk([".join(a, b)"])
    ((text, name),) = await editor.ask("path")
    assert text == "path.join(a, b)"
    for begun, letter in enumerate("pat", 1):
        editor.type(letter)
        assert await editor.ask("path", begun) == [(text, name)]
    editor.type("h")
    assert await editor.ask() == [(".join(a, b)", name)], "the menu is closed"
    assert len(live(editor)) == 1


async def test_the_model_goes_on_from_a_menu_entry_while_its_name_is_typed(desk: Make) -> None:
    editor = desk([".join", "(a, b)"])
    editor.client.pause = asyncio.Event()
    first = editor.asking("path")
    await editor.client.started.wait()
    editor.type("p")
    first.cancel()
    second = editor.asking("path", 1)
    await asyncio.sleep(0.05)
    editor.client.pause.set()
    assert [text for text, _ in told(await second)] == ["path.join(a, b)"]
    assert len(live(editor)) == 1
    assert editor.client.left_early == [False]


async def test_each_alternative_is_an_offer_of_its_own(desk: Make) -> None:
    texts = ["b - a", "a", "b - a"]
    editor = desk(lambda request: [texts[request.alternative]], line="result = ")
    ((_, name),) = await editor.ask()
    (first, first_name), (second, second_name) = await editor.ask(kind=WISH)
    assert (first, second) == ("b - a", "a")
    assert first_name == name, "it was shown already"
    assert second_name != name
    editor.offers.accepted(second_name)
    editor.type("a")
    editor.offers.end()
    assert [one.accepted_chars for one in editor.kept.values()] == [0, 1]


async def test_an_alternative_that_a_person_has_gone_to_stays_while_it_is_typed(desk: Make) -> None:
    texts = ["value + 1", "value - 1", "values[0]"]
    editor = desk(lambda request: [texts[request.alternative]], line="result = ")
    found = await editor.ask(kind=WISH)
    assert [text for text, _ in found] == texts
    _, (_, second), _ = found
    editor.offers.shown({"item": {"command": {"arguments": [second]}}})
    editor.type("va")
    assert await editor.ask() == [("lue - 1", second)]
    editor.type("lues")
    assert [text for text, _ in await editor.ask()] == ["[0]"]


@pytest.mark.parametrize(("typed", "stays"), [("x", []), ("va", ["lue + 1", "lue - 1"])])
async def test_alternatives_that_will_not_be_wanted_are_stopped_by_the_edit(
    desk: Make, typed: str, stays: list[str]
) -> None:
    texts = [["value", " + 1"], ["value", " - 1"], ["total", "()"]]
    held = asyncio.Event()

    def pieces(request: InfillRequest) -> list[str]:
        editor.client.pause = held if request.hypotheses == 1 else None
        return texts[request.alternative]

    editor = desk(pieces, line="result = ")
    asked = editor.asking(kind=WISH)
    async with asyncio.timeout(10):
        while [stream.given for stream in editor.client.streams] != [2, 1, 1, 1]:
            await asyncio.sleep(0)
        editor.type(typed)
        while editor.client.left_early != ([False, True] if stays else [False, True, True, True]):
            await asyncio.sleep(0)
    held.set()
    assert [text for text, _ in told(await asked)] == stays
