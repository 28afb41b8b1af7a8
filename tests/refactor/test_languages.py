"""Whole symbols with all that belongs to them, in several languages; edits held to their place in each."""

from __future__ import annotations

import pytest

from tests.refactor.desk import Desk, replace, symbol

TYPESCRIPT = """\
import { Money } from "./money";

/** What somebody wants to buy. */
@sealed
export class Cart {
  constructor(private items: Money[]) {}

  /** Adds them up. */
  @memo()
  total(): number {
    return this.items.reduce((sum, item) => sum + item.amount, 0);
  }
}

/** Says it. */
export function describe(cart: Cart): string {
  return String(cart.total());
}
"""
GO = """\
package shop

import "fmt"

// Cart is what somebody wants to buy.
type Cart struct {
	Items []int
}

// Total adds them up.
// Slowly.
func (c *Cart) Total() int {
	sum := 0
	for _, item := range c.Items {
		sum += item
	}
	return sum
}

// Describe says it.
func Describe(c *Cart) string {
	return fmt.Sprint(c.Total())
}
"""
RUST = """\
use std::fmt;

/// What somebody wants to buy.
#[derive(Debug)]
pub struct Cart {
    items: Vec<u32>,
}

impl Cart {
    /// Adds them up.
    #[inline]
    pub fn total(&self) -> u32 {
        self.items.iter().sum()
    }
}

pub fn describe(cart: &Cart) -> String {
    format!("{}", cart.total())
}
"""
PYTHON = '''\
import functools


# What is asked for often.
@functools.lru_cache(
    maxsize=10,
)
def total(items):
    """Adds them up."""
    return sum(items)


def describe(items):
    return str(total(items))
'''

CASES = {
    "typescript": (
        "cart.ts",
        TYPESCRIPT,
        "total(): number",
        "Cart.total",
        "  /** Adds them up. */\n  @memo()",
        "    return this.items.reduce((sum, item) => sum + item.amount, 0);\n  }\n",
        "cart.total()",
    ),
    "go": (
        "cart.go",
        GO,
        "Total() int",
        "Cart.Total",
        "// Total adds them up.\n// Slowly.",
        "\treturn sum\n}\n",
        "c.Total()",
    ),
    "rust": (
        "cart.rs",
        RUST,
        "pub fn total",
        "Cart.total",
        "    /// Adds them up.\n    #[inline]",
        "        self.items.iter().sum()\n    }\n",
        "cart.total()",
    ),
    "python": (
        "cart.py",
        PYTHON,
        "def total",
        "total",
        "# What is asked for often.\n@functools.lru_cache(\n    maxsize=10,\n)",
        "    return sum(items)\n",
        "str(total(items))",
    ),
}


@pytest.mark.parametrize("language", CASES)
def test_a_symbol_is_replaced_with_its_comment_and_what_decorates_it(language: str) -> None:
    path, text, place, name, head, tail, _ = CASES[language]
    desk = Desk({path: text}, path, place)
    start, end = text.index(head), text.index(tail) + len(tail)
    whole = text[start:end]
    changed = whole.replace("dds them up", "DDS THEM UP")
    assert desk.after(symbol(path, name, changed)) == {path: text[:start] + changed + text[end:]}


@pytest.mark.parametrize("language", CASES)
def test_each_language_is_held_to_its_place_and_its_syntax(language: str) -> None:
    path, text, place, _, _, tail, beyond = CASES[language]
    desk = Desk({path: text}, path, place)
    assert desk.faults(replace(path, beyond, beyond.replace("otal", "0tal"))) == ["scope"]
    assert desk.faults(replace(path, tail, tail.rstrip("}\n ") + " ( [\n" + tail)) == ["syntax"]


def test_a_language_without_a_grammar_is_matched_and_said_not_to_be_parsed() -> None:
    text = "alpha = 1\nbeta = 2\ngamma = 3\n"
    desk = Desk({"notes.conf": text}, "notes.conf", "beta")
    guarded = desk.guarded(replace("notes.conf", "beta = 2", "beta = 4"))
    assert guarded.changes[0].text == text.replace("2", "4")
    assert "was not parsed" in guarded.notes[0]
    assert desk.faults(replace("notes.conf", "gamma = 3", "gamma = 4")) == ["scope"]


def test_an_unknown_package_is_worth_a_note() -> None:
    desk = Desk({"cart.py": PYTHON}, "cart.py", "def total")
    guarded = desk.guarded(
        replace("cart.py", "import functools\n", "import functools\nimport totally_unheard_of\n"),
        replace("cart.py", "    return sum(items)", "    return totally_unheard_of.sum(items)"),
    )
    assert any("imports totally_unheard_of" in note for note in guarded.notes)
