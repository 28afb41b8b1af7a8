"""Where two texts differ, line by line, in time that hardly grows faster than the texts do.

Lines that stand once in both texts hold the two together (Bram Cohen's patience diff); what lies between two of them is
small, and compared exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_COMPARED_LINES = 20_000
"""Of both texts together, between what they have in common at both ends."""

_MOST_EXACT = 40_000
"""Lines of both sides, multiplied, of a stretch without a line that stands once."""

_LITTLE = 400
"""As above: so short a stretch is compared exactly at once; a line that has moved would hold it together wrongly."""

_STRIDE = 128
"""Lines that are compared at once."""


@dataclass(frozen=True, slots=True)
class Block:
    """`old[old_first:old_end]` has become `new[new_first:new_end]`; lines count from 0, either may be empty."""

    old_first: int
    old_end: int
    new_first: int
    new_end: int


def blocks(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Where the two differ, in order; stretches that are too long to compare are one block."""
    found: list[Block] = []
    waiting = [Block(0, len(old), 0, len(new))]
    first = True
    while waiting:
        span = _trimmed(old, new, waiting.pop())
        if span.old_first == span.old_end and span.new_first == span.new_end:
            continue
        height, width = span.old_end - span.old_first, span.new_end - span.new_first
        if not height or not width or (first and height + width > MOST_COMPARED_LINES):
            found.append(span)
        elif height * width > _LITTLE and (anchors := _anchors(old, new, span)):
            waiting += reversed(_between(span, anchors))
        elif height * width > _MOST_EXACT:
            found.append(span)
        else:
            found += _exact(old, new, span)
        first = False
    return found


def _trimmed(old: Sequence[str], new: Sequence[str], span: Block) -> Block:
    """The same without the lines that both sides begin and end with."""
    a, b, c, d = span.old_first, span.old_end, span.new_first, span.new_end
    while b - a >= _STRIDE <= d - c and old[a : a + _STRIDE] == new[c : c + _STRIDE]:
        a, c = a + _STRIDE, c + _STRIDE
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    while b - a >= _STRIDE <= d - c and old[b - _STRIDE : b] == new[d - _STRIDE : d]:
        b, d = b - _STRIDE, d - _STRIDE
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    return Block(a, b, c, d)


def _anchors(old: Sequence[str], new: Sequence[str], span: Block) -> list[tuple[int, int]]:
    """Places of lines that stand once on either side, as many as stand in the same order on both."""
    count_old = Counter(old[span.old_first : span.old_end])
    count_new = Counter(new[span.new_first : span.new_end])
    place = {new[index]: index for index in range(span.new_first, span.new_end) if count_new[new[index]] == 1}
    pairs = [
        (index, place[old[index]])
        for index in range(span.old_first, span.old_end)
        if count_old[old[index]] == 1 and old[index] in place
    ]
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, there) in enumerate(pairs):
        length = bisect_left(tails, there)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(there)
            ends.append(number)
        else:
            tails[length], ends[length] = there, number
    chain: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _between(span: Block, anchors: Sequence[tuple[int, int]]) -> list[Block]:
    """What lies before, between and after the anchors, in order."""
    found = []
    a, c = span.old_first, span.new_first
    for there, here in anchors:
        if there > a or here > c:
            found.append(Block(a, there, c, here))
        a, c = there + 1, here + 1
    found.append(Block(a, span.old_end, c, span.new_end))
    return found


def _exact(old: Sequence[str], new: Sequence[str], span: Block) -> list[Block]:
    a, c = span.old_first, span.new_first
    matcher = SequenceMatcher(None, old[a : span.old_end], new[c : span.new_end], autojunk=False)
    return [
        Block(a + low, a + high, c + new_low, c + new_high)
        for tag, low, high, new_low, new_high in matcher.get_opcodes()
        if tag != "equal"
    ]
