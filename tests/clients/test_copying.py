"""What followed the same text before is said again by a small model: whole, to the line's end, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import gguf_factory
from tests.clients.test_job import Listener
from tests.clients.test_reuse import asking
from twolane.clients.engine.copying import Copying, Pieces
from twolane.clients.engine.families import QWEN, STARTER, Family
from twolane.clients.engine.healing import Healing
from twolane.clients.engine.job import Job
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model, Sequences
from twolane.clients.engine.parking import Parking
from twolane.clients.engine.prompt import PromptBuilder
from twolane.clients.engine.runner import Runner
from twolane.clients.engine.spelling import Spelling
from twolane.clients.model import Extra, InfillRequest, Usage

HEAD, TAIL = "    total = add_up(prices, a", "mounts, taxes)\n"
LINE, REST = HEAD + TAIL, TAIL.encode()


def follows(before: str, after: str = "", said: str = "", taken: bytes = b"", extras: tuple[str, ...] = ()) -> bytes:
    request = replace(asking(before, after), extras=tuple(Extra(f"{text}.py", text) for text in extras))
    copying = Copying(request, taken)
    copying.said(said.encode())
    return copying.follows()


@pytest.mark.parametrize(
    ("before", "after", "extras"),
    [(LINE + "\n" + HEAD, "", ()), (HEAD, "\n" + LINE, ()), (HEAD, "", ("first = 1\n" + LINE,))],
    ids=["above", "below", "in another file"],
)
def test_what_stood_behind_the_same_text_is_found_in_all_that_is_shown(
    before: str, after: str, extras: tuple[str, ...]
) -> None:
    assert follows(before, after, extras=extras).startswith(REST)


def test_what_the_answer_said_counts_and_is_not_copied_itself() -> None:
    assert follows(LINE + HEAD, said="mounts, ").startswith(b"taxes)\n" + HEAD.encode())
    assert follows("x = 1\n", said=LINE + HEAD) == b""


def test_where_the_nearest_places_go_on_otherwise_only_what_they_share_is_told() -> None:
    other = LINE.replace("taxes", "rates")
    assert follows(LINE + other + HEAD) == b"mounts, "
    assert follows(other + 3 * LINE + HEAD).startswith(REST)


def test_a_beginning_that_says_little_is_no_reason_to_copy() -> None:
    assert follows(LINE + "    total = add_up(") == b""
    assert follows("x = 1\n" + " " * 90 + "y = 2\n" + " " * 90) == b""
    assert follows(LINE + LINE + LINE[:1]).startswith(LINE[1:].encode())


def test_what_two_parts_hold_together_is_not_one_text() -> None:
    assert follows("amounts, taxes)\n", "", extras=(LINE[:20], "    total = add_up(prices, amounts, taxes)")) == b""
    assert follows(HEAD, "", extras=(HEAD,)) == b""


def test_a_word_that_is_taken_back_is_copied_with_it() -> None:
    assert follows(LINE + HEAD, taken=HEAD[-1:].encode()).startswith(HEAD[-1:].encode() + REST)


def test_letters_of_several_bytes_and_halves_of_them_are_copied_as_they_are() -> None:
    line = "größe = berechne_größe(länge, höhe, gewicht)\n"
    assert follows(line + line[:30]).startswith(line[30:].encode())
    assert follows("\ud800" + line + line[:30]).startswith(line[30:].encode())


def test_a_text_is_spelt_with_the_longest_tokens_there_are() -> None:
    words = [b"", b"re", b"return", b"r", b"e", b"t", b" x", b"<end>"]
    pieces = Pieces(len(words), words.__getitem__, lambda token: token == 7)
    assert pieces.first(b"return x") == 2
    assert pieces.first(b"<end>") is None
    assert pieces.first(b"") is None
    assert pieces.spell(b"retreturn xyz", 9) == [1, 5, 2, 6]
    assert pieces.spell(b"retreturn xyz", 2) == [1, 5]


class Engine:
    """A runner over the real model, in this process, that copies or does not know how to."""

    def __init__(self, model: Model, family: Family, *, copies: bool = True) -> None:
        self.spelling = Spelling(model, family)
        self.sequences = Sequences(
            model,
            context_tokens=1024,
            slots=1,
            threads=1,
            batch_tokens=256,
            movable=False,
            flash_attention="off",
            full_precision=True,
        )
        vocabulary = model.vocabulary_size, self.spelling.piece, self.spelling.ends
        self.healing = Healing(*vocabulary)
        self.runner = Runner(
            PromptBuilder(family, model.tokenize, model.special, model.begin, take_back=self.healing.take_back),
            self.spelling,
            self.sequences,
            slots=1,
            threads=lambda: 1,
            parking=Parking(1 << 24),
            healing=self.healing,
            pieces=Pieces(*vocabulary) if copies else None,
        )

    def answer(self, request: InfillRequest) -> tuple[str, Usage]:
        listener = Listener()
        self.runner.submit(Job(request, listener))
        while self.runner.busy:
            self.runner.step()
        assert listener.usage is not None
        return "".join(listener.pieces), listener.usage

    def close(self) -> None:
        self.sequences.close()


@pytest.fixture(scope="module", params=[STARTER, QWEN], ids=lambda family: family.name)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("models") / "random.gguf"
    model = Model(Library(), gguf_factory.write(path, endless=True, context=1024), 0, lambda _: None)
    engine = Engine(model, request.param)
    yield engine
    engine.close()
    model.close()


def copied(before: str, most: int = 30) -> InfillRequest:
    return replace(asking(before, "\n", most=most), copies=True)


def test_a_model_that_knows_nothing_says_what_stood_there_before(engine: Engine) -> None:
    said, usage = engine.answer(copied("x = 1\n" + LINE + "y = 2\n" + HEAD))
    assert said.startswith("mounts, taxes)\n")
    assert usage.copied_tokens > 10
    assert usage.accepted_tokens > 10


def test_where_nothing_is_to_be_copied_or_wanted_the_model_speaks_alone(engine: Engine) -> None:
    request = copied("x = 1\n" + LINE + "y = 2\n" + HEAD)
    alone, usage = engine.answer(replace(request, copies=False))
    assert not alone.startswith("mounts")
    assert usage.copied_tokens == 0
    other, usage = engine.answer(replace(request, alternative=1))
    assert not other.startswith("mounts")
    assert usage.copied_tokens == 0
    new = replace(request, prefix="nothing like it was ever seen = ")
    assert engine.answer(new)[0] == engine.answer(replace(new, copies=False))[0]


def test_another_place_is_followed_before_what_is_shown_as_long_as_the_answer_is_what_it_says() -> None:
    copying = Copying(replace(asking(LINE + HEAD, ""), onward="verages)\nreturn total\n"), b"")
    assert copying.follows() == b"verages)\nreturn total\n"
    copying.said(b"verages)")
    assert copying.follows() == b"\nreturn total\n"
    other = Copying(replace(asking(LINE + HEAD, ""), onward="verages)\n"), b"")
    other.said(b"mounts, ")
    assert other.follows().startswith(b"taxes)\n"), "what is shown counts again"
    taken = Copying(replace(asking(LINE + HEAD, ""), onward="verages)\n"), b"a")
    assert taken.follows() == b"averages)\n"


@pytest.mark.parametrize(
    ("onward", "spelling", "ends", "instead"),
    [
        ("b)\n    c()\n", "\n", False, "b)\n    c()\n"),
        ("b)\n    c()\n", "", True, "b)\n    c()\n"),
        ("\n    c()\n", "", True, "\n    c()\n"),
        ("\n\ndef other():\n", "", True, ""),
        ("  \n\t\ndef other():\n", "", True, ""),
        ("\n\ndef other():\n", " x", False, "\n\ndef other():\n"),
    ],
    ids=[
        "a line goes on",
        "an answer goes on",
        "a block goes on",
        "a paragraph may be the end",
        "with blanks, too",
        "and goes on",
    ],
)
def test_another_place_says_where_lines_end_and_the_model_where_a_paragraph_is_the_end(
    onward: str, spelling: str, ends: bool, instead: str
) -> None:
    copying = Copying(replace(asking("f(a, ", ""), onward=onward), b"")
    assert copying.instead(spelling.encode(), ends=ends, taken=b"") == instead.encode()


def test_what_does_not_begin_with_the_word_that_was_taken_back_is_not_said() -> None:
    copying = Copying(replace(asking("f(al", ""), onward="pha)\n"), b"al")
    assert copying.instead(b"alter", ends=False, taken=b"al") == b"alpha)\n"
    assert copying.instead(b"alter", ends=False, taken=b"be") == b""


def test_a_model_that_knows_nothing_says_what_stands_elsewhere_to_its_end(engine: Engine) -> None:
    elsewhere = "mounts, taxes)\n    return total\n"
    request = replace(copied("x = 1\n" + HEAD, most=60), onward=elsewhere)
    said, usage = engine.answer(request)
    assert said.startswith(elsewhere[:-1])
    assert usage.copied_tokens > 10
    assert usage.accepted_tokens > 10
    alone, _ = engine.answer(replace(request, copies=False))
    assert not alone.startswith("mounts")


def test_the_cache_holds_what_was_said(engine: Engine) -> None:
    request = copied("x = 1\n" + LINE + "y = 2\n" + HEAD)
    first = engine.answer(request)[0]
    again, usage = engine.answer(request)
    assert again == first
    assert usage.evaluated_tokens < 8
    engine.runner.slots[0].clear()
    assert engine.answer(request)[0] == first


def test_a_trained_model_still_ends_the_line_and_the_answer(starter: Path) -> None:
    model = Model(Library(), starter, 0, lambda _: None)
    engine = Engine(model, STARTER)
    line = "    if width < 0:\n        raise ValueError('width')\n"
    before = f"def area(width, height):\n{line}    return width * height\n\n\ndef other(width, height):\n"
    said, usage = engine.answer(copied(before + line[:-15], most=60))
    assert said.startswith("Error('width')\n")
    assert usage.finish == "end"
    engine.close()
    model.close()
