"""Parsing, all day long, keeps nothing of the texts that were parsed."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from twolane.context.parsing import LiveTree, Parsed, TreeParser

LINE = "def total_{number}(items):\n    return sum(item.price for item in items)\n\n\n"


@pytest.mark.parametrize("lines", [1, 40, 400])
@pytest.mark.parametrize("live", [False, True], ids=["afresh", "live"])
def test_texts_that_were_parsed_are_let_go(lines: int, live: bool) -> None:
    parser = LiveTree("python") if live else TreeParser("python")
    text = "".join(LINE.format(number=number) for number in range(lines))

    def parse(times: int) -> None:
        for number in range(times):
            current = f"{text}# {number}\n"
            parsed = (
                parser.update(current, seconds=20)
                if isinstance(parser, LiveTree)
                else parser.parse(current, seconds=20)
            )
            assert isinstance(parsed, Parsed)

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
    assert after - before < (3 * len(text) + 8192 if live else 2 * len(text) + 4096)


def test_a_tree_outlives_the_pieces_it_was_made_of() -> None:
    parsed = TreeParser("python").parse(LINE.format(number=1) * 200, seconds=20)
    assert isinstance(parsed, Parsed)
    gc.collect()
    assert not parsed.root.has_error
    assert parsed.root.child_count == 200
