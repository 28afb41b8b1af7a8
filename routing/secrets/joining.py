"""Keys split over adjacent literals and lines, or inside of another literal, read as if they stood plain.

`"ghp_…" + "…"`, `("…"  "…")`, a backslash at the end of a line, `["…", "…"].join("")`; code in a string, as in
notebooks: `"password = \\"…\\"\\n"`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .classes import WORD
from .seen import Seen

BEFORE = 120
"""How much text before the first piece comes along, so that a name is found."""

LIST_REACH = 1_000
"""How far from a call of `join` the items of its list may stand."""

_OPENS = r"""[bBfFrRuU]{0,2}["'`](?=[\w+/=~.-])"""
_CLOSES = r"""["'`](?<=[\w+/=~.-]["'`])"""
_MAYBE_ADJACENT = re.compile(rb"""\"(?<=[%b=u]\")[ \n+&.<u]*(?:\#|//|a{0,8}\(?a{0,2}\"(?=[%b=u]))""" % (WORD, WORD))
_MAYBE_LISTED = re.compile(rb"""\"(?<=[%b=u]\")[ \n+&.<u,]*(?:\#|//|a{0,2}\"(?=[%b=u]))""" % (WORD, WORD))
"""In the text by class: where the next two may match; a comment and a call are looked at there."""

_ADJACENT = re.compile(rf"{_CLOSES}[\s+&.<>|\\]*(?:(?:\#|//)[^\n]{{0,200}}\n[\s+&.<>|\\]*)?(?:concat\()?{_OPENS}")
_LISTED = re.compile(rf"{_CLOSES}[\s+&.<>|,\\]*(?:(?:\#|//)[^\n]{{0,200}}\n[\s+&.<>|,\\]*)?{_OPENS}")
_LISTS = ("oin(", "concat(", "implode(")
_BREAKS = ("\\\n", "\\\r\n")
MARKS = ("@@ -", *_LISTS, *_BREAKS)
"""One of these stands in every text with a diff, a list that is joined, a line that is continued."""

_BROKEN = re.compile(r"\\\r?\n[ \t]*(?=[\w+/=~-])")
_PIECE = re.compile(r"""[^\s"'`\\]*""")
_DIGIT = re.compile(r"[0-9]")
_ESCAPED_VALUE = re.compile(r"""\\["'`](?=[^"'`\s\\]*\d)[^"'`\s\\<>]{6,400}+\\+["'`]""")
_HUNK = re.compile(r"^@@ -\d", re.MULTILINE)
_ESCAPE = re.compile(r"""(\\+)(["'`nrt])""")
_PIECE_BEFORE = re.compile(r"""[^\s"'`\\]*\Z""")


@dataclass(frozen=True, slots=True)
class Joined:
    """A stretch of a text without its joins. `loose`: the pieces are items of a list, so only a whole format counts.

    `starts` are where each piece begins in `text`, `origins` where it begins in the original.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    loose: bool

    def crossing(self, start: int, end: int) -> bool:
        """Whether a join lies within."""
        return any(start < at < end for at in self.starts[1:])

    def parts(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Where the characters from `start` to `end` stand in the original."""
        found = []
        while start < end:
            index = bisect_right(self.starts, start) - 1
            stop = min(end, self.starts[index + 1] if index + 1 < len(self.starts) else end)
            shift = self.origins[index] - self.starts[index]
            found.append((start + shift, stop + shift))
            start = stop
        return tuple(found)


def unescaped(text: str) -> Joined | None:
    """The lines with a value in escaped quotes, as if these and escaped line ends were plain; None without any."""
    pieces, starts, origins = [], [], []
    total = done = 0
    for value in _ESCAPED_VALUE.finditer(text):
        if value.start() < done:
            continue
        start = max(done, text.rfind("\n", done, value.start()) + 1)
        done = text.find("\n", value.end()) + 1 or len(text)
        pieces.append(_ESCAPE.sub(_plain, text[start:done]))
        starts.append(total)
        origins.append(start)
        total += done - start
    return Joined("".join(pieces), tuple(starts), tuple(origins), loose=False) if pieces else None


def undiffed(text: str, seen: Seen) -> Joined | None:
    """The lines of a diff without the column that says what becomes of them; None where it is none."""
    if "@@ -" not in seen.marks or _HUNK.search(text) is None:
        return None
    pieces, starts, origins = [], [], []
    total = done = 0
    while done < len(text):
        end = text.find("\n", done) + 1 or len(text)
        start = done + (text[done] in "+- ")
        pieces.append(text[start:end])
        starts.append(total)
        origins.append(start)
        total += end - start
        done = end
    return Joined("".join(pieces), tuple(starts), tuple(origins), loose=False)


def _plain(escape: re.Match[str]) -> str:
    """The escaped character alone, with blanks for its backslashes on the outer side of a quote."""
    blanks, char = " " * len(escape[1]), escape[2]
    if char in "nrt":
        return blanks + ("\n" if char == "n" else " ")
    opens = escape.start() == 0 or escape.string[escape.start() - 1] in " \t=:(,[{"
    return blanks + char if opens else char + blanks


def joined(text: str, seen: Seen) -> Iterator[Joined]:
    """Every stretch of text in which literals or lines are split, read in one piece."""
    chain: list[re.Match[str]] = []
    for join in _joins(text, seen):
        if chain and _only_a_piece(text, chain[-1].end(), join.start()):
            chain.append(join)
            continue
        if chain:
            yield from _read(text, chain)
        chain = [join]
    if chain:
        yield from _read(text, chain)


def _joins(text: str, seen: Seen) -> Iterable[re.Match[str]]:
    """Every place where a literal or a line is split, in order; items of a list only near a call that joins them."""
    found = [*_splits(_MAYBE_ADJACENT, _ADJACENT, text, seen.flat, 0, len(text))]
    done = len(found)
    at = 0
    for start in seen.places(*_LISTS) if seen.any_of(_LISTS) else ():
        at, end = max(at, start - LIST_REACH), min(start + LIST_REACH, len(text))
        found += _splits(_MAYBE_LISTED, _LISTED, text, seen.flat, at, end)
        at = max(at, end)
    if seen.any_of(_BREAKS):
        found += [match for match in _BROKEN.finditer(text) if _in_word(text, match.start() - 1)]
    if len(found) == done:
        return found
    by_start = {match.start(): match for match in found}
    return [by_start[start] for start in sorted(by_start)]


def _splits(
    maybe: re.Pattern[bytes], surely: re.Pattern[str], text: str, flat: bytes, start: int, end: int
) -> Iterator[re.Match[str]]:
    """The matches of `surely` one after the other, none within another, looked for where the text by class allows."""
    place = maybe.search(flat, start, end)
    while place is not None:
        match = surely.match(text, place.start(), end)
        if match is not None:
            yield match
        place = maybe.search(flat, match.end() if match is not None else place.start() + 1, end)


def _in_word(text: str, at: int) -> bool:
    return at >= 0 and (text[at].isalnum() or text[at] in "_+/=~-")


def _only_a_piece(text: str, start: int, end: int) -> bool:
    piece = _PIECE.match(text, start)
    return piece is not None and piece.end() == end


def _read(text: str, chain: list[re.Match[str]]) -> Iterator[Joined]:
    loose = any("," in join[0] for join in chain)
    before = max(0, chain[0].start() - BEFORE)
    if loose:
        piece = _PIECE_BEFORE.search(text, before, chain[0].start())
        before = piece.start() if piece is not None else chain[0].start()
    last = _PIECE.match(text, chain[-1].end())
    spans = []
    at = before
    for join in chain:
        spans.append((at, join.start()))
        at = join.end()
    end = last.end() if last is not None else at
    spans.append((at, end if loose else min(len(text), end + 1)))
    starts, total = [], 0
    for begin, stop in spans:
        starts.append(total)
        total += stop - begin
    whole = "".join([text[begin:stop] for begin, stop in spans])
    if not loose or (total >= 16 and _DIGIT.search(whole) is not None):
        yield Joined(whole, tuple(starts), tuple(begin for begin, _ in spans), loose)
