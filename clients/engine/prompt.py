"""A request becomes tokens that fit the window of one sequence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, chain
from typing import NamedTuple

from cachetools import LRUCache

from ..errors import RequestRefused
from ..model import InfillRequest
from .families import Family, Piece
from .reuse import common

_CHUNK = 256
_LINE_START = re.compile(r"(?<=\S)\n(?:(?=\S)|[ \t]*(?=[ \t][A-Za-z]))")
"""Behind a line that ends in no blank: up to an unindented one, else up to the last blank before a word.

There every pre-tokenizer of today's byte-level vocabularies begins anew; not so behind blank lines, and before digits.
"""

_STEP = 256
"""The start of a cut prefix moves in steps of so many tokens, in a small window of fewer: typing seldom moves it."""


class Prompt(NamedTuple):
    """The tokens to read; `taken` is the end of the text before the cursor that is not among them, in UTF-8.

    The answer is to begin with it. `taken_tokens` says how many tokens it was. The next prompts are likely to be the
    same up to the lengths `lasting`: what other files say, and what stands above the cursor's line.
    """

    tokens: list[int]
    taken: bytes = b""
    taken_tokens: int = 0
    lasting: tuple[int, ...] = ()


TakeBack = Callable[[str, Sequence[int]], tuple[int, bytes]]
"""See `healing.Healing.take_back`."""


class PromptBuilder:
    """Renders requests in a family's form; remembers the tokens of texts that come again."""

    def __init__(
        self,
        family: Family,
        tokenize: Callable[[str], list[int]],
        special: Callable[[str], int | None],
        begin: int | None,
        *,
        lines_apart: bool = False,
        take_back: TakeBack | None = None,
        tells_lasting: bool = False,
    ) -> None:
        """`tokenize` turns plain text into tokens, `special` finds a control token, `begin` opens every prompt.

        `lines_apart` says that no token of this vocabulary joins a line break, or blanks before the last one, to a
        following letter, so that a text may be tokenized in chunks that begin at a line (byte-level BPE, not
        SentencePiece).
        `take_back` says what of a text that ends in a word is better left to the answer; nothing where not given.
        `tells_lasting` has prompts say what of them lasts.
        """
        self._family = family
        self._tokenize = tokenize
        self._special = {text: token for text in family.specials if (token := special(text)) is not None}
        self._lines_apart = lines_apart
        self._begin = [] if begin is None else [begin]
        self._take_back = take_back
        self._tells_lasting = tells_lasting
        self._known: LRUCache[str, list[int]] = LRUCache(maxsize=1024)

    def build(self, request: InfillRequest, room: int) -> Prompt:
        """Make a prompt of at most `room` tokens, what is taken back counted with them.

        What does not fit is left out in this order: other files from the last to the first, the far end of
        the suffix down to a quarter of the room, the far start of the prefix. Raise `RequestRefused` where
        not even the fixed parts fit.
        """
        pieces = self._family.render(request)
        tokens = [self._tokens(piece) for piece in pieces]
        last_line = self._last_line(pieces, tokens) if self._tells_lasting else 0
        taken_tokens, taken = self._taken(request, pieces, tokens)
        over = len(self._begin) + sum(map(len, tokens)) + taken_tokens - room
        for number in range(len(request.extras) - 1, -1, -1):
            if over <= 0:
                break
            for index, piece in enumerate(pieces):
                if piece.extra == number:
                    over -= len(tokens[index])
                    tokens[index] = []
        for index, piece in enumerate(pieces):
            if over > 0 and piece.role == "suffix":
                kept = max(room // 4, len(tokens[index]) - over)
                over -= max(0, len(tokens[index]) - kept)
                tokens[index] = tokens[index][:kept]
        for index, piece in enumerate(pieces):
            if over > 0 and piece.role == "prefix":
                step = max(1, min(_STEP, room // 4))
                cut = min(len(tokens[index]), -(-over // step) * step)
                over -= cut
                tokens[index] = tokens[index][cut:]
        if over > 0:
            raise RequestRefused(
                f"The context of {room} tokens is too small for any prompt: raise near.context_tokens."
            )
        lasting = self._lasting(pieces, tokens, last_line - taken_tokens) if self._tells_lasting else ()
        return Prompt([*self._begin, *chain.from_iterable(tokens)], taken, taken_tokens, lasting)

    def _last_line(self, pieces: list[Piece], tokens: list[list[int]]) -> int:
        """How many tokens the cursor's line has up to the cursor."""
        for piece, whole in zip(pieces, tokens, strict=True):
            if piece.role == "prefix":
                above = self._tokens(replace(piece, text=piece.text[: piece.text.rfind("\n") + 1]))
                return len(whole) - common(above, whole)
        return 0

    def _lasting(self, pieces: list[Piece], tokens: list[list[int]], last_line: int) -> tuple[int, ...]:
        """The ends of what other files say and of the lines above the cursor's, which has `last_line` tokens left."""
        ends = list(accumulate(map(len, tokens), initial=len(self._begin)))[1:]
        others = max((end for piece, end in zip(pieces, ends, strict=True) if piece.extra >= 0), default=0)
        above = next((end for piece, end in zip(pieces, ends, strict=True) if piece.role == "prefix"), 0)
        return tuple(sorted({others, above - max(0, last_line)} - {0}))

    def _taken(self, request: InfillRequest, pieces: list[Piece], tokens: list[list[int]]) -> tuple[int, bytes]:
        """Take the last tokens of the text before the cursor back, where that helps."""
        if self._take_back is None or not request.heals:
            return 0, b""
        at = next((number for number, piece in enumerate(pieces) if piece.role == "prefix"), None)
        if at is None:
            return 0, b""
        count, taken = self._take_back(pieces[at].text, tokens[at])
        if count:
            tokens[at] = tokens[at][:-count]
        return count, taken

    def _tokens(self, piece: Piece) -> list[int]:
        if piece.special:
            return [self._special[piece.text]]
        chunks = _chunks(piece.text) if self._lines_apart else [piece.text]
        last = chunks.pop() if piece.role == "prefix" else None
        tokens = list(chain.from_iterable(map(self._remembered, chunks)))
        return tokens + self._tokenize(last) if last else tokens

    def _remembered(self, text: str) -> list[int]:
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._tokenize(text)
        return found


def _chunks(text: str) -> list[str]:
    """Cut a text where lines begin that follow a line with text.

    Every chunk but the last has at least `_CHUNK` characters.
    """
    chunks: list[str] = []
    start = 0
    while len(text) - start > _CHUNK and (cut := _LINE_START.search(text, start + _CHUNK)):
        chunks.append(text[start : cut.end()])
        start = cut.end()
    chunks.append(text[start:])
    return chunks
