"""`twolane ledger` and `twolane stats`: what was spent, what left, and what a person says when the file was lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.routing.money_factory import Till
from twolane.clients.chat import ChatUsage
from twolane.routing.money.budget import Piece
from twolane.routing.money.store import default_path
from twolane.server import cli


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    project = tmp_path / "project"
    project.mkdir()
    (project / "twolane.toml").write_text("[budget]\nday_dollars = 3\n")
    monkeypatch.chdir(project)
    return project


@pytest.fixture
def till(home: Path) -> Iterator[Till]:
    """The user's own ledger, today."""
    till = Till(default_path().parent, clock=time.time)  # type: ignore[arg-type]
    yield till
    till.close()


def spend(till: Till, home: Path) -> None:
    pieces = (Piece("file", "src/a.py", 3, 40), Piece("instruction", ""))
    made: dict[str, Any] = {"project": str(home), "pieces": pieces, "body_bytes": 4321, "body_sha256": "ab" * 32}
    till.settle(till.reserve(0.5, **made), 0.0123, usage=ChatUsage(1000, 50, 200, 34), first_ms=120, ms=900)
    till.settle(till.reserve(0.5, **made), 0, "failed", reason="busy", ms=20)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert cli.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def check(capsys: pytest.CaptureFixture[str], words: list[str], *expected: str) -> None:
    """The command succeeds and says all of this, for people."""
    assert cli.main(words) == 0
    output = capsys.readouterr().out
    missing = [line for line in expected if line not in output]
    assert missing == [], output


def test_where_nothing_was_spent_nothing_is_made(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(capsys, ["ledger"], "today         $0 of $3.00", "this month    $0 of $50.00")
    check(capsys, ["ledger", "--egress"], "nothing left this machine in 30 days")
    check(capsys, ["stats"], "today         $0 of $3.00")
    assert told(capsys, "ledger")["calls"] == []
    assert told(capsys, "ledger", "--egress")["egress"] == []
    assert told(capsys, "stats")["groups"] == []
    assert not default_path().exists()


def test_what_was_spent(home: Path, till: Till, capsys: pytest.CaptureFixture[str]) -> None:
    spend(till, home)
    check(
        capsys,
        ["ledger"],
        "today         $0.0123 of $3.00",
        "this project  $0.0123 of $50.00 a month",
        "far claude-test, review: done, 1,234 tokens in, 50 out",
        "far claude-test, review: failed (busy), 0 tokens in, 0 out",
    )
    document = told(capsys, "ledger")
    assert document["path"] == str(default_path())
    assert document["spent_usd"] == {"day": 0.0123, "month": 0.0123, "project": 0.0123}
    assert document["caps_usd"] == {"request": 2, "day": 3, "month": 50, "project": 50}
    assert document["held"] == ""
    first, second = document["calls"]
    assert (first["state"], first["cost_usd"], first["reserved_usd"]) == ("done", 0.0123, 0.5)
    assert (first["lane"], first["model"], first["task"], first["ms"]) == ("far", "claude-test", "review", 900)
    assert (second["state"], second["reason"], second["cost_usd"]) == ("failed", "busy", 0)


def test_what_left(home: Path, till: Till, capsys: pytest.CaptureFixture[str]) -> None:
    spend(till, home)
    check(
        capsys,
        ["ledger", "--egress"],
        f"api.example  4,321 bytes for review by claude-test  sha256 {'ab' * 32}",
        "src/a.py 3-40 (file)",
        "no file (instruction)",
        f"by claude-test, failed (busy)  sha256 {'ab' * 32}",
    )
    first, _ = told(capsys, "ledger", "--egress")["egress"]
    assert (first["host"], first["bytes"], first["sha256"], first["tokens"]) == ("api.example", 4321, "ab" * 32, 1234)
    assert first["pieces"][0] == {"kind": "file", "path": "src/a.py", "start_line": 3, "end_line": 40}
    calls = told(capsys, "ledger")["calls"]
    assert (first["call"], first["ask"]) == (calls[0]["call"], calls[0]["ask"])


def test_stats_add_up(home: Path, till: Till, capsys: pytest.CaptureFixture[str]) -> None:
    spend(till, home)
    check(
        capsys,
        ["stats"],
        "far claude-test, review: 2 calls, 1 failed, $0.0123, 1,234 tokens in (200 from the cache), 50 out, "
        "first piece 120 ms (p95 120), whole answer 900 ms (p95 900)",
    )
    (group,) = told(capsys, "stats", "--days", "7")["groups"]
    assert (group["calls"], group["failed"], group["cost_usd"]) == (2, 1, 0.0123)
    assert group["ms"] == {"p50": 900, "p95": 900}


def test_a_lost_ledger_is_acknowledged_with_what_was_spent(
    home: Path, till: Till, capsys: pytest.CaptureFixture[str]
) -> None:
    spend(till, home)
    till.close()
    default_path().unlink()
    check(capsys, ["ledger"], "on hold       ledger.sqlite3 is gone", "--acknowledge DOLLARS")
    assert "is gone" in told(capsys, "stats")["held"]
    check(capsys, ["ledger", "--acknowledge", "1.25"], "today         $1.25 of $3.00", "stated by a person")
    assert told(capsys, "ledger")["held"] == ""


def test_a_clock_that_was_ahead_is_accepted(home: Path, till: Till, capsys: pytest.CaptureFixture[str]) -> None:
    till.store.clock = lambda: time.time() + 400 * 86_400
    spend(till, home)
    till.store.clock = time.time
    assert told(capsys, "ledger")["day"] > told(capsys, "ledger", "--accept-clock")["day"]
    assert told(capsys, "ledger")["spent_usd"]["day"] == 0.0123


def test_a_ledger_that_cannot_be_read_is_one_line(home: Path, till: Till, capsys: pytest.CaptureFixture[str]) -> None:
    spend(till, home)
    with till.store.write() as connection:
        connection.execute("PRAGMA user_version = 99")
    till.close()
    assert cli.main(["ledger", "--json"]) == 1
    output = capsys.readouterr()
    assert json.loads(output.out)["error"]["kind"] == "ledger"
    assert "a later version of Twolane wrote it" in output.err
    assert output.err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["--days", "0"], ["--days", "x"], ["--acknowledge", "-1"], ["--acknowledge", "nan"], ["--acknowledge"]]
)
def test_misuse(home: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert cli.main(["ledger", *words]) == 2
    assert "twolane ledger --help" in capsys.readouterr().err
    assert not default_path().exists()
