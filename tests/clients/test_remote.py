"""What clients of models elsewhere share, and the cutting of prompts, as functions of their input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twolane.clients.engine import families
from twolane.clients.errors import AnswerGarbled
from twolane.clients.model import Extra, InfillRequest
from twolane.clients.openai_compatible import family_names, prompt
from twolane.clients.remote import address, conformity
from twolane.clients.remote.pieces import Whole
from twolane.server.config import settings

EDITS = {
    "$defs": {
        "edit": {"type": "object", "properties": {"line": {"type": "integer", "minimum": 1}}, "required": ["line"]}
    },
    "type": "object",
    "properties": {
        "edits": {"type": "array", "items": {"$ref": "#/$defs/edit"}, "maxItems": 2},
        "kind": {"enum": ["small", "large"]},
        "note": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
    },
    "required": ["edits"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"edits": []}, ""),
        ({"edits": [{"line": 1}, {"line": 2.0, "more": 1}], "kind": "small", "note": None}, ""),
        ({"edits": [{"line": 0}]}, "$.edits[0].line"),
        ({"edits": [{"line": True}]}, "$.edits[0].line"),
        ({"edits": [{}]}, "$.edits[0].line"),
        ({"edits": [1, 2, 3]}, "$.edits"),
        ({"edits": [], "kind": "huge"}, "$.kind"),
        ({"edits": [], "note": "long"}, "$.note"),
        ({"edits": [], "secret": 1}, "$.*"),
        ({}, "$.edits"),
        ([], "$"),
    ],
)
def test_the_first_place_that_does_not_fit_is_named(value: object, place: str) -> None:
    assert conformity.misfit(value, EDITS) == place


def test_a_schema_that_refers_to_itself_ends() -> None:
    assert conformity.misfit({}, {"$ref": "#"}) == "$"
    tree: dict[str, Any] = {"type": "array", "items": {"$ref": "#"}}
    assert conformity.misfit([[[]], []], tree) == ""
    with pytest.raises(AnswerGarbled):
        conformity.check("[" * 100_000, tree, "host")


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=8))
def test_characters_that_were_split_come_whole(texts: list[str]) -> None:
    units = "".join(texts).encode("utf-16-le")
    halves = [units[start : start + 2].decode("utf-16-le", "surrogatepass") for start in range(0, len(units), 2)]
    whole = Whole()
    shown = [whole.feed(half) for half in halves] + [whole.end()]
    assert "".join(shown) == "".join(texts)
    for piece in shown:
        piece.encode()


def test_half_a_character_is_replaced() -> None:
    whole = Whole()
    assert whole.feed("a\ud83d") + whole.feed("b\ude00") + whole.feed("\ud83d") + whole.end() == "a�b��"


@pytest.mark.parametrize(
    ("url", "clean", "host", "loopback"),
    [
        ("https://models.example.com/v1/", "https://models.example.com", "models.example.com", False),
        (
            "https://models.example.com:8443/llm/v1",
            "https://models.example.com:8443/llm",
            "models.example.com:8443",
            False,
        ),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://localhost:8000/", "http://localhost:8000", "localhost:8000", True),
        ("http://[::1]:8000", "http://[::1]:8000", "[::1]:8000", True),
    ],
)
def test_an_address_is_told_apart(url: str, clean: str, host: str, loopback: bool) -> None:
    assert address.parse(url, "team.url") == address.Address(clean, host, loopback)


@given(st.integers(64, 5000), st.integers(0, 3000), st.integers(0, 3000), st.lists(st.integers(0, 900), max_size=4))
def test_what_is_cut_fits_and_stands_next_to_the_cursor(room: int, before: int, after: int, others: list[int]) -> None:
    extras = tuple(Extra(f"{number}.py", "e" * size) for number, size in enumerate(others))
    prefix, suffix = ("line of text\n" * 300)[:before], ("after it all\n" * 300)[:after]
    request = InfillRequest(prefix, suffix, "a.py", "w", "r", extras)
    cut = prompt.fitted(request, room)
    left = len(cut.prefix) + len(cut.suffix) + sum(len(extra.path) + len(extra.text) for extra in cut.extras)
    whole = before + after + sum(len(extra.path) + len(extra.text) for extra in extras)
    assert left <= max(room, 0) or left == whole <= room
    assert prefix.endswith(cut.prefix)
    assert suffix.startswith(cut.suffix)
    assert cut.extras == extras[: len(cut.extras)]
    assert whole > room or cut == request


def test_the_room_is_learnt() -> None:
    room = prompt.Room(1000)
    guess = room.chars(100)
    room.learn(4000, 1000)
    assert room.chars(100) > guess
    room.overrun()
    assert room.chars(100) < 900 * 3.6
    assert prompt.Room(0).chars(100) == 0


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Qwen/Qwen2.5-Coder-7B", families.QWEN),
        ("qwen3-coder:30b", families.QWEN),
        ("bigcode/starcoder2-3b", families.STARCODER2),
        ("starcoderbase-1b", families.STARCODER),
        ("codestral-22b-v0.1", families.CODESTRAL),
        ("deepseek-coder-6.7b-base", families.DEEPSEEK),
        ("google/codegemma-2b", families.CODEGEMMA),
        ("Seed-Coder-8B-Base", families.SEED_CODER),
        ("granite-4.0-h-tiny-base", families.GRANITE_4),
        ("granite-8b-code-base", families.GRANITE),
        ("twolane-starter", families.STARTER),
        ("llama-3-70b", None),
    ],
)
def test_a_family_is_found_by_name(name: str, family: families.Family | None) -> None:
    assert family_names.guessed(name) is family


def test_every_family_can_be_named_in_the_settings() -> None:
    choices = dict(settings.options())["team.family"].metadata["choices"]
    assert choices == ("", *family_names.NAMES)
    assert all(family_names.named(name) is not None for name in family_names.NAMES)


def test_errors_of_conformity_quote_nothing() -> None:
    with pytest.raises(AnswerGarbled) as garbled:
        conformity.check(json.dumps({"edits": [], "my secret": "hidden"}), EDITS, "host")
    assert "secret" not in str(garbled.value)
