"""Training examples are what the product would ask, and nothing of the hidden text is in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from twolane.starter import layout, workspaces
from twolane.starter.asking import Asker, Sizes
from twolane.starter.corpus import Source
from twolane.starter.holes import Hole
from twolane.starter.runner import Runner
from twolane.starter.tasks import NAMES_OTHERS, tasks

PRICE = "def total_price(items: list[int], *, currency: str) -> int:\n    return sum(items)\n"
CART = """from .price import total_price


class Cart:
    def total(self) -> int:
        return total_price(self.items, currency="EUR")

    def clear(self) -> None:
        self.items.clear()
"""
SOURCES = [Source("shop", "shop/price.py", PRICE), Source("shop", "shop/cart.py", CART)]


@pytest.fixture(scope="module")
def package() -> Iterator[workspaces.Package]:
    with workspaces.opened("shop", SOURCES) as opened:
        yield opened


def hole(hidden: str) -> Hole:
    start = CART.index(hidden)
    return Hole("rest-of-line", start, start + len(hidden))


def test_a_prompt_is_what_the_product_sends(package: workspaces.Package, starter: Runner) -> None:
    hidden = '(self.items, currency="EUR")'
    snapshot, offset = package.hide(SOURCES[1], hole(hidden), unimported=False)
    snippets = package.snippets(snapshot, offset, 200)
    assert "total_price" in snippets[0].text
    prompt = Asker(starter).ask(snapshot, offset, snippets, Sizes())
    before = CART[: CART.index(hidden)]
    taken = prompt.taken.decode()
    assert taken.endswith("price")
    wanted = layout.prompt(
        "shop",
        "shop/cart.py",
        [("shop/price.py", "\n".join(snippet.text for snippet in snippets))],
        before.removesuffix(taken),
        CART[CART.index(hidden) + len(hidden) :],
    )
    assert starter.decode(prompt.tokens) == starter.decode(starter.encode_segments(wanted))


def test_the_answer_begins_with_the_word_that_was_begun(package: workspaces.Package, starter: Runner) -> None:
    snapshot, offset = package.hide(SOURCES[1], hole("ems.clear()"), unimported=False)
    asker = Asker(starter)
    prompt = asker.ask(snapshot, offset, (), Sizes())
    assert prompt.taken.decode().endswith("it")
    answer = asker.answer(prompt, "ems.clear()")
    assert answer[-1] == starter.end
    assert starter.decode(answer[:-1]) == prompt.taken.decode() + "ems.clear()"


def test_nothing_hidden_is_shown(package: workspaces.Package, starter: Runner) -> None:
    hidden = "self.items.clear()"
    snapshot, offset = package.hide(SOURCES[1], hole(hidden), unimported=False)
    assert hidden not in snapshot.text
    asker = Asker(starter)
    prompt = asker.ask(snapshot, offset, package.snippets(snapshot, offset, 400), Sizes())
    assert "clear()" not in starter.decode(prompt.tokens)


def test_what_only_the_hidden_text_uses_may_be_unimported(package: workspaces.Package) -> None:
    hidden = 'total_price(self.items, currency="EUR")'
    snapshot, _ = package.hide(SOURCES[1], hole(hidden), unimported=True)
    assert "import" not in snapshot.text
    kept, _ = package.hide(SOURCES[1], hole("self.items.clear()"), unimported=True)
    assert "from .price import total_price" in kept.text


def test_a_small_window_is_kept(package: workspaces.Package, starter: Runner) -> None:
    text = CART + "\n".join(f"VALUE_{number} = {number}" for number in range(2000))
    snapshot, offset = package.hide(Source("shop", "shop/cart.py", text), hole("self.items.clear()"), unimported=False)
    for usual_order in (False, True):
        prompt = Asker(starter).ask(snapshot, offset, (), Sizes(640, 0), usual_order=usual_order)
        assert 200 < len(prompt.tokens) <= 640


def test_generation_keeps_to_the_begun_word(starter: Runner) -> None:
    prompt = starter.encode_segments(layout.prompt("a", "a.py", [], "def configure(configuration):\n    return ", "\n"))
    asker = Asker(starter)
    starter.read(prompt)
    answer = starter.generate(8, b"confi", asker.agreeing)
    assert answer.tokens > 0
    assert answer.text.startswith("g")


def test_holes_that_need_other_files_are_found(starter: Runner) -> None:
    found = tasks(SOURCES, starter, per_kind=0, naming=3, seed=0, sizes=Sizes())
    assert len(found) == 3
    for task in found:
        assert task.groups == (NAMES_OTHERS,)
        assert "currency" in task.middle or "rency" in task.middle
        assert "currency" in starter.decode(task.with_context.tokens)
        assert "currency" not in starter.decode(task.without.tokens)


def test_without_other_files_a_prompt_has_more_of_its_own(starter: Runner) -> None:
    filler = "\n".join(f"VALUE_{number} = {number}" for number in range(600))
    sources = [Source(one.package, one.path, f"{one.text}\n{filler}\n") for one in SOURCES]
    lengths = [
        len(task.without.tokens)
        for task in tasks(sources, starter, per_kind=4, naming=0, seed=3, sizes=Sizes(1024, 512))
    ]
    assert 900 < max(lengths) <= 1024


def test_a_word_that_is_not_taken_back_is_read_with_the_prompt(starter: Runner) -> None:
    filler = "\n".join(f"VALUE_{number} = compute(number_{number}, other={number})" for number in range(60))
    sources = [Source(one.package, one.path, f"{one.text}\n{filler}\n") for one in SOURCES]
    found = tasks(sources, starter, per_kind=6, naming=0, seed=4, sizes=Sizes())
    begun = [task for task in found if task.with_context.taken]
    assert begun
    for task in begun:
        assert task.unhealed.taken == b""
        assert task.unhealed.taken_tokens == 0
        *read, middle = task.with_context.tokens
        assert task.unhealed.tokens[: len(read)] == read
        assert starter.decode(task.unhealed.tokens[len(read) : -1]).encode() == task.with_context.taken
        assert task.unhealed.tokens[-1] == middle
