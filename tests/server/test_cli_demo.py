"""`twolane demo`, with an engine that knows the project by heart, or not at all."""

from __future__ import annotations

import io
import json
import re
import tempfile
from pathlib import Path

import pytest

from tests.server.fake_engine import FakeEngine
from twolane.clients.errors import ModelRefused
from twolane.clients.model import InfillRequest
from twolane.server import cli
from twolane.server.demo.places import PLACES
from twolane.server.demo.screen import Screen

PROJECT = Path(__file__).parents[2] / "server" / "demo" / "project"
LINES = [(PROJECT / place.path).read_text().splitlines()[place.line - 1].strip() for place in PLACES]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    fake = FakeEngine()
    monkeypatch.setattr("twolane.server.compose.LocalEngine", fake)
    return fake


def by_heart(request: InfillRequest) -> str:
    """What really follows, but only once four characters of the line are there; nonsense before."""
    line = request.prefix.rpartition("\n")[2].lstrip()
    if len(line) < 4:
        return "None"
    return next(true for true in LINES if true.startswith(line))[len(line) :]


def test_the_lines_for_neovim_are_those_of_the_manual(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.reply = by_heart
    assert cli.main(["demo"]) == 0
    printed = capsys.readouterr().out
    manual = (PROJECT.parents[2] / "docs" / "editors.md").read_text()
    blocks = [part.partition("```")[0] for part in manual.split("```lua\n")[1:]]
    lines = next(block for block in blocks if "vim.lsp.config('twolane'" in block).splitlines()
    assert len(lines) > 5
    shown = [line.strip() for line in printed.splitlines()]
    start = shown.index(lines[0].strip())
    for line, said in zip(shown[start:], lines, strict=False):
        if not said.strip().startswith("cmd = "):
            assert line == said.strip()


def test_every_place_needs_what_it_says() -> None:
    for place, line in zip(PLACES, LINES, strict=True):
        imports = (PROJECT / place.path).read_text()
        for name in place.needs:
            assert name in line
            assert f" import {name}\n" in imports


def test_json_tells_what_was_typed_and_how_right_the_suggestion_was(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.reply = by_heart
    assert cli.main(["demo", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["suggestions"]
    assert len(document["suggestions"]) == 3
    for suggestion, place, line in zip(document["suggestions"], PLACES, LINES, strict=True):
        assert list(suggestion)[:9] == [
            "text",
            "lane",
            "model",
            "ms",
            "prompt_tokens",
            "reused_tokens",
            "sources",
            "reason",
            "typed",
        ]
        assert (suggestion["typed"], suggestion["text"]) == ("", "None")
        assert suggestion["right_characters"] == 0
        assert suggestion["expected"] == line
        assert suggestion["completed_after"] == 4
        assert set(place.needs) <= {source["symbol"] for source in suggestion["sources"]}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("twolane-demo")] == []


def test_the_line_that_is_typed_is_hidden_and_every_key_asks(engine: FakeEngine) -> None:
    engine.reply = by_heart
    assert cli.main(["demo", "--json"]) == 0
    assert len(engine.requests) == 5 * len(PLACES)
    for number, request in enumerate(engine.requests):
        assert request.path == PLACES[number // 5].path
        assert LINES[number // 5] not in request.prefix + request.suffix


def test_the_picture_is_plain_where_it_is_no_terminal(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.reply = by_heart
    assert cli.main(["demo"]) == 0
    output = capsys.readouterr().out
    assert "\x1b" not in output
    assert "\r" not in output
    assert "None (0 of 4 characters right)" in output
    for place in PLACES:
        assert f"{place.path}, line {place.line}" in output
        assert re.search(rf"  from src/itsdangerous/\w+\.py:\d+-\d+ {place.needs[0]} \(", output)
    assert "vim.lsp.inline_completion.enable()" in output
    assert "itsdangerous 2.2.0 (BSD-3-Clause)" in output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("no_color", [True, False])
def test_a_terminal_gets_movement_and_colour_unless_it_asks_for_none(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, no_color: bool
) -> None:
    engine.reply = lambda request: "a\x1b[31mb\x07"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    monkeypatch.setattr("twolane.server.commands.demo.Screen", lambda stream: Screen(terminal))
    assert cli.main(["demo"]) == 0
    output = terminal.getvalue()
    assert "\r\x1b[K" in output
    assert ("\x1b[2m" in output) != no_color
    assert "\x1b[31mb" not in output
    assert "\x07" not in output


def test_a_line_that_is_drawn_again_and_again_fits_the_terminal(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.reply = lambda request: "None"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    terminal = Terminal()
    monkeypatch.setattr("twolane.server.commands.demo.Screen", lambda stream: Screen(terminal))
    assert cli.main(["demo"]) == 0
    drawn = [part for part in terminal.getvalue().split("\r\x1b[K")[1:] if "\n" not in part]
    assert len(drawn) > 100
    assert max(map(len, drawn)) <= 40
    assert any(part.endswith(LINES[0][-20:-1]) for part in drawn), "where one types is seen"


def test_no_suggestion_at_all_is_a_failure_with_the_reason(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.reply = lambda request: ""
    assert cli.main(["demo", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["kind"] == "no-suggestion"
    assert "The model had nothing to add here." in document["error"]["message"]


def test_a_model_that_cannot_be_used_says_why(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.reply = ModelRefused("The model x.gguf does not exist: set near.model.")
    assert cli.main(["demo"]) == 1
    assert "twolane: The model x.gguf does not exist: set near.model.\n" in capsys.readouterr().err
