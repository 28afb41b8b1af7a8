"""Which lane completes in a file: settings, rules, privacy, and whether the team's server answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from twolane.clients.errors import ModelRefused, ModelUnavailable
from twolane.clients.model import InfillRequest
from twolane.server.compose import File, Services, build
from twolane.server.config.settings import Loaded, load

NOBODY = "http://127.0.0.1:9"
TEAM: dict[str, Any] = {"team": {"url": NOBODY, "completion": True, "plain_http": True}}
RULE = {"tasks": ["completion"], "paths": ["team/"], "lanes": ["team"]}


def loaded(root: Path, editor: dict[str, Any]) -> Loaded:
    found = load(root, trusted=True, editor=editor, user_file=root / "none.toml")
    assert not found.problems
    return found


async def check(root: Path, editor: dict[str, Any], path: str, lane: str | None, reason: str = "") -> Services:
    """Which lane is chosen for a file, and why none is."""
    services = build(loaded(root, editor).settings)
    file = File(root, path, "python", 100)
    serving = services.serving(file)
    assert (serving.lane if serving else None) == lane
    assert reason in services.refusal(file)
    return services


@pytest.mark.parametrize(
    ("editor", "path", "lane"),
    [
        ({}, "a.py", "near"),
        ({"team": {"url": NOBODY}}, "a.py", "near"),
        (TEAM, "a.py", "team"),
        (TEAM | {"privacy": {"near_only": ["a.py"]}}, "a.py", "near"),
        (TEAM | {"privacy": {"blocked": ["a.py"]}}, "a.py", None),
        ({"privacy": {"blocked": ["a.py"]}}, "a.py", None),
        ({"privacy": {"blocked": ["a.py"]}}, "b.py", "near"),
        (TEAM, ".env", "near"),
        ({"team": {"url": NOBODY}, "routing": {"rules": [RULE]}}, "team/a.py", "team"),
        ({"team": {"url": NOBODY}, "routing": {"rules": [RULE]}}, "a.py", "near"),
        (TEAM | {"routing": {"rules": [{"tasks": ["completion"], "lanes": []}]}}, "a.py", None),
    ],
)
async def test_the_lane_of_a_file(tmp_path: Path, editor: dict[str, Any], path: str, lane: str | None) -> None:
    services = await check(tmp_path, editor, path, lane)
    await services.close()


async def test_a_blocked_file_says_what_blocks_it(tmp_path: Path) -> None:
    services = await check(tmp_path, {"privacy": {"blocked": ["*.py"]}}, "a.py", None, "privacy.blocked (`*.py`)")
    await services.close()


async def test_this_machine_stands_in_for_a_server_that_is_down(tmp_path: Path) -> None:
    services = await check(tmp_path, TEAM, "a.py", "team")
    with pytest.raises(ModelUnavailable):
        await services.engine.info()
    serving = services.serving(File(tmp_path, "a.py", "python", 100))
    assert serving is services.spare
    assert "Nothing listens at 127.0.0.1:9" in str(services.decide(File(tmp_path, "a.py", "python", 100)).steps)
    await services.close()


@pytest.mark.parametrize(("url", "reason"), [("models.example", "looks like"), ("http://models.example", "plain_http")])
async def test_an_address_that_cannot_be_used_is_told_and_this_machine_stands_in(
    tmp_path: Path, url: str, reason: str
) -> None:
    services = await check(tmp_path, {"team": {"url": url, "completion": True}}, "a.py", "team")
    with pytest.raises(ModelRefused, match=reason):
        await services.engine.info()
    assert services.serving(File(tmp_path, "a.py", "python", 100)) is services.spare
    await services.close()


async def test_a_policy_that_cannot_be_read_keeps_everything_here(tmp_path: Path) -> None:
    services = build(loaded(tmp_path, TEAM).settings, fault="twolane.toml: line 3 is no TOML")
    serving = services.serving(File(tmp_path, "a.py", "python", 100))
    assert serving is services.spare
    await services.close()


async def test_this_machine_stands_in_where_the_budget_says_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    services = await check(tmp_path, TEAM, "a.py", "team")
    request = InfillRequest("x = ", "", "a.py", str(tmp_path), "r")
    with pytest.raises(ModelRefused, match=r"budget.prices"):
        async with services.engine.infill(request):
            pass
    file = File(tmp_path, "a.py", "python", 100)
    assert services.serving(file) is services.spare
    assert "budget.prices" in str(services.decide(file).steps)
    await services.close()
