from __future__ import annotations

import random

import pytest

from twolane.starter import layout
from twolane.starter.corpus import Source
from twolane.starter.holes import Lines
from twolane.starter.layout import CONTROL, Form

TEXT = "\n".join(f"def function_{n}(value: int) -> int:\n    return value + {n}\n" for n in range(60))
SOURCE = Source(
    "pack", "pack/mod.py", TEXT, [("pack/a.py", ["def a() -> None:", "class B(A):"]), ("pack/c.py", ["C = 1"])]
)


def shown(segments: layout.Segments) -> str:
    return "".join(CONTROL[part] if isinstance(part, int) else part for part in segments)


def test_the_product_asks_suffix_first() -> None:
    segments = layout.prompt("repo", "src/m.py", [("src/x.py", "def x():\nclass Y:")], "pre", "suf")
    assert shown(segments) == (
        "<|repo_name|>repo\n<|file_sep|>src/x.py\ndef x():\nclass Y:\n<|file_sep|>src/m.py\n"
        "<|fim_suffix|>suf<|fim_prefix|>pre<|fim_middle|>"
    )


def test_other_servers_ask_prefix_first() -> None:
    segments = layout.prompt("repo", "m.py", [], "pre", "suf", Form(suffix_first=False, header=False))
    assert shown(segments) == "<|fim_prefix|>pre<|fim_suffix|>suf<|fim_middle|>"


@pytest.mark.parametrize("limit", [10, 50, 500, 100_000])
def test_cuts_stay_at_lines_and_below_the_limit(limit: int) -> None:
    middle = len(TEXT) // 2
    prefix, suffix = layout.cut_prefix(TEXT, middle, limit), layout.cut_suffix(TEXT, middle, limit)
    assert TEXT[:middle].endswith(prefix)
    assert TEXT[middle:].startswith(suffix)
    assert len(prefix) <= limit
    assert len(suffix) <= limit
    if limit == 500:
        assert TEXT[middle - len(prefix) - 1] == "\n"
        assert suffix.endswith("\n")


def test_an_example_is_the_file_around_its_hole() -> None:
    rng = random.Random(5)
    for _ in range(100):
        one = layout.example(SOURCE, Lines(TEXT), rng, 300)
        assert one is not None
        texts = dict(zip(one.prompt, one.prompt[1:], strict=False))
        prefix, suffix = texts[layout.PREFIX], texts[layout.SUFFIX]
        assert isinstance(prefix, str)
        assert isinstance(suffix, str)
        assert prefix + one.middle + suffix in TEXT
        assert len(shown(one.prompt)) < 300 * 4


def test_extras_keep_their_order_and_the_limit() -> None:
    chosen = layout.choose_extras(SOURCE, random.Random(1), 1000)
    assert [path for path, _ in chosen] == sorted(path for path, _ in chosen)
    assert layout.choose_extras(SOURCE, random.Random(1), 3) == []
