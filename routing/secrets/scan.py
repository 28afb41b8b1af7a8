"""Every secret in a text.

Rare things are looked for first, all at once: the marks of known formats (seen.py), and in the text by class
(classes.py) long words with a digit, values in quotes, literals that follow each other. A format's own pattern runs
only around its mark. What is split over literals or lines is read again in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .assigned import MARKS as ASSIGNED
from .assigned import assigned, names_a_secret
from .blocks import MARKS as BLOCKS
from .blocks import blocks
from .encoded import encoded
from .joining import MARKS as JOINING
from .joining import joined, undiffed, unescaped
from .positions import MARKS as POSITIONS
from .positions import positioned
from .randomness import drawn, varied
from .secret import Secret, whole
from .seen import Look, Seen
from .tokens import SHAPES, TOKENS, Token
from .words import Words, long_words

_IN_WORD = re.compile(r"[A-Za-z0-9_+/.~-]")
_WORD = re.compile(r"[A-Za-z0-9_+/.~=-]{0,512}")
_WRAP = re.compile(r"\r?\n[ \t]*(?:[#*>|]|//)?[ \t]*")
_LONGEST = 4_000
_SHORT = 3
_WITHOUT_DIGIT = frozenset({"AKIA", "ASIA", "glpat-", "sk_live_"})
"""Marks of short keys in wide use: one in thirty has no digit."""


_BY_MARK = {
    mark: tuple(token for token in TOKENS if mark in token.marks)
    for mark in (mark for one in TOKENS for mark in one.marks)
}
_LOOK = Look((*_BY_MARK, *JOINING, *ASSIGNED, *BLOCKS, *POSITIONS))
_ANY_SHAPE = re.compile("|".join(f"(?:{token.pattern})" for token in SHAPES))
_GENERIC = frozenset({"assigned-secret", "password", "login-in-address", "connection-string", "encoded-key"})


def scan(text: str) -> list[Secret]:
    """Find the secrets, in order, none overlapping another."""
    seen = _LOOK.at(text)
    found = _found(text, seen)
    if (plain := undiffed(text, seen)) is not None:
        for secret in _found(plain.text, _LOOK.at(plain.text)):
            parts = [part for begin, end in secret.parts for part in plain.parts(begin, end)]
            found.append(Secret(secret.kind, parts[0][0], parts[-1][1], tuple(parts)))
    return _merged(found) if found else found


def _found(text: str, seen: Seen) -> list[Secret]:
    """The secrets of a text, and of what is split or escaped in it."""
    found = _in_one_piece(text, seen)
    for piece in joined(text, seen):
        for secret in _in_format(piece.text) if piece.loose else _in_one_piece(piece.text, _LOOK.at(piece.text)):
            if piece.crossing(secret.start, secret.end):
                parts = [part for begin, end in secret.parts for part in piece.parts(begin, end)]
                found.append(Secret(secret.kind, parts[0][0], parts[-1][1], tuple(parts)))
    if (plain := unescaped(text)) is not None:
        for secret in _in_one_piece(plain.text, _LOOK.at(plain.text)):
            parts = [part for begin, end in secret.parts for part in plain.parts(begin, end)]
            found.append(Secret(secret.kind, parts[0][0], parts[-1][1], tuple(parts)))
    return found


def _in_one_piece(text: str, seen: Seen) -> list[Secret]:
    words = long_words(text, seen.flat)
    return [
        *_formats(text, words, seen),
        *assigned(text, words, seen),
        *blocks(text, words, seen),
        *positioned(text, seen, names_a_secret),
        *encoded(text, words, _plainly),
    ]


def _in_format(text: str) -> Iterator[Secret]:
    """The keys of a text that say by their format whose they are."""
    seen = _LOOK.at(text)
    return _formats(text, long_words(text, seen.flat), seen)


def _plainly(text: str) -> bool:
    """Whether a key stands in a text that was decoded."""
    seen = _LOOK.at(text)
    words = long_words(text, seen.flat)
    return any(True for _ in _formats(text, words, seen)) or any(True for _ in blocks(text, words, seen))


def _formats(text: str, words: Words, seen: Seen) -> Iterator[Secret]:
    """Keys that say by their format whose they are."""
    for mark, places in seen.marks.items():
        for token in _BY_MARK.get(mark, ()):
            place = "text" if mark in _WITHOUT_DIGIT else token.look_in
            if place == "heads" and (mark not in words.heads or not _likely(words.text, token, mark)):
                continue
            if place == "words" and mark not in words.text:
                continue
            yield from _around(text, token, places)
    keys = dict.fromkeys(word for word in words.words if _ANY_SHAPE.match(word) is not None)
    for token in SHAPES if keys else ():
        yield from _shaped(text, keys, token)


def _likely(words: str, token: Token, mark: str) -> bool:
    """Whether a short mark, which stands in many words, stands in a key in one of them."""
    if len(mark) > _SHORT or token.reach:
        return True
    pattern = re.compile(token.pattern)
    at = words.find(mark)
    while at != -1:
        if pattern.match(words, at) is not None:
            return True
        at = words.find(mark, at + 1)
    return False


def _around(text: str, token: Token, places: Iterable[int]) -> Iterator[Secret]:
    """Run the format's pattern around each place of its mark."""
    pattern = re.compile(token.pattern)
    done = 0
    for at in places:
        if at < done:
            continue
        match = _match(pattern, text, at, token.reach)
        if match is not None and varied(match[0]):
            yield whole(token.kind, *match.span())
            done = match.end()
            continue
        wrapped = _wrapped(text, at, pattern) if match is None else None
        if wrapped is not None:
            yield Secret(token.kind, wrapped[0][0], wrapped[-1][1], wrapped)
            done = wrapped[-1][1]


def _match(pattern: re.Pattern[str], text: str, at: int, reach: int) -> re.Match[str] | None:
    """The match that holds the mark at `at`."""
    if reach <= 0:
        return pattern.match(text, at - reach)
    found = pattern.search(text, max(0, at - reach), at + _LONGEST)
    while found is not None and found.end() <= at:
        found = pattern.search(text, found.end(), at + _LONGEST)
    return found if found is not None and found.start() <= at else None


def _wrapped(text: str, at: int, pattern: re.Pattern[str]) -> tuple[tuple[int, int], ...] | None:
    """A key that goes on in the next line, as where a terminal or a mail has wrapped it."""
    word = _WORD.match(text, at)
    if word is None:
        return None
    pieces = [word.span()]
    while len(pieces) < 8 and (wrap := _WRAP.match(text, pieces[-1][1])) is not None:
        following = _WORD.match(text, wrap.end())
        if following is None or not following[0]:
            break
        pieces.append(following.span())
    if len(pieces) == 1:
        return None
    match = pattern.match("".join(text[begin:end] for begin, end in pieces))
    if match is None or not varied(match[0]):
        return None
    left, parts = match.end(), []
    for begin, end in pieces:
        taken = min(left, end - begin)
        if taken:
            parts.append((begin, begin + taken))
        left -= taken
    return tuple(parts)


def _shaped(text: str, words: Iterable[str], token: Token) -> Iterator[Secret]:
    """Keys without a mark at their beginning: words of a known shape, wherever they stand."""
    for word in words:
        match = re.match(token.pattern, word)
        if match is None or not drawn(match[0]):
            continue
        at = text.find(match[0])
        while at != -1:
            if at == 0 or _IN_WORD.match(text, at - 1) is None:
                yield whole(token.kind, at, at + len(match[0]))
            at = text.find(match[0], at + len(match[0]))


def _merged(found: Iterable[Secret]) -> list[Secret]:
    """One secret for each stretch; the kind that says most wins."""
    groups: list[list[Secret]] = []
    end = -1
    for secret in sorted(found, key=lambda one: (one.start, -one.end)):
        if secret.start >= end:
            groups.append([])
        groups[-1].append(secret)
        end = max(end, secret.end)
    return [_one(group) for group in groups]


def _one(group: list[Secret]) -> Secret:
    if len(group) == 1:
        return group[0]
    kind = next((secret.kind for secret in group if secret.kind not in _GENERIC), group[0].kind)
    parts = united(part for secret in group for part in secret.parts)
    return Secret(kind, parts[0][0], parts[-1][1], parts)


def united(parts: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same stretches in order, those that touch or overlap made one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def masked(text: str) -> str:
    """The text with an ellipsis in the place of each secret, for what is written down or shown."""
    pieces: list[str] = []
    at = 0
    for start, end in united(part for secret in scan(text) for part in secret.parts):
        pieces += (text[at:start], "…")
        at = end
    return "".join((*pieces, text[at:]))
