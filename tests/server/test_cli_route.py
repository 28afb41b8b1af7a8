"""`twolane route`: the decision for a file and every rule that took part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.routing.money_factory import spent
from twolane.server import cli


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "not-a-real-one")
    monkeypatch.delenv("TWOLANE_TEAM_KEY", raising=False)
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "twolane.toml").write_text("")
    (root / "src" / "app.py").write_text("x = 1\n")
    monkeypatch.chdir(root)
    return root


def route(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert cli.main(["route", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_the_decision_and_its_rules_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = route(capsys, "review", "src/app.py")
    assert (answer["task"], answer["path"], answer["tier"], answer["lane"]) == (
        "review",
        "src/app.py",
        "anywhere",
        "far",
    )
    assert answer["candidates"][0]["price_usd"] > 0
    assert all(set(step) == {"rule", "effect"} for step in answer["rules"])
    assert route(capsys, "completion", "src/app.py")["lane"] == "near"


def test_the_workspaces_files_take_part(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "twolane.toml").write_text(
        '[privacy]\nnear_only = ["src/"]\n[[routing.rules]]\ntasks = ["docs"]\nlanes = []\n'
    )
    answer = route(capsys, "review", "src/app.py")
    assert (answer["tier"], answer["lane"]) == ("near-only", None)
    assert "src/" in answer["reason"]
    (project / "src" / ".cursorignore").write_text("app.py\n")
    assert route(capsys, "completion", "src/app.py")["tier"] == "blocked"
    (project / "README.md").write_text("")
    assert "the workspace's rule 1" in route(capsys, "docs", "README.md")["reason"]


def test_a_broken_policy_is_named_and_keeps_text_here(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "twolane.toml").write_text('[[routing.rules]]\nlane = ["near"]\n')
    assert cli.main(["route", "review", "src/app.py"]) == 0
    output = capsys.readouterr()
    assert "rule 1: lane: no such key" in output.err
    assert "the policy is broken" in output.out


def test_a_model_without_a_price_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "twolane.toml").write_text('[[routing.rules]]\nmodels = ["nobody-knows-it"]\n')
    assert cli.main(["route", "review", "src/app.py"]) == 0
    assert "nobody-knows-it has no price" in capsys.readouterr().err


def test_a_price_that_cannot_be_used_is_told(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "config" / "twolane" / "twolane.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[budget]\nprices = ["nonsense"]\n')
    assert cli.main(["route", "review", "src/app.py"]) == 0
    assert 'budget.prices: "nonsense" is not a price' in capsys.readouterr().err


def test_a_path_is_taken_for_what_it_leads_to(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert route(capsys, "review", "src/../src/app.py")["tier"] == "anywhere"
    (project.parent / "lone.py").write_text("x = 1\n")
    assert route(capsys, "review", "../lone.py")["tier"] == "near-only"
    (project.parent / "pyproject.toml").write_text("")
    assert route(capsys, "review", "../lone.py")["tier"] == "anywhere"


def test_a_file_that_is_not_there_is_an_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = route(capsys, "review", "gone.py", code=1)
    assert answer["error"] == {"kind": "bad-input", "message": "gone.py: there is no such file"}
    assert "it is a folder" in route(capsys, "review", "src", code=1)["error"]["message"]
    assert cli.main(["route", "dance", "src/app.py"]) == 2


def test_what_a_cap_would_refuse_is_no_candidate(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "config" / "twolane" / "twolane.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[budget]\nday_dollars = 0.01\n")
    answer = route(capsys, "review", "src/app.py")
    assert answer["lane"] is None
    (step,) = [step["effect"] for step in answer["rules"] if step["rule"] == "budget"]
    assert "far (claude-sonnet-5-5) removed: " in step
    assert "raise budget.day_dollars" in step
    assert not list(tmp_path.rglob("ledger.sqlite3"))


def test_what_was_spent_already_counts(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert route(capsys, "review", "src/app.py")["lane"] == "far"
    spent(tmp_path / "data" / "twolane" / "ledger.sqlite3", 4.99)
    answer = route(capsys, "review", "src/app.py")
    assert answer["lane"] is None
    assert "of the $5.00 for today $0.0100 is left" in answer["reason"]


def test_a_lane_that_is_turned_off_or_lacks_a_key_says_so(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    reason = route(capsys, "review", "src/app.py")["reason"]
    assert "set-up: far (claude-sonnet-5-5) removed: there is no key: set ANTHROPIC_API_KEY" in reason
    own = tmp_path / "config" / "twolane" / "twolane.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[far]\nenabled = false\n")
    assert "far is turned off by far.enabled" in route(capsys, "review", "src/app.py")["reason"]
