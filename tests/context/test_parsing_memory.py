"""Parsing, all day long, keeps nothing of the texts that were parsed."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from twolane.context.parsing import Parsed, TreeParser
from twolane.context.python import outline

LINE = "def total_{number}(items):\n    return sum(item.price for item in items)\n\n\n"


@pytest.mark.parametrize("lines", [1, 40, 400])
def test_texts_that_were_parsed_are_let_go(lines: int) -> None:
    parser = TreeParser("python")
    text = "".join(LINE.format(number=number) for number in range(lines))

    def parse(times: int) -> None:
        for number in range(times):
            read = parser.parse(f"{text}# {number}\n", seconds=20)
            assert isinstance(read, Parsed)
            outline.outline(read)

    parse(5)
    tracemalloc.start()
    try:
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        parse(20)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2 * len(text) + 4096


def test_a_tree_outlives_the_pieces_it_was_made_of() -> None:
    read = TreeParser("python").parse(LINE.format(number=1) * 200, seconds=20)
    assert isinstance(read, Parsed)
    gc.collect()
    assert not read.root.has_error
    assert read.root.child_count == 200
