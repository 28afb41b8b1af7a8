"""The sizes that the starter can have; one setting from about 2 to 60 million parameters."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model. Heads are `head` wide; `width` = `heads` × `head`."""

    vocabulary: int = 4096
    width: int = 256
    layers: int = 5
    heads: int = 4
    kv_heads: int = 2
    head: int = 64
    hidden: int = 640
    context: int = 2048
    rope_base: float = 500_000.0
    epsilon: float = 1e-5


PRESETS: Final = MappingProxyType(
    {
        "2m": Shape(width=192, layers=4, heads=3, kv_heads=3, hidden=512),
        "4m": Shape(),
        "9m": Shape(width=320, layers=7, heads=5, kv_heads=5, hidden=832),
        "16m": Shape(width=448, layers=7, heads=7, kv_heads=7, hidden=1152, vocabulary=6144),
        "32m": Shape(width=512, layers=10, heads=8, kv_heads=4, hidden=1408, vocabulary=8192),
        "60m": Shape(width=640, layers=12, heads=10, kv_heads=5, hidden=1728, vocabulary=8192),
    }
)
