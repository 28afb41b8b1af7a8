"""A word that the cursor stands in is written anew; other answers than the likeliest come from beside it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients.conftest import ask, engine, request, spec
from twolane.clients.engine.endpoint import Endpoint
from twolane.clients.engine.healing import MOST_TOKENS, Healing
from twolane.clients.model import InfillRequest

WORDS = [b"", b"conf", b"config", b"c", b"on", b"confirm", b" conf", b"_", b"x", b"\xc3", b"\xa9", b"\xc3\xa9t"]
TEXT = '"""Settings."""\n\nimport json\nfrom pathlib import Path\n\n\ndef read_settings(path: Path):\n    return '


@pytest.fixture
def healing() -> Healing:
    return Healing(len(WORDS), WORDS.__getitem__, lambda token: token == 8)


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        (b"conf", {b"conf", b"config", b"confirm"}),
        (b"config", {b"config"}),
        (b"co", {b"conf", b"config", b"c", b"confirm"}),
        (b"on", {b"on"}),
        (b" co", {b" conf"}),
        (b"x", set()),
        (b"\xc3\xa9", {b"\xc3", b"\xc3\xa9t"}),
    ],
)
def test_which_tokens_agree(healing: Healing, text: bytes, spelt: set[bytes]) -> None:
    assert {WORDS[token] for token in healing.agreeing(text)} == spelt


@pytest.mark.parametrize("text", [b"conf", b"config", b"con", b"_c", b"\xc3\xa9"])
def test_no_choice_leads_where_none_is_left(healing: Healing, text: bytes) -> None:
    rests = [text]
    while rests:
        rest = rests.pop()
        assert len(healing.agreeing(rest)), rest
        rests += [rest[len(WORDS[token]) :] for token in healing.agreeing(rest) if len(WORDS[token]) < len(rest)]


@pytest.mark.parametrize(
    ("text", "tokens", "taken"),
    [
        ("a conf", [2, 6], (1, b" conf")),
        ("a.conf", [2, 1], (1, b"conf")),
        ("con", [3, 4], (2, b"con")),
        ("conf(", [1, 7], (0, b"")),
        ("conf ", [1], (0, b"")),
        ("", [], (0, b"")),
        ("é", [9, 10], (2, "é".encode())),
        ("other", [1], (0, b"")),
    ],
)
def test_what_is_taken_back(healing: Healing, text: str, tokens: list[int], taken: tuple[int, bytes]) -> None:
    assert healing.take_back(text, tokens) == taken


def test_of_a_long_word_only_the_end_is_taken_back(healing: Healing) -> None:
    count, spelt = healing.take_back("c" * 20, [3] * 20)
    assert (count, spelt) == (MOST_TOKENS, b"c" * MOST_TOKENS)


def test_no_letter_is_taken_back_by_half(healing: Healing) -> None:
    count, spelt = healing.take_back("cééc", [3, 9, 10, 9, 10, 3])
    assert (count, spelt) == (5, "ééc".encode())


def wanted(prefix: str, **changed: object) -> InfillRequest:
    return replace(request(prefix, max_tokens=16), stop=("\n",), **changed)  # type: ignore[arg-type]


async def test_the_answer_goes_on_from_within_a_word(place: Endpoint, starter: Path) -> None:
    async with engine(spec(starter), place) as local:
        await local.info()
        whole, _ = await ask(local, wanted(TEXT, heals=False))
        (word,) = re.findall(r"^\w+", whole)
        assert len(word) > 2
        for cut in range(1, len(word) + 1):
            healed, usage = await ask(local, wanted(TEXT + word[:cut]))
            assert (word[:cut] + healed).startswith(word)
            assert usage.evaluated_tokens <= 2, "the prompt of a word being typed does not change"


async def test_what_is_healed_does_not_depend_on_what_was_read_before(place: Endpoint, starter: Path) -> None:
    prefixes = [TEXT + "json.lo"[:end] for end in (2, 4, 6, 7)]
    async with engine(spec(starter), place) as local:
        await local.info()
        warm = [(await ask(local, wanted(prefix)))[0] for prefix in prefixes]
        fresh = [(await ask(local, wanted(prefix, workspace=prefix)))[0] for prefix in prefixes]
    assert warm == fresh


async def test_alternatives_begin_differently_and_are_written_together(place: Endpoint, starter: Path) -> None:
    async with engine(spec(starter, slots=3), place) as local:
        await local.info()
        first, usage = await ask(local, wanted(TEXT))
        more = await asyncio.gather(*(ask(local, wanted(TEXT, alternative=number)) for number in (1, 2)))
        again = await asyncio.gather(*(ask(local, wanted(TEXT, alternative=number)) for number in (1, 2)))
    texts = [first, *(text for text, _ in more)]
    assert len(set(texts)) == 3
    assert [text for text, _ in again] == texts[1:]
    assert all(spent.evaluated_tokens < usage.prompt_tokens / 4 for _, spent in again)


@pytest.mark.parametrize("change", [lambda one: replace(one, document="file:///elsewhere/a.py"), lambda one: one])
async def test_files_of_one_name_in_no_workspace_do_not_share_a_sequence(
    place: Endpoint, starter: Path, change: Callable[[InfillRequest], InfillRequest]
) -> None:
    async with engine(spec(starter), place) as local:
        await local.info()
        here = replace(wanted(TEXT), workspace="", document="file:///here/a.py")
        await ask(local, here)
        other = change(replace(here, prefix="import os\n\nos.pa"))
        await ask(local, other)
        _, back = await ask(local, here)
    alone = other.document != here.document
    assert (back.reused_tokens >= back.prompt_tokens - 2) == alone
