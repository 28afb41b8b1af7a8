"""The plugin's parts, each by itself in a Neovim without a server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.nvim.neovim import VERSIONS, Neovim


@pytest.fixture(scope="module", params=VERSIONS)
def editor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neovim]:
    editor = Neovim(request.param, os.environ, tmp_path_factory.mktemp("parts"))
    yield editor
    editor.close()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("name = 1", "name"),
        (" = 1", " ="),
        ("(a, b)", "("),
        ("  größe + 1", "  größe"),
        ("\n    return x", "\n    return"),
        ("日本語 x", "日本語"),
        ("   ", "   "),
    ],
)
def test_a_word_is_space_and_letters_or_space_and_signs(editor: Neovim, text: str, word: str) -> None:
    assert editor.lua("return require('twolane.ghost.offer').word(...)", text) == word


@pytest.mark.parametrize(("text", "line"), [("a b\nc", "a b"), ("\nc\nd", "\nc"), ("a", "a"), ("\n\nc", "\n")])
def test_a_line_ends_before_the_next_one(editor: Neovim, text: str, line: str) -> None:
    assert editor.lua("return require('twolane.ghost.offer').line(...)", text) == line


@pytest.mark.parametrize(
    ("encoding", "column", "byte"),
    [("utf-16", 3, 6), ("utf-32", 2, 6), ("utf-8", 6, 6), ("utf-16", 99, 7), ("utf-16", 0, 0)],
)
def test_columns_become_bytes_and_bytes_columns(editor: Neovim, encoding: str, column: int, byte: int) -> None:
    line = "é𝔘x"
    assert editor.lua("return require('twolane.positions').byte(...)", line, column, encoding) == byte
    if column < 99:
        assert editor.lua("return require('twolane.positions').column(...)", line, byte, encoding) == column


RESTS = """
local line, cursor, item, now, now_cursor = ...
local asked = { client_id = 1, encoding = 'utf-16', row = 0, line = line, cursor = cursor }
local offers = require('twolane.ghost.offer')
local offer = offers.new(item, asked)
return offer and (offers.rest(offer, 0, now or line, now_cursor or cursor) or 'gone') or 'refused'
"""


def span(start: int, end: int, line: int = 0) -> dict[str, Any]:
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


@pytest.mark.parametrize(
    ("arguments", "rest"),
    [
        (("ab", 2, {"insertText": "cd"}), "cd"),
        (("ab", 2, {"insertText": "abcd", "range": span(0, 2)}), "cd"),
        (("ab", 2, {"insertText": "xbcd", "range": span(0, 2)}), "refused"),
        (("ab", 2, {"insertText": "cd", "range": span(2, 2, 1)}), "refused"),
        (("ab", 2, {"insertText": "ab", "range": span(0, 2)}), "refused"),
        (("ab", 2, {"insertText": ""}), "refused"),
        (("ab", 2, {"insertText": "cd"}, "abc", 3), "d"),
        (("ab", 2, {"insertText": "cd"}, "abx", 3), "gone"),
        (("ab", 2, {"insertText": "cd"}, "abcd", 4), "gone"),
        (("ab", 2, {"insertText": "cd"}, "a", 1), "gone"),
        (("ab)", 2, {"insertText": "cd)", "range": span(2, 3)}, "abc)", 3), "d)"),
        (("ab)", 2, {"insertText": "cd)", "range": span(2, 3)}, "abc", 3), "gone"),
        (("ab", 2, {"insertText": "c\r\nd"}), "c\nd"),
        (("ab", 2, {"insertText": {"kind": "snippet", "value": "cd"}}), "cd"),
    ],
)
def test_a_suggestion_holds_where_what_was_typed_agrees(editor: Neovim, arguments: tuple[Any, ...], rest: str) -> None:
    assert editor.lua(RESTS, *arguments) == rest


def test_edits_of_one_file_are_counted_in_the_text_before(editor: Neovim) -> None:
    edits = [
        {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 2}}, "newText": "second"},
        {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "newText": "new\n"},
        {"range": {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 0}}, "newText": "last\n"},
    ]
    code = "return require('twolane.workspace_edit').edited(...)"
    assert editor.lua(code, ["a", "bb"], edits, "utf-16") == "new\na\nsecond\nlast\n"


def test_a_silence_is_told_in_one_sentence(editor: Neovim) -> None:
    request = {"shown": False, "reason": "The cursor stands inside a character."}
    sentence = editor.lua("return require('twolane.explain').sentence(...)", request)
    assert sentence == "Nothing was shown: The cursor stands inside a character."


def test_a_request_is_told_with_its_place_and_in_words(editor: Neovim) -> None:
    words = {"filters": ["lines that stand below already (23 characters less)"], "checks": ["syntax: nothing wrong"]}
    request = {"shown": True, "path": "a.py", "line": 3, "column": 5, "at": 0, "lane": "near", "model": "m"}
    request |= {"words": words, "filters": ["lines below (-23)"]}
    told = editor.lua("return require('twolane.explain').lines({ ... })", request)
    assert any(line.startswith("a.py:3:5, ") for line in told)
    assert "  lines that stand below already (23 characters less)" in told
    assert told[told.index("Looked at as code") + 1] == "  syntax: nothing wrong"


@pytest.mark.parametrize(
    ("state", "off", "line"),
    [
        ({"lane": "near", "model": "m", "state": "ready", "spent": 0}, False, "near · m"),
        ({"lane": "team", "model": "m", "state": "ready", "spent": 0.125}, False, "team · m · $0.13"),
        ({"lane": "near", "model": "", "state": "loading", "spent": 0}, False, "near · loading"),
        ({"lane": "near", "model": "m", "state": "paused", "spent": 0}, False, "near · m · paused"),
        ({"lane": "near", "model": "m", "state": "ready", "spent": 0}, True, "near · m · off here"),
    ],
)
def test_the_statusline_names_what_is_not_as_usual(editor: Neovim, state: Any, off: bool, line: str) -> None:
    assert editor.lua("return require('twolane.status').line(...)", state, off) == line


def test_trust_is_a_folder_with_all_that_lies_in_it(editor: Neovim, tmp_path: Path) -> None:
    trusted = "return require('twolane.find').trusted(...)"
    inside = tmp_path / "mine" / "project"
    beside = tmp_path / "mine-not"
    for folder in (inside, beside):
        folder.mkdir(parents=True)
    (tmp_path / "mine" / "way-out").symlink_to(beside)
    assert editor.lua(trusted, str(inside), [str(tmp_path / "mine")]) is True
    assert editor.lua(trusted, str(beside), [str(tmp_path / "mine")]) is False
    assert editor.lua(trusted, str(tmp_path / "mine" / "way-out"), [str(tmp_path / "mine")]) is False
    assert editor.lua(trusted, str(inside), False) is False


def test_the_manual_is_found(editor: Neovim) -> None:
    plugin = editor.lua("return vim.api.nvim_get_runtime_file('doc/twolane.txt', false)[1]")
    text = Path(plugin).read_text()
    for tag in ("twolane-keys", ":Twolane-explain", "twolane.status()", "twolane-settings.completion.multiline"):
        assert f"*{tag}*" in text
    editor.command("help twolane-settings.completion.multiline")
    assert "completion.multiline" in editor.line()
    longest = max(text.splitlines(), key=len)
    assert len(longest) < 120, longest
