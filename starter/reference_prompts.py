"""The prompts on which PyTorch, llama.cpp and a plain reading of the weights are compared."""

from __future__ import annotations

from . import layout
from .layout import Segments

PROMPTS: tuple[tuple[str, Segments], ...] = (
    (
        "suffix first, with an extra",
        layout.prompt(
            "shop",
            "shop/cart.py",
            [("shop/price.py", "def total_price(items: list[Item], *, currency: str) -> Money:")],
            "from .price import total_price\n\n\nclass Cart:\n    def total(self) -> Money:\n        return total_",
            "\n\n    def clear(self) -> None:\n        self.items.clear()\n",
        ),
    ),
    (
        "suffix first, no suffix",
        layout.prompt("tools", "tools/main.py", [], "import argparse\n\n\ndef main() -> None:\n    parser = arg", ""),
    ),
    (
        "prefix first, not only ASCII",
        layout.prompt(
            "naïve",
            "naïve/größe.py",
            [],
            'größe = {"höhe": 1, "breite": 2}\nfor name, wert in größe.',
            ":\n\tprint(name, wert)  # → 見出し\n",
            layout.Form(suffix_first=False, header=False),
        ),
    ),
)
