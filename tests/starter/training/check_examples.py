"""The examples that are learnt from: what the engine would be sent, without what is hidden, with the names wanted."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.starter.conftest import MODEL
from twolane.clients.engine.families import STARTER
from twolane.clients.engine.healing import Healing
from twolane.clients.engine.library import Library
from twolane.clients.engine.llama import Model
from twolane.clients.engine.prompt import Prompt, PromptBuilder
from twolane.clients.engine.spelling import Spelling
from twolane.clients.model import InfillRequest
from twolane.completion import extras, window
from twolane.context.document import Snapshot
from twolane.context.snippet import Snippet
from twolane.starter import shards
from twolane.starter.asking import MAX_TOKENS, Asker, Sizes
from twolane.starter.corpus import Source
from twolane.starter.examples import Drawing, Order, make, orders
from twolane.starter.holes import Lines, draw
from twolane.starter.tokenizer import Vocabulary
from twolane.starter.workspaces import opened

WINDOWS = ((640, 1.0),)
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "juniper", "kelp", "larch")
PRICES = "\n\n".join(f"def {word}_price(quantity):\n    return quantity * {len(word)}\n" for word in WORDS)
ORDER = """def order_{0}(count, unit_{0}):
    wanted_{0} = count + unit_{0}
    return {0}_price(wanted_{0})
"""
IMPORTS = "from .prices import " + ", ".join(f"{word}_price" for word in WORDS)
ORDERS = IMPORTS + "\n\n\n" + "\n\n".join(map(ORDER.format, WORDS))
SOURCES = [Source("shop", "shop/prices.py", PRICES), Source("shop", "shop/orders.py", ORDERS)]


class Recording(Asker):
    """Asks as always, and remembers what it was asked."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__(vocabulary)
        self.asked: list[tuple[Snapshot, int, Sequence[Snippet], Sizes, bool, bool]] = []

    def ask(
        self,
        snapshot: Snapshot,
        offset: int,
        snippets: Sequence[Snippet],
        sizes: Sizes,
        *,
        usual_order: bool = False,
        bare: bool = False,
        heals: bool = True,
    ) -> Prompt:
        self.asked.append((snapshot, offset, snippets, sizes, usual_order, bare))
        return super().ask(snapshot, offset, snippets, sizes, usual_order=usual_order, bare=bare, heals=heals)


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vocabulary") / "vocabulary.json"
    Vocabulary.from_gguf(MODEL).save(path)
    return path


@pytest.fixture(scope="module")
def engine() -> Iterator[PromptBuilder]:
    """The builder as the engine makes it for the model that ships."""
    model = Model(Library(), MODEL, 0, lambda _: None)
    spelling = Spelling(model, STARTER)
    yield PromptBuilder(
        STARTER,
        model.tokenize,
        model.special,
        model.begin,
        lines_apart=model.byte_level,
        take_back=Healing(model.vocabulary_size, spelling.piece, spelling.ends).take_back,
    )
    model.close()


def test_a_prompt_is_what_the_engine_is_sent(vocabulary: Path, engine: PromptBuilder) -> None:
    words = Vocabulary.load(vocabulary)
    asker = Recording(words)
    rng = random.Random(1)
    compared = 0
    with opened("shop", SOURCES) as package:
        drawing = Drawing(package, asker, WINDOWS, rng)
        while compared < 40:
            source = rng.choice(SOURCES)
            hole = draw(Lines(source.text), rng, "rest-of-line")
            example = drawing.example(source, hole) if hole else None
            if hole is None or example is None:
                continue
            snapshot, offset, snippets, sizes, usual_order, bare = asker.asked[-1]
            view = window.cut(snapshot.text, offset, *window.budget(sizes.window, MAX_TOKENS, sizes.context))
            request = InfillRequest(
                prefix=view.before,
                suffix="" if bare else view.after,
                path=snapshot.path,
                workspace=snapshot.workspace,
                repository=snapshot.repository,
                extras=extras.group(tuple(snippets)),
            )
            prompt = engine.build(request, sizes.window - MAX_TOKENS)
            if not usual_order:
                assert example.ids[: example.middle] == prompt.tokens
                said = b"".join(map(words.piece, example.ids[example.middle :]))
                assert said.decode() == prompt.taken.decode() + source.text[hole.start : hole.end]
                assert example.ids[-1] == words.control(0)
                compared += 1


def made(vocabulary: Path, out: Path, naming: float = 0.0) -> list[tuple[str, str]]:
    """Prompts and answers, spelled out."""
    words = Vocabulary.load(vocabulary)
    total = make(Order("shop", SOURCES, 30_000, out / "shop.npz", vocabulary, WINDOWS, 5, naming))
    examples = list(shards.read(out))
    assert total == sum(len(one.ids) for one in examples) >= 30_000
    assert max(len(one.ids) for one in examples) <= WINDOWS[0][0]

    def spelled(ids: Sequence[int]) -> str:
        return b"".join(words.piece(int(token)) for token in ids).decode()

    return [(spelled(one.ids[: one.middle]), spelled(one.ids[one.middle : -1])) for one in examples]


def test_what_is_hidden_is_nowhere_in_the_prompt(vocabulary: Path, tmp_path: Path) -> None:
    found = made(vocabulary, tmp_path)
    alone = {f"wanted_{word}" for word in WORDS}
    hidden = [(prompt, name) for prompt, answer in found for name in alone if answer.count(name) == 2]
    assert len(hidden) > 3
    for prompt, name in hidden:
        assert name not in prompt


def test_the_share_of_holes_that_name_what_other_files_say_is_kept(vocabulary: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    for naming in (0.0, 1.0):
        out = tmp_path / str(naming)
        out.mkdir()
        found = made(vocabulary, out, naming)
        telling = ["_price" in answer and "_price(quantity" in prompt for prompt, answer in found]
        shares.append(sum(telling) / len(telling))
    assert shares[0] < 0.6
    assert shares[1] == 1


def test_tokens_are_shared_out_and_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    sources = [*SOURCES, Source("tiny", "tiny.py", PRICES)]
    first = orders(sources, 1000, tmp_path, tmp_path / "vocabulary.json", WINDOWS, 1)
    assert {one.name for one in first} == {"shop", "tiny"}
    assert 990 <= sum(one.tokens for one in first) <= 1000
    (tmp_path / "shop.npz").touch()
    assert [one.name for one in orders(sources, 1000, tmp_path, tmp_path / "v.json", WINDOWS, 1)] == ["tiny"]
