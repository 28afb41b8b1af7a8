"""Secrets replaced on the way out and put back on the way in."""

from __future__ import annotations

import base64
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.routing.test_secrets import CLOSE, OPEN, draw, templates
from twolane.clients.chat import Block, ChatRequest, Turn
from twolane.routing.egress import covered, uncovered
from twolane.routing.secrets.scan import scan
from twolane.routing.secrets.veil import Veil

PLANTED = [
    *list(templates().items())[::4],
    ("split", 'a = "⟨ghp_{n:12}⟩" + "⟨{n:24}⟩"'),
    ("lines", "export A=⟨ghp_{n:12}⟩\\\\n⟨{n:24}⟩"),
    ("pem", "-----BEGIN PRIVATE KEY-----\\n⟨{b:64}⟩\\n⟨{b:64}⟩\\n-----END PRIVATE KEY-----"),
    ("openssh", "-----BEGIN OPENSSH PRIVATE KEY-----\\n⟨{b:70}⟩\\n⟨{b:20}⟩\\n-----END OPENSSH PRIVATE KEY-----"),
    ("address", "postgres://app:⟨k3llerw0rm⟩@db/app"),
]


def marked_pieces(marked: str) -> list[str]:
    return [piece for found in re.findall(f"{OPEN}(.*?){CLOSE}", marked, re.DOTALL) for piece in found.split("\n")]


def test_of_sixty_planted_secrets_nothing_leaves() -> None:
    veil = Veil()
    marked = [draw(template, kind) for kind, template in PLANTED]
    assert len(marked) >= 60
    text = "\n\nx = 1\n".join(re.sub(f"[{OPEN}{CLOSE}]", "", one) for one in marked)
    covered = veil.cover(text)
    assert [piece for one in marked for piece in marked_pieces(one) if piece and piece in covered] == []
    assert veil.restore(covered) == text


def test_lines_and_quotes_stay_where_they_are() -> None:
    text = draw('a = (\n    "ghp_{n:12}"\n    "{n:24}"\n)\nb = 2\n', "lines")
    covered = Veil().cover(text)
    assert covered != text
    assert re.sub(r"Veiled_\w+", "", covered) == 'a = (\n    ""\n    ""\n)\nb = 2\n'


def test_the_same_secret_has_the_same_placeholder_in_one_session_and_not_in_another() -> None:
    key = draw("ghp_{n:36}", "stable")
    veil = Veil()
    one, two = veil.cover(f'a = "{key}"'), veil.cover(f'other("{key}")')
    (placeholder,) = re.findall(r"Veiled_\w+", one)
    assert placeholder in two
    assert placeholder not in Veil().cover(f'a = "{key}"')
    assert key not in repr(veil)


def test_text_that_looks_like_a_placeholder_comes_back_as_it_was() -> None:
    veil = Veil()
    (placeholder,) = re.findall(r"Veiled_\w+", veil.cover(draw("ghp_{n:36}", "look")))
    text = f"{placeholder} {placeholder}0 x{placeholder} {placeholder[:-1]}"
    assert veil.restore(veil.cover(text)) == text


def test_a_placeholder_that_nobody_made_stays() -> None:
    veil = Veil()
    (placeholder,) = re.findall(r"Veiled_\w+", veil.cover(draw("ghp_{n:36}", "made up")))
    made_up = placeholder[:-4] + "zzzz"
    assert veil.restore(made_up) == made_up


def test_a_stream_is_restored_however_it_is_cut() -> None:
    veil = Veil()
    text = "".join(draw('k{d:1} = "ghp_{n:36}" # Veiled_ and V\n', f"stream {number}") for number in range(5)) + "Veil"
    covered = veil.cover(text)
    for seed in range(200):
        chance = random.Random(seed)
        restorer, answer, at = veil.restorer(), "", 0
        while at < len(covered):
            step = chance.randint(1, 25)
            answer += restorer.feed(covered[at : at + step])
            at += step
        assert answer + restorer.end() == text


def test_what_cannot_be_a_placeholder_is_passed_on_at_once() -> None:
    restorer = Veil().restorer()
    assert restorer.feed("plain text") == "plain text"
    assert restorer.feed("Veiled_ no") == "Veiled_ no"


SECRET_TEXT = st.sampled_from([template for _, template in PLANTED]).flatmap(
    lambda template: st.integers(0, 10_000).map(lambda seed: re.sub(f"[{OPEN}{CLOSE}]", "", draw(template, str(seed))))
)


@given(st.lists(st.one_of(st.text(max_size=40), SECRET_TEXT, st.just("Veiled_")), max_size=8))
def test_what_was_covered_is_restored_exactly(pieces: list[str]) -> None:
    veil = Veil()
    text = "".join(pieces)
    covered = veil.cover(text)
    assert veil.restore(covered) == text
    assert covered.count("\n") == text.count("\n")
    again = veil.cover(covered)
    assert veil.restore(veil.restore(again)) == text


@pytest.mark.parametrize("text", ["", "\n", "plain", "\ud800", "Veiled_"])
def test_text_without_secrets_is_left_as_it_is(text: str) -> None:
    assert Veil().cover(text) == text


def test_what_was_a_secret_once_is_one_wherever_it_stands() -> None:
    veil = Veil()
    secret = draw("{n:14}9", "again")
    (placeholder,) = re.findall(r"Veiled_\w+", veil.cover(f'password = "{secret}"'))
    assert veil.cover(f"call({secret})") == f"call({placeholder})"
    body = draw("{b:64}\n{b:64}\n{b:64}", "lines")
    veil.cover(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----")
    middle = body.split("\n")[1]
    covered = veil.cover(f"    {middle}\n")
    assert middle not in covered
    assert veil.restore(covered) == f"    {middle}\n"


def test_half_a_key_at_the_edge_of_a_window_is_one_too() -> None:
    key = draw("ghp_{n:36}", "edge")
    veil = Veil()
    before, after = veil.cover_around(f'{key[12:]}", 1)\nx = ', f' + 1\ny = "{key[:24]}', edges=True)
    assert key[12:] not in before
    assert key[:24] not in after
    assert (veil.restore(before), veil.restore(after)) == (f'{key[12:]}", 1)\nx = ', f' + 1\ny = "{key[:24]}')
    plain = "import os\n\n\ndef total_of_items(items):\n", "    return sum2(items)\n"
    assert veil.cover_around(*plain, edges=True) == plain


@pytest.mark.parametrize("template", ["ghp_{n:36}", "sk-ant-api03-{n:93}AA", "-----BEGIN PRIVATE KEY-----\n{b:64}\n"])
def test_a_key_in_base64_is_one_too(template: str) -> None:
    hidden = base64.b64encode(draw(template, "encoded").encode()).decode()
    veil = Veil()
    for text in (f'KEY = "{hidden}"\n', f"data:\n  key: {hidden}\n", f"x={hidden[:76]}\n{hidden[76:]}\n"):
        covered = veil.cover(text)
        assert hidden[:24] not in covered
        assert hidden[24:48] not in covered
        assert veil.restore(covered) == text
    words = base64.b64encode(b"nothing but some words, and more of them").decode()
    assert veil.cover(f'TEXT = "{words}"') == f'TEXT = "{words}"'


def test_what_a_model_put_into_words_is_hidden_when_a_task_sends_it_back() -> None:
    veil = Veil()
    assert "k3llerw0rm" not in veil.cover("postgres://app:k3llerw0rm@db/app")
    told = "1. Lines 3-3, error: The password k3llerw0rm stands in the code."
    assert scan(told) == []
    request = ChatRequest("m", (Block("Judge these."),), (Turn("user", (Block(told),)),), 100)
    sent = covered(request, veil)
    (block,) = sent.turns[0].blocks
    assert "k3llerw0rm" not in block.text
    assert uncovered(block.text, veil) == told
    assert sent.system == request.system


def test_a_text_that_was_covered_before_is_looked_at_again_when_more_is_known() -> None:
    veil, plain = Veil(), "the deploy script calls it with kX93mQz7Lw21 as its second word\n"
    assert veil.cover(plain) == veil.cover(plain) == plain
    veil.cover('password = "kX93mQz7Lw21"')
    assert "kX93mQz7Lw21" not in veil.cover(plain)
    assert veil.restore(veil.cover(plain)) == plain
