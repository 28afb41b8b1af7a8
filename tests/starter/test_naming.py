"""Holes that name what only other files say are told from the others."""

from __future__ import annotations

from twolane.starter.corpus import Source
from twolane.starter.holes import Hole
from twolane.starter.naming import Names, told

STORE = Source("shop", "shop/store.py", "class Ledger:\n    def settle(self, amount):\n        return amount\n")
TILL = Source(
    "shop",
    "shop/till.py",
    "from shop.store import Ledger\n\ndef pay(amount):\n    ledger = Ledger()\n    return ledger.settle(amount)\n",
)


def names_of(written: str) -> frozenset[str]:
    start = TILL.text.rindex(written)
    return Names([STORE, TILL]).missing(TILL, Hole("line", start, start + len(written)))


def test_a_name_of_another_file_that_is_only_imported_here_counts() -> None:
    assert names_of("ledger = Ledger()") == {"Ledger"}
    assert names_of("settle(amount)") == {"settle"}


def test_a_begun_name_counts_whole() -> None:
    assert names_of("ttle(amount)") == {"settle"}


def test_names_that_stand_elsewhere_in_the_file_do_not_count() -> None:
    assert names_of("return ledger") == frozenset()
    assert names_of("pay") == frozenset()


def test_lines_with_such_names_are_found() -> None:
    assert Names([STORE, TILL]).lines(TILL) == [3, 4]
    assert Names([STORE, TILL]).lines(STORE) == []


def test_names_are_looked_for_whole() -> None:
    texts = ["class Ledger:\n", "    def settle(self, amount)"]
    assert told(frozenset({"settle", "led", "other"}), texts) == {"settle"}
