"""The vocabulary: any text comes back, control tokens are the last and never read out of text, words stay apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.starter.conftest import MODEL
from twolane.starter.corpus import Source
from twolane.starter.layout import CONTROL
from twolane.starter.runner import Runner
from twolane.starter.tokenizer import Vocabulary, train

CODE = "def total_price(items, currency):\n    return sum(item.price for item in items)  # 12 345\n"


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    sources = [Source("shop", "shop.py", CODE * 50), Source("shop", "own.py", Path(__file__).read_text("utf-8"))]
    return train(sources, 340, tmp_path_factory.mktemp("vocabulary") / "vocabulary.json")


def spelled(vocabulary: Vocabulary, text: str) -> bytes:
    return b"".join(map(vocabulary.piece, vocabulary.encode(text)))


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(vocabulary: Vocabulary, text: str) -> None:
    assert spelled(vocabulary, text) == text.encode("utf-8")


def test_control_tokens_are_the_last_and_no_text_becomes_one(vocabulary: Vocabulary) -> None:
    assert vocabulary.size == 340 == vocabulary.plain + len(CONTROL)
    assert vocabulary.tokens()[vocabulary.plain :] == list(CONTROL)
    assert [vocabulary.control(number) for number in range(len(CONTROL))] == list(range(333, 340))
    text = "".join(CONTROL)
    assert max(vocabulary.encode(text)) < vocabulary.plain
    assert spelled(vocabulary, text) == text.encode()
    assert vocabulary.piece(vocabulary.control(0)) == b""
    assert vocabulary.encode_segments([1, "a", 2])[:: len(vocabulary.encode("a")) + 1] == [334, 335]


def test_digits_stand_alone_and_words_of_the_corpus_are_one_token(vocabulary: Vocabulary) -> None:
    pieces = [vocabulary.piece(token) for token in vocabulary.encode("x items 12345\n")]
    assert pieces == [b"x", b" items", b" ", b"1", b"2", b"3", b"4", b"5", b"\n"]


def test_it_is_the_same_from_disk(vocabulary: Vocabulary, tmp_path: Path) -> None:
    vocabulary.save(tmp_path / "vocabulary.json")
    again = Vocabulary.load(tmp_path / "vocabulary.json")
    assert (again.tokens(), again.merges()) == (vocabulary.tokens(), vocabulary.merges())


@pytest.mark.parametrize("text", [CODE, "x = 'ä☃𝕏'\r\n\t\t# 3.14\n\n\nclass  A:pass", "    \n  a"])
def test_it_splits_as_llama_cpp_does(starter: Runner, text: str) -> None:
    assert Vocabulary.from_gguf(MODEL).encode(text) == starter.encode(text)
