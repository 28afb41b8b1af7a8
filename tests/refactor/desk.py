"""A workspace, a command on it and an answer to it, without any model: what would come of it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.context.memory_workspace import MemoryWorkspace
from twolane.context.languages.reading import language_of
from twolane.refactor import answer
from twolane.refactor.command import Command, Diagnostic, check
from twolane.refactor.faults import AnswerUnusable
from twolane.refactor.gathering import Gathered, Gatherer
from twolane.refactor.guarding import Guarded, guard
from twolane.refactor.known import Known
from twolane.refactor.original import Original
from twolane.refactor.tasks import TASKS

CART = '''\
"""The cart."""

from shop.money import Money


class Cart:
    """What somebody wants to buy."""

    def __init__(self, items: list[Money]) -> None:
        self.items = items

    def total(self) -> Money:
        result = Money(0, "EUR")
        for item in self.items:
            result = result.add(item)
        return result


def describe(cart: Cart) -> str:
    return str(cart.total())
'''

MONEY = '''\
"""Amounts of money."""


class Money:
    """An amount in a currency."""

    def __init__(self, amount: int, currency: str) -> None:
        self.amount = amount
        self.currency = currency

    def add(self, other: "Money") -> "Money":
        return Money(self.amount + other.amount, self.currency)
'''

TESTS = """\
from shop.cart import Cart, describe
from shop.money import Money


def test_total() -> None:
    assert Cart([Money(1, "EUR")]).total().amount == 1


def test_describe() -> None:
    assert describe(Cart([])) != ""
"""

SHOP: dict[str, str] = {"shop/cart.py": CART, "shop/money.py": MONEY, "tests/test_cart.py": TESTS}


def replace(path: str, target: str, text: str) -> dict[str, str]:
    return {"action": "replace_text", "path": path, "target": target, "text": text}


def symbol(path: str, target: str, text: str) -> dict[str, str]:
    return {"action": "replace_symbol", "path": path, "target": target, "text": text}


def create(path: str, text: str) -> dict[str, str]:
    return {"action": "create_file", "path": path, "target": "", "text": text}


def answered(*edits: Mapping[str, str], summary: str = "Done.") -> str:
    return json.dumps({"edits": list(edits), "summary": summary})


def lines(text: str, first: str, last: str = "") -> tuple[int, int]:
    """The line numbers of the first line that holds `first`, and of the first from there that holds `last`."""
    numbered = list(enumerate(text.replace("\r\n", "\n").split("\n"), 1))
    low = next(number for number, line in numbered if first in line)
    high = next(number for number, line in numbered if number >= low and (last or first) in line)
    return low, high


class Desk:
    """`files` as they are; `path`, `first` and `last` say where the command stands."""

    def __init__(
        self,
        files: Mapping[str, str] = SHOP,
        path: str = "shop/cart.py",
        first: str = "def total",
        last: str = "",
        task: str = "simplify",
        *,
        instruction: str = "",
        diagnostics: tuple[Diagnostic, ...] = (),
        budget: int = 8_000,
        root: Path = Path("/nowhere"),
    ) -> None:
        self.files = dict(files)
        self.workspace = MemoryWorkspace(self.files, dedent=False)
        self.known = Known(self.workspace, self.workspace.resolver)
        low, high = lines(self.files[path], first, last)
        original = self.read(path)
        assert original is not None
        self.command = Command(TASKS[task], root, original, low, high, instruction, diagnostics)
        check(self.command)
        self.gathered: Gathered = Gatherer(self.command, self.known, self.read, budget).gather()

    def read(self, path: str) -> Original | None:
        text = self.files.get(path)
        return None if text is None else Original(path, text, language_of(path) or "plaintext")

    def guarded(self, *edits: Mapping[str, str]) -> Guarded:
        proposal = answer.read(answered(*edits))
        return guard(proposal, self.gathered, self.gathered.scope, self.known)

    def after(self, *edits: Mapping[str, str]) -> dict[str, str]:
        """The files that change, as they would be."""
        return {change.path: change.text for change in self.guarded(*edits).changes}

    def faults(self, *edits: Mapping[str, str]) -> list[str]:
        """The kinds of what is wrong; empty where the edit may be offered."""
        try:
            self.guarded(*edits)
        except AnswerUnusable as error:
            return [fault.kind for fault in error.faults]
        return []


def text(words: str) -> str:
    return textwrap.dedent(words)


def document(value: Any) -> str:
    return json.dumps(value)
