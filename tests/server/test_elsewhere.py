"""The gateway as the settings build it: real clients, a real ledger in the user's own folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients.scripted import messages_api as api
from tests.clients.scripted import model_servers
from tests.clients.scripted.server import serving
from tests.completion.fakes import ScriptedClient
from tests.routing.gateway_factory import build
from twolane.clients.model import InfillRequest
from twolane.routing.ask import AskRecord, AskRequest
from twolane.routing.errors import AskFailed, CapReached, NoCandidate, PriceUnknown
from twolane.routing.money.store import default_path
from twolane.routing.privacy.sources import Source
from twolane.server.cli import main
from twolane.server.config.settings import Budget, Far, Settings, Team
from twolane.server.elsewhere import Elsewhere, build_gateway, guarded

FREE = ("team/* input=0 output=0",)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "TWOLANE_TEAM_KEY"):
        monkeypatch.delenv(name, raising=False)
    project = tmp_path / "project"
    project.mkdir()
    return project


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Elsewhere, list[AskRecord]]]:
    records: list[AskRecord] = []
    elsewhere = build_gateway(settings, on_record=records.append)
    try:
        yield elsewhere, records
    finally:
        await elsewhere.close()


async def check(settings: Settings, root: Path, lane: str, model: str, text: str) -> AskRecord:
    """A review is answered by this model; the record says what it cost."""
    async with opened(settings) as (elsewhere, records):
        source = Source("file", "x = 1\n", "a.py", 1, 1, required=True)
        async with elsewhere.gateway.ask(AskRequest("review", root, "a.py", (source,), build)) as answer:
            assert await answer.whole() == text
        (record,) = records
    assert (record.lane, record.model) == (lane, model)
    return record


async def test_with_a_key_and_nothing_else_set_the_far_lane_answers(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key-for-tests")
    async with serving(api.says("fine")) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        record = await check(Settings(), home, "far", Settings().far.model, "fine")
    assert record.cost > 0
    assert default_path().is_relative_to(home.parent)
    assert default_path().exists()


async def test_what_a_command_asked_is_told_by_explain(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key-for-tests")
    (home / "twolane.toml").touch()
    monkeypatch.chdir(home)
    async with serving(api.refuses(401, "authentication_error")) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        elsewhere = build_gateway(Settings())
        source = Source("file", "x = 1\n", "a.py", 1, 1, required=True)
        with pytest.raises(AskFailed):
            async with elsewhere.gateway.ask(AskRequest("review", home, "a.py", (source,), build)) as answer:
                await answer.whole()
        await elsewhere.close()
    assert elsewhere.keeper is not None
    await asyncio.to_thread(elsewhere.keeper._thread.shutdown)
    assert main(["explain", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["requests"]
    assert (told["kind"], told["path"], told["lane"], told["shown"]) == ("review", "a.py", "far", False)
    assert "does not accept the key" in told["reason"]
    assert told["sent"][0]["host"] == server.url.removeprefix("http://")
    assert main(["explain"]) == 0
    for_people = capsys.readouterr().out
    assert "a.py, review\n" in for_people
    assert "sources  1 piece: a.py (1)" in for_people


async def test_without_a_key_the_team_answers_and_nothing_is_written_of_the_far_lane(home: Path) -> None:
    routes = {"/v1/models": model_servers.models("coder"), "/v1/chat/completions": model_servers.conversation("hello")}
    async with serving(model_servers.serves(routes)) as server:
        settings = Settings(team=Team(url=server.url, model="coder"), budget=Budget(prices=FREE))
        record = await check(settings, home, "team", "coder", "hello")
    assert [sent.host for sent in record.sent] == [server.url.removeprefix("http://")]
    assert record.cost == 0
    assert any("set ANTHROPIC_API_KEY" in str(step) for step in record.steps)


@pytest.mark.parametrize(
    ("settings", "key", "refusal", "words"),
    [
        (Settings(), False, NoCandidate, "set ANTHROPIC_API_KEY"),
        (Settings(far=Far(enabled=False)), True, NoCandidate, "far is turned off by far.enabled"),
        (Settings(far=Far(model="brand-new")), True, PriceUnknown, r'budget\.prices = \["brand-new'),
        (Settings(budget=Budget(day_dollars=0)), True, CapReached, r"budget\.day_dollars"),
    ],
)
async def test_what_is_missing_is_named(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    key: bool,
    refusal: type[Exception],
    words: str,
) -> None:
    if key:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "key-for-tests")
    with pytest.raises(refusal, match=words):
        await check(settings, home, "far", "", "")


async def test_a_price_that_cannot_be_used_is_told_and_the_others_hold() -> None:
    settings = Settings(budget=Budget(prices=("nonsense", *FREE)))
    async with opened(settings) as (elsewhere, _):
        assert len(elsewhere.problems) == 1
        assert 'budget.prices: "nonsense" is not a price' in elsewhere.problems[0]
        assert elsewhere.gateway.terms.prices.has("team", "anything")


async def test_a_teams_server_that_answers_keystrokes_stands_behind_the_door(home: Path) -> None:
    settings = Settings(team=Team(url="https://models.example", model="coder"), budget=Budget(prices=FREE))
    async with opened(settings) as (elsewhere, _):
        client = guarded(ScriptedClient(["1"]), "models.example", settings, elsewhere.ledger)
        request = InfillRequest("x = ", "", "a.py", str(home), "demo")
        async with client.infill(request) as stream:
            assert "".join([piece async for piece in stream]) == "1"
        assert (await elsewhere.ledger.standing(str(home))).spent_day == 0
        with pytest.raises(Exception, match="may not be shown"):
            async with client.infill(replace(request, path=".env")):
                pass
        await client.close()
