"""Where two versions of a text begin to differ, and where they agree again."""

from __future__ import annotations

from typing import AnyStr


def common_start(a: AnyStr, b: AnyStr) -> int:
    """How much the two have in common at their start."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low


def common_end(a: AnyStr, b: AnyStr, most: int) -> int:
    """How much the two have in common at their end, `most` at most; neither is shorter than that."""
    low, high = 0, most
    if a[len(a) - high :] == b[len(b) - high :]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle
    return low
