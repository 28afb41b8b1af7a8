"""A prompt always fits; what is nearest to the cursor stays longest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gguf
import pytest

from tests import gguf_factory
from tests.clients.test_runner import Recorder, finish, runner
from twolane.clients.engine import prompt
from twolane.clients.engine.families import QWEN, STARTER, Family
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model
from twolane.clients.engine.prompt import PromptBuilder
from twolane.clients.errors import RequestRefused
from twolane.clients.model import Extra, InfillRequest

SPECIALS = {text: -1 - number for number, text in enumerate(dict.fromkeys((*QWEN.specials, *STARTER.specials)))}
SPELLED = {token: text for text, token in SPECIALS.items()}


def builder(family: Family = QWEN, begin: int | None = None) -> PromptBuilder:
    return PromptBuilder(family, lambda text: [ord(letter) for letter in text], SPECIALS.get, begin)


def request(prefix: str, suffix: str = "", *extras: Extra) -> InfillRequest:
    return InfillRequest(prefix, suffix, "p", "w", "r", extras=extras)


def spelled(tokens: list[int]) -> str:
    return "".join(SPELLED.get(token) or chr(token) for token in tokens)


def test_what_fits_is_left_alone() -> None:
    wanted = request("pre", "suf", Extra("o", "other"))
    expected = "".join(piece.text for piece in QWEN.render(wanted))
    assert spelled(builder().build(wanted, 200).tokens) == expected


def test_a_begin_token_opens_it_where_the_model_has_one() -> None:
    assert builder(begin=64).build(request("pre"), 100).tokens[0] == 64


def test_other_files_go_first_from_the_last_on() -> None:
    wanted = request("p" * 40, "s" * 20, Extra("a", "A" * 20), Extra("b", "B" * 20))
    text = spelled(builder().build(wanted, 110).tokens)
    assert "A" * 20 in text
    assert "B" not in text
    assert "p" * 40 in text
    assert "s" * 20 in text


def test_then_the_far_ends_of_suffix_and_prefix() -> None:
    lines = "".join(f"{number:04}\n" for number in range(400))
    text = spelled(builder().build(request(lines, lines), 1000).tokens)
    assert len(builder().build(request(lines, lines), 1000).tokens) <= 1000
    assert "0399\n<|fim_suffix|>0000\n0001" in text


def test_typing_seldom_moves_the_start_of_a_cut_prefix() -> None:
    long = "x" * 3000 + "".join(f"{number:04}\n" for number in range(200))
    starts = {
        spelled(builder().build(request(long + "y" * typed), 1000).tokens).split("<|fim_prefix|>")[1][:20]
        for typed in range(40)
    }
    assert len(starts) <= 2


def test_a_context_too_small_for_anything_is_refused_with_the_key_to_change() -> None:
    with pytest.raises(RequestRefused, match=r"near\.context_tokens"):
        builder().build(request("pre"), 5)


@pytest.mark.parametrize("text", ["def f(x):\n    return ", "one line\n" * 200])
def test_an_answer_as_long_as_the_context_leaves_half_of_it_to_the_prompt(text: str) -> None:
    cache = Recorder(context=512)
    (answer,) = finish(runner(cache), replace(request(text), max_tokens=1024, time_limit_ms=60_000))
    assert len("".join(answer.pieces)) >= 256
    assert answer.usage is not None
    assert answer.usage.finish == "length"
    assert answer.usage.prompt_tokens >= min(len(text), 192)
    assert len(cache.held[0]) <= 512


@pytest.fixture(scope="module")
def merges(starter: Path) -> list[str]:
    """Those of a vocabulary that was trained on code."""
    found: list[str] = gguf.GGUFReader(starter).fields["tokenizer.ggml.merges"].contents()
    return found


@pytest.mark.parametrize(
    "words",
    [
        "qwen2",
        "gpt-2",
        "starcoder",
        "granite-docling",
        "tekken",
        "deepseek-coder",
        "seed-coder",
        "llama-bpe",
        "default",
    ],
)
def test_tokens_of_remembered_chunks_are_those_of_the_whole_text(merges: list[str], tmp_path: Path, words: str) -> None:
    path = gguf_factory.write(tmp_path / "words.gguf", merges=merges, pre_tokenizer=words, width=16)
    model = Model(Library(), path, 0, lambda _: None)
    try:
        chunked = PromptBuilder(STARTER, model.tokenize, model.special, model.begin, lines_apart=model.byte_level)
        whole = PromptBuilder(STARTER, model.tokenize, model.special, model.begin)
        assert model.byte_level
        for file in sorted(Path(prompt.__file__).parent.glob("*.py"))[::4]:
            text = file.read_text("utf-8") + "    rates = [\n" + "        2.5,\n" * 200 + "    ]\n"
            for indent in ("    ", "\t", " "):
                code = text.replace("    ", indent)
                for end in range(len(code) % 997, len(code), 4_999):
                    wanted = request(code[:end], code[end:])
                    assert chunked.build(wanted, 100_000).tokens == whole.build(wanted, 100_000).tokens
    finally:
        model.close()


def test_typing_tokenizes_no_more_than_the_last_lines() -> None:
    lengths: list[int] = []

    def tokenize(text: str) -> list[int]:
        lengths.append(len(text))
        return [ord(letter) for letter in text]

    made = PromptBuilder(STARTER, tokenize, SPECIALS.get, None, lines_apart=True)
    body = "class A:\n" + "".join(f"    def f{number}(self):\n        return {number}\n\n" for number in range(200))
    made.build(request(body, "\n"), 100_000)
    lengths.clear()
    for typed in range(40):
        made.build(request(body + "    def " + "g" * typed, "\n"), 100_000)
    assert 0 < max(lengths) < 400


def test_suffix_first_keeps_everything_but_the_end_while_typing() -> None:
    first = builder(STARTER).build(request("def f", "rest"), 500).tokens
    second = builder(STARTER).build(request("def fo", "rest"), 500).tokens
    assert second[: len(first) - 1] == first[:-1]
