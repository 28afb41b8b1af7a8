"""What becomes of a suggestion is followed while its document is open, and kept as numbers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from twolane.completion.known import Answer
from twolane.completion.trace import Trace
from twolane.server.cli import main
from twolane.server.history.offers import Offer, acceptance
from twolane.server.history.store import Store, default_path
from twolane.server.history.writing import append
from twolane.server.lsp import offers as module
from twolane.server.lsp import remaining
from twolane.server.lsp.offers import Offers
from twolane.server.text.documents import Document, Documents, Edit
from twolane.server.text.text_buffer import Position
from twolane.server.text.workspace import Location

URI = "file:///a.py"
TEXT = "x = 1\ntotal = price * amount\n"
SUGGESTED = "price * amount"
NOW = 2_000_000_000.0


class Kept:
    """What would be written: of each offer the newest state."""

    def __init__(self) -> None:
        self.told: dict[str, Offer] = {}
        self.heard = asyncio.Event()

    def keep(self, root: Path | None, offer: Any) -> None:
        self.told[offer.name] = offer
        self.heard.set()

    @property
    def offers(self) -> list[Offer]:
        return list(self.told.values())


class Desk:
    """One open document, the offers in it, and what is kept of them."""

    def __init__(self, text: str = "x = 1\ntotal = \n") -> None:
        self.documents = Documents("utf-16")
        self.documents.open(URI, Location("a.py", None), "python", 1, text)
        self.kept = Kept()
        self.offers = Offers(self.documents, self.kept)  # type: ignore[arg-type]
        self._version = 1

    @property
    def document(self) -> Document:
        document = self.documents.get(URI)
        assert document is not None
        return document

    def put(self, text: str, start: tuple[int, int], end: tuple[int, int] | None = None) -> None:
        self._version += 1
        edit = Edit(text, Position(*start), Position(*(end or start)))
        self.documents.change(URI, [edit], self._version)

    def made(self, text: str = SUGGESTED, offset: int = 14, answer: Answer | None = None, model: str = "tiny") -> str:
        trace = Trace(at=0.0, kind="completion", path="a.py", lane="near", model=model, origin="model")
        return self.offers.made(self.document, answer, text, offset, trace)

    def partly(self, name: str, length: int, text: str | None = None) -> None:
        item = {"insertText": text, "command": {"arguments": [name]}}
        self.offers.partly_accepted({"item": item, "acceptedLength": length})

    async def survival(self, after: float = 0.04) -> dict[int, float]:
        """What is told once an offer has been looked at for the last time."""
        async with asyncio.timeout(10):
            while after not in (survival := next(iter(self.kept.offers)).survival if self.kept.offers else {}):
                await self.kept.heard.wait()
                self.kept.heard.clear()
        return survival

    async def looked(self) -> None:
        """Wait until every look at what was accepted is over."""
        await asyncio.sleep(0.06)
        self.offers.end()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remaining, "AFTER_S", (0.02, 0.04))
    monkeypatch.setattr(remaining, "_SETTLED_S", 0.01)
    monkeypatch.setattr(module, "_TOLD_S", 0.0)


async def test_what_stays_and_what_goes() -> None:
    desk = Desk()
    name = desk.made()
    desk.put(SUGGESTED, (1, 8))
    desk.offers.accepted(name)
    desk.put("import os\n", (0, 0))
    assert await desk.survival() == {0.02: 1.0, 0.04: 1.0}
    (offer,) = desk.kept.offers
    assert (offer.accepted_chars, offer.chars) == (14, 14)


async def test_an_editor_may_tell_of_the_acceptance_before_it_tells_of_the_edit() -> None:
    desk = Desk()
    desk.offers.accepted(desk.made())
    desk.put(SUGGESTED, (1, 8))
    desk.put("import os\n", (0, 0))
    assert await desk.survival() == {0.02: 1.0, 0.04: 1.0}


async def test_a_text_that_is_written_over_is_gone() -> None:
    desk = Desk()
    name = desk.made()
    desk.put(SUGGESTED, (1, 8))
    desk.offers.accepted(name)
    desk.put("0", (1, 8), (1, 22))
    assert max((await desk.survival()).values()) < 0.5


async def test_the_same_text_above_is_another_one() -> None:
    desk = Desk("def f():\n    return None\ndef g():\n    \n")
    name = desk.made("return None", 38)
    desk.put("return None", (3, 4))
    desk.offers.accepted(name)
    desk.put("", (3, 4), (3, 15))
    assert max((await desk.survival()).values()) < 0.5


async def test_what_is_accepted_word_by_word_is_followed_as_a_whole() -> None:
    desk = Desk()
    name = desk.made()
    desk.put("price", (1, 8))
    desk.partly(name, 5)
    await asyncio.sleep(0.005)
    desk.put(" * amount", (1, 13))
    desk.offers.accepted(name)
    desk.put("", (1, 10), (1, 22))
    assert max((await desk.survival()).values()) < 0.5
    assert desk.kept.offers[0].accepted_chars == 14


async def test_what_was_accepted_is_followed_whatever_is_suggested_meanwhile() -> None:
    desk = Desk()
    name = desk.made()
    desk.put(SUGGESTED, (1, 8))
    desk.offers.accepted(name)
    for number in range(70):
        desk.made(f"z{number}")
    assert await desk.survival() == {0.02: 1.0, 0.04: 1.0}


async def test_a_closed_document_is_not_followed() -> None:
    desk = Desk()
    name = desk.made()
    desk.put(SUGGESTED, (1, 8))
    desk.offers.accepted(name)
    desk.documents.close(URI)
    await desk.looked()
    assert desk.kept.offers[0].survival == {}


async def test_what_becomes_of_an_offer_is_told_before_the_editor_is_closed() -> None:
    desk = Desk()
    name = desk.made()
    async with asyncio.timeout(10):
        await desk.kept.heard.wait()
        assert [(one.shown, one.accepted_chars) for one in desk.kept.offers] == [(False, 0)]
        desk.kept.heard.clear()
        desk.offers.shown({"item": {"command": {"arguments": [name]}}})
        desk.offers.accepted(name)
        await desk.kept.heard.wait()
    assert [(one.shown, one.accepted_chars) for one in desk.kept.offers] == [(True, 14)]


async def test_only_so_many_are_known_by_name() -> None:
    desk = Desk()
    names = [desk.made(f"z{number}") for number in range(70)]
    for name in names:
        desk.offers.accepted(name)
    desk.offers.end()
    assert [one.accepted_chars > 0 for one in desk.kept.offers] == [False] * 6 + [True] * 64


async def test_one_suggestion_that_is_made_again_is_one_offer() -> None:
    desk = Desk()
    name = desk.made()
    assert desk.made() == name, "the same text at the same place, as when a person asks to choose"
    desk.put("price", (1, 8))
    assert desk.made(" * amount", 19) == name, "what is left of it"
    assert desk.made("* amount", 19) != name
    assert desk.made(" * amount", 19, model="other") != name
    desk.put("costs", (1, 8), (1, 13))
    assert desk.made(" * amount", 19) != name, "something else was typed"


async def test_a_part_counts_from_the_start_of_the_item_that_the_editor_has() -> None:
    desk = Desk()
    name = desk.made("value + 1")
    desk.put("v", (1, 8))
    assert desk.made("alue + 1", 15) == name
    desk.partly(name, 5, "value + 1")
    desk.offers.end()
    assert desk.kept.offers[0].accepted_chars == 5


def offer(**changed: Any) -> Offer:
    values: dict[str, Any] = {"language": "python", "lane": "near", "model": "tiny", "origin": "model", "chars": 10}
    return Offer(**({"at": NOW, **values, "lines": 1} | changed))


def test_the_figures_by_language_and_model(tmp_path: Path) -> None:
    store = Store(tmp_path / "h.sqlite3")
    rows = [
        offer(shown=True, accepted_chars=10, survival={30: 1.0, 120: 0.5}),
        offer(shown=True, accepted_chars=4, survival={30: 0.5}),
        offer(shown=True),
        offer(),
        offer(language="go", model="other"),
    ]
    append(store, [(None, row) for row in rows], 30, NOW)
    python, go = acceptance(store, NOW - 1)
    assert (python.offered, python.shown, python.accepted, python.partly, python.rejected) == (4, 3, 1, 1, 1)
    assert (python.survival, python.followed) == ({30: 0.75, 120: 0.5}, {30: 2, 120: 1})
    assert (go.language, go.offered, go.survival) == ("go", 1, {})
    append(store, [(None, offer(at=NOW + 40 * 86_400))], 30, NOW + 40 * 86_400)
    assert [one.offered for one in acceptance(store, 0.0)] == [1], "what is too old is let go of"
    store.close()


def test_what_is_written_again_takes_its_own_place(tmp_path: Path) -> None:
    store = Store(tmp_path / "h.sqlite3")
    append(store, [(None, offer(name="a")), (None, offer(name="b")), (None, offer())], 30, NOW)
    append(store, [(None, offer(name="a", shown=True, accepted_chars=10, survival={30: 0.5}))], 30, NOW)
    (python,) = acceptance(store, NOW - 1)
    assert (python.offered, python.accepted, python.survival) == (3, 1, {30: 0.5})
    store.close()


def test_stats_tell_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import time

    for name in ("DATA_HOME", "CONFIG_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR"):
        monkeypatch.setenv(f"XDG_{name}", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    store = Store(default_path())
    trace = Trace(at=time.time(), kind="completion", path="a.py", language="python", shown=True, origin="model")
    trace.checks = ["syntax: fits", "names: unchecked (no time)"]
    accepted = offer(at=time.time(), shown=True, accepted_chars=10, survival={30: 1.0})
    append(store, [(None, trace), (None, accepted)], 30, time.time())
    store.close()
    assert main(["stats", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["completions"]
    (row,) = told["acceptance"]
    assert (row["accepted"], row["survival"], row["followed"]) == (1, {"30": 1.0}, {"30": 1})
    assert told["checks"] == {"syntax: fits": 1, "names: unchecked (no time)": 1}
    assert main(["stats"]) == 0
    out = capsys.readouterr().out
    assert "1 of 1 suggestions whole" in out
    assert "100 % after 30 s" in out
