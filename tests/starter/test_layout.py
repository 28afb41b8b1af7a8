from __future__ import annotations

from twolane.starter import layout
from twolane.starter.layout import CONTROL, Form


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
