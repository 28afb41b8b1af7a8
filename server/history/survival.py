"""How much of an accepted text still stands in its document: an edit distance, found where the text is most alike.

Myers' bit-parallel matching (G. Myers, 1999: A fast bit-vector algorithm for approximate string matching), with whole
texts as bit vectors: a step of it for each character of the part of the document that is looked at.
"""

from __future__ import annotations

from ...context.differing import common_end, common_start

MOST_CHARS = 600
"""Of a longer text the beginning is followed."""

_ROOM = 1_500
"""Characters around the place where the text was put that are looked at, beside its own length."""


def survival(text: str, then: str, offset: int, now: str) -> float:
    """The share of `text` that is left: 1 where nothing of it changed, 0 where all of it is gone.

    It was put in at `offset`, which made the document `then`; the document is `now` another. A millisecond for each
    thousand characters that are looked at.
    """
    end = offset + len(text)
    same_start = common_start(then, now)
    if end <= same_start:
        return 1.0
    same_end = common_end(then, now, min(len(then), len(now)) - same_start)
    if offset >= len(then) - same_end:
        return 1.0
    first = max(0, min(offset, same_start) - _ROOM // 2)
    last = len(now) - min(same_end, len(then) - end) + _ROOM // 2
    around = now[first : min(last, first + 2 * len(text) + _ROOM)]
    if text in around:
        return 1.0
    followed = text[:MOST_CHARS]
    return max(0.0, 1.0 - distance(followed, around) / len(followed)) if followed else 0.0


def distance(text: str, within: str) -> int:
    """The fewest insertions, deletions and replacements that make `text` a part of `within`."""
    size = len(text)
    if not size:
        return 0
    masks: dict[str, int] = {}
    for at, character in enumerate(text):
        masks[character] = masks.get(character, 0) | 1 << at
    every, last = (1 << size) - 1, 1 << (size - 1)
    up, down, score = every, 0, size
    best = score
    for character in within:
        equal = masks.get(character, 0)
        across = equal | down
        equal |= (((equal & up) + up) ^ up) & every
        right = down | (~(equal | up) & every)
        left = up & equal
        if right & last:
            score += 1
        elif left & last:
            score -= 1
        right, left = (right << 1) & every, (left << 1) & every
        up, down = left | (~(across | right) & every), right & across
        best = min(best, score)
    return best
