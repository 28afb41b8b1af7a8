"""Where a text was changed, for clients that send all of it at every key."""

from __future__ import annotations


def end_of_change(old: str, new: str) -> int | None:
    """The offset in `new` behind the last thing that differs from `old`; None where nothing does.

    What is alike is found by halves, so that a long text costs no loop over its characters.
    """
    if old == new:
        return None
    start, most = 0, min(len(old), len(new))
    while start < most:
        middle = (start + most + 1) // 2
        if old[start:middle] == new[start:middle]:
            start = middle
        else:
            most = middle - 1
    tail, most = 0, min(len(old), len(new)) - start
    while tail < most:
        middle = (tail + most + 1) // 2
        if old[len(old) - middle : len(old) - tail] == new[len(new) - middle : len(new) - tail]:
            tail = middle
        else:
            most = middle - 1
    return len(new) - tail
