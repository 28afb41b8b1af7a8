"""Guesses at the next tokens, taken from what followed the same tokens before; no draft model needed.

Code repeats itself: what stands around the cursor often holds the line that is being written. The guesses are
checked by the model in one batch, so that the answer is the one it would have given without them (prompt
look-up decoding).
"""

from __future__ import annotations

from array import array

_LONGEST_MATCH, _SHORTEST_MATCH = 4, 2
_MOST = 12
MOST_OUTPUTS = 1 + _MOST
"""What an answer can want of one batch: the token after its last one, and after each guess. Held for each sequence."""

_FIRST = 4


class Drafts:
    """Proposes for one answer; learns from it how much to propose."""

    def __init__(self, prompt: list[int]) -> None:
        """`prompt` is what may be repeated, in reading order; what is generated joins it."""
        self._seen = bytearray(array("i", prompt).tobytes())
        self._most = _FIRST
        self._misses = 0
        self._pause = 0

    def said(self, token: int) -> None:
        """Note a token of the answer."""
        self._seen += array("i", (token,)).tobytes()
        self._pause = max(0, self._pause - 1)

    def propose(self, most: int) -> list[int]:
        """Guess at most `most` tokens that come next; empty where nothing like the end was seen before.

        What repeats up to the very end is taken to go on repeating.
        """
        most = min(most, self._most)
        if self._pause or most <= 0:
            return []
        end = len(self._seen)
        for length in range(_LONGEST_MATCH, _SHORTEST_MATCH - 1, -1):
            start = end - 4 * length
            if start <= 0:
                continue
            at = self._last(bytes(self._seen[start:]), end - 4)
            if at >= 0:
                follows = at + 4 * length
                guesses = array("i", bytes(self._seen[follows : min(end, follows + 4 * most)])).tolist()
                return (guesses * -(-most // len(guesses)))[:most]
        return []

    def _last(self, pattern: bytes, before: int) -> int:
        at = self._seen.rfind(pattern, 0, before)
        while at % 4 and at >= 0:
            at = self._seen.rfind(pattern, 0, at + len(pattern) - 1)
        return at

    def judged(self, proposed: int, accepted: int) -> None:
        """Learn how many of the guesses were right: guess more while they are, pause while none is."""
        if accepted == proposed:
            self._most = min(_MOST, self._most * 2)
        if accepted:
            self._misses = 0
        else:
            self._misses += 1
            self._most = max(2, self._most // 2)
            self._pause = 1 << min(self._misses, 5)
