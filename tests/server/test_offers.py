"""What becomes of a suggestion is followed while its document is open, and kept as numbers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from twolane.completion.trace import Trace
from twolane.server.cli import main
from twolane.server.history.offers import Offer, acceptance
from twolane.server.history.store import Store, default_path
from twolane.server.history.writing import append
from twolane.server.lsp import offers as module
from twolane.server.lsp.offers import Offers
from twolane.server.text.documents import Documents, Edit
from twolane.server.text.text_buffer import Position
from twolane.server.text.workspace import Location

URI = "file:///a.py"
TEXT = "x = 1\ntotal = price * amount\n"
SUGGESTED = "price * amount"
NOW = 2_000_000_000.0


class Kept:
    def __init__(self) -> None:
        self.offers: list[Offer] = []

    def keep(self, root: Path | None, offer: Any) -> None:
        self.offers.append(offer)


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> Documents:
    monkeypatch.setattr(module, "AFTER_S", (0.02, 0.04))
    monkeypatch.setattr(module, "_SETTLED_S", 0.0)
    made = Documents("utf-16")
    made.open(URI, Location("a.py", None), "python", 1, "x = 1\ntotal = \n")
    return made


def put(documents: Documents, text: str, start: tuple[int, int], end: tuple[int, int], version: int) -> None:
    documents.change(URI, [Edit(text, Position(*start), Position(*end))], version)


def made(offers: Offers, documents: Documents, text: str = SUGGESTED) -> str:
    document = documents.get(URI)
    assert document is not None
    trace = Trace(at=0.0, kind="completion", path="a.py", lane="near", model="tiny", origin="model")
    return offers.made(document, None, text, 14, trace)


async def followed(offers: Offers, kept: Kept, times: int) -> dict[int, float]:
    async with asyncio.timeout(10):
        while True:
            live = next(iter(offers._live.values()))
            if len(live.offer.survival) == times:
                break
            await asyncio.sleep(0.005)
    offers.end()
    return kept.offers[0].survival


async def test_what_stays_and_what_goes(documents: Documents) -> None:
    kept = Kept()
    offers = Offers(documents, kept)  # type: ignore[arg-type]
    name = made(offers, documents)
    put(documents, SUGGESTED, (1, 8), (1, 8), 2)
    offers.accepted(name)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    put(documents, "import os\n", (0, 0), (0, 0), 3)
    first = await followed(offers, kept, 2)
    assert first == {0.02: 1.0, 0.04: 1.0}
    assert (kept.offers[0].accepted_chars, kept.offers[0].chars) == (14, 14)


async def test_a_text_that_is_written_over_is_gone(documents: Documents) -> None:
    kept = Kept()
    offers = Offers(documents, kept)  # type: ignore[arg-type]
    name = made(offers, documents)
    put(documents, SUGGESTED, (1, 8), (1, 8), 2)
    offers.accepted(name)
    await asyncio.sleep(0.005)
    put(documents, "0", (1, 8), (1, 22), 3)
    shares = await followed(offers, kept, 2)
    assert max(shares.values()) < 0.5


async def test_a_closed_document_is_not_followed(documents: Documents) -> None:
    kept = Kept()
    offers = Offers(documents, kept)  # type: ignore[arg-type]
    name = made(offers, documents)
    put(documents, SUGGESTED, (1, 8), (1, 8), 2)
    offers.accepted(name)
    documents.close(URI)
    await asyncio.sleep(0.06)
    offers.end()
    assert kept.offers[0].survival == {}


async def test_only_so_many_are_remembered(documents: Documents) -> None:
    kept = Kept()
    offers = Offers(documents, kept)  # type: ignore[arg-type]
    for _ in range(70):
        made(offers, documents)
    assert len(kept.offers) == 6
    offers.end()
    assert len(kept.offers) == 70


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
    assert "1 of 1 offers" in out
    assert "100 % after 30 s" in out
