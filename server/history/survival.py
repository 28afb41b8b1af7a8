"""How much of an accepted text still stands in its document: an edit distance, where the text is now.

Where that is, the lines that did not change tell. The distance is Myers' bit-parallel matching (G. Myers, 1999: A fast
bit-vector algorithm for approximate string matching), with whole texts as bit vectors: a step of it for each character
of the part of the document that is looked at.
"""

from __future__ import annotations

from ...context.differing import common_end, common_start
from ...review.differences import blocks

MOST_CHARS = 600
"""Of a longer text the beginning is followed."""

_ROOM = 1_500
"""Characters that are compared with the text, beside twice its own length."""

_UNMISTAKABLE = 16
"""A text of so many characters that stood once is the same one where it stands elsewhere."""


def survival(text: str, then: str, offset: int, now: str) -> float:
    """The share of `text` that is left: 1 where nothing of it changed, or it was moved; 0 where all of it is gone.

    It was put in at `offset`, which made the document `then`; the document is `now` another. Takes some milliseconds,
    in a long document twenty: nothing for a thread that somebody waits for.
    """
    text = text[:MOST_CHARS]
    end = offset + len(text)
    same_start = common_start(then, now)
    if end <= same_start:
        return 1.0
    same_end = common_end(then, now, min(len(then), len(now)) - same_start)
    if offset >= len(then) - same_end:
        return 1.0
    lines = _lines_now(text, then, offset, now)
    moved = len(text.strip()) >= _UNMISTAKABLE and then.count(text) == 1
    if text in lines or (moved and text in now):
        return 1.0
    return max(0.0, 1.0 - distance(text, _around(text, lines)) / len(text)) if text else 0.0


def _lines_now(text: str, then: str, offset: int, now: str) -> str:
    """What has become of the lines of the text."""
    first = then.count("\n", 0, offset)
    last = first + text[:-1].count("\n")
    new = now.split("\n")
    low, high, shift = first, last + 1, 0
    for block in blocks(then.split("\n"), new):
        if block.old_first > last:
            break
        shift = block.new_end - block.old_end
        if block.old_end <= first:
            low = first + shift
        elif block.old_first <= first:
            low = block.new_first
        high = block.new_end if block.old_end > last else last + 1 + shift
    return "".join(f"{line}\n" for line in new[low:high])


def _around(text: str, lines: str) -> str:
    """The part of what its lines became in which the text is looked for: near the longest piece that is still there."""
    most = 2 * len(text) + _ROOM
    if len(lines) <= most:
        return lines
    for piece in sorted((*map(str.strip, text.split("\n")), *text.split()), key=len, reverse=True):
        if piece and (at := lines.find(piece)) >= 0:
            start = max(0, at - most // 2)
            return lines[start : start + most]
    return lines[:most]


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
