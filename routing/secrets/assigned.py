"""Values that are secret because of the name they are given: `password = "…"`, `"api_key": "…"`, `TOKEN=…`.

A value is looked for first (a word with a digit, behind an operator or in quotes), because values that could be
keys are rare and names are not; then the name to its left is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .randomness import drawn, stand_in, strong, varied, written
from .secret import Secret, whole
from .vendors import VENDORS, Vendor
from .words import Words

_NAMES = 4_096

REACH = 120
"""How many characters before a value its name may begin."""

_QUOTED = re.compile(r"""["'`](?=[^"'`\s\d]*+\d)([^\s"'`<>]{8,400}+)["'`]""")
_BARE_IN_WORDS = re.compile(r"[:=>,|][ \t]{0,4}(?=[\w+/.~:|-]{15})")
_BARE = re.compile(r"[\w+/=.~!@#$%^*?|:-]{12,400}")
_BARE_PASSWORD = re.compile(r"[\w-]{0,20}[ \t]{0,3}[:=>][ \t]{0,4}([^\s\"'`<>;,&(){}\[\]]{8,200})")
_NUMBER = re.compile(r"[-+]?\d+\.\d+")
_PASSWORD_MARKS = ("ssw", "SSW", "pwd", "PWD", "ssphr", "SSPHR", "Pwd")
_PASSWORD_HINTS = ("ssw", "pwd", "ssphr")
_IN_CONNECTION = re.compile(r"[A-Za-z]*\s?=\s?([^;\s\"'`<>{}()\[\]$%&]{6,200})(?=[;\"'&])")
_CONNECTION_REACH = 200
_OPTION = re.compile(r"--?((?:[a-z]+-)*(?:password|passwd|token|secret|api-?key))[ \t]+([^\s\"'`<>;|&$]{8,200})")
_NAME_BACKWARDS = re.compile(
    r"""["'`]?(?:[A-Za-z@$]{1,2}(?=[\s=:>,(])|\([A-Za-z]{0,12})?\s{0,12}(?:[=:][:?|!+~=]{0,2}|>=|\|\||[>,(]|[\[(]\s{0,3}[:=>,])"""
    r"""\s{0,3}["'`\])]{0,3}(?P<name>[\w.$ -]{0,60}[A-Za-z_$])"""
)
"""An operator and a name to its left, read from the value backwards, so that the match is anchored."""

_ENDING = (
    r"(?:[_.$ -]?(?:key|id|value|val|string|str|text|b64|base64|hex|base|default|prod|production|dev|staging|test|live"
    r"|old|new|current|env|s|v?\d{1,2}))*\s*\Z"
)
_SECRET = re.compile(
    r"(?<!public)(?<!public[_.$ -])(?<!next)(?<!next[_-])(?<!page)(?<!page[_-])(?<!sync[_-])(?<!cancel[_-])"
    r"(?:passw(?:or)?d|passphrase|(?<![a-z])pwd|secret|token|credential|creds|authorization|(?<![a-z])auth|bearer"
    r"|(?:api|access|auth|private|signing|sign|encryption|crypt|account|master|service|shared|license|storage|sas)"
    r"[_.$ -]?key)" + _ENDING
)
_VENDOR = re.compile("|".join(dict.fromkeys(f"(?:{vendor.name})" for vendor in VENDORS)))
_PASSWORD = re.compile(r"(?:passw(?:or)?d|passphrase|(?<![a-z])pwd)" + _ENDING)


@dataclass(frozen=True, slots=True)
class Named:
    """What the name beside a value says of it."""

    name: str
    secret: bool
    password: bool
    vendor: bool


def assigned(text: str, words: Words) -> Iterator[Secret]:
    """Find values whose name says that they are secret; `words` are the long words of `text` with a digit."""
    for match in _QUOTED.finditer(text):
        if kind := _kind(text, match.start(1), match[1]):
            yield whole(kind, *match.span(1))
    for hit in _BARE_IN_WORDS.finditer(words.text):
        bare = _BARE.match(text, words.origin(hit.end()))
        if bare is not None and (kind := _kind(text, bare.start(), bare[0])):
            yield whole(kind, *bare.span())
    yield from _passwords(text)
    if "--" in text:
        for match in _OPTION.finditer(text):
            if strong(match[2]) or drawn(match[2]):
                yield whole("password" if "passw" in match[1] else "assigned-secret", *match.span(2))


def _passwords(text: str) -> Iterator[Secret]:
    """Passwords without quotes, and those in connection strings, where any but a stand-in counts."""
    low = text.lower()
    for mark in _PASSWORD_MARKS if any(hint in low for hint in _PASSWORD_HINTS) else ():
        at = text.find(mark)
        while at != -1:
            after = at + len(mark)
            bare = _BARE_PASSWORD.match(text, after)
            if bare is not None and strong(bare[1]):
                yield whole("password", *bare.span(1))
            match = _IN_CONNECTION.match(text, after)
            near = text[max(0, at - _CONNECTION_REACH) : match.end() + 1] if match is not None else ""
            if match is not None and ";" in near and not stand_in(match[1]):
                yield whole("connection-string", *match.span(1))
            at = text.find(mark, at + 1)


def _kind(text: str, start: int, value: str) -> str:
    """Which kind of secret the value is, '' for none."""
    if _NUMBER.fullmatch(value) is not None:
        return ""
    left = _NAME_BACKWARDS.match(text[max(0, start - REACH) : start][::-1])
    if left is None:
        return ""
    named = _read_name(left["name"][::-1].lower())
    if not (named.secret or named.vendor) or _another_item(left):
        return ""
    chance = drawn(value)
    if named.password and (chance or strong(value)):
        return "password"
    if chance and named.secret:
        return "assigned-secret"
    if named.vendor and varied(value, 4) and not written(value):
        return next(
            (one.kind for one in VENDORS if re.search(one.name, named.name) and _shaped(one, value, chance)), ""
        )
    return ""


@lru_cache(_NAMES)
def _read_name(name: str) -> Named:
    """What a name says; the same few names stand before most values, so answers are kept."""
    secret = _SECRET.search(name) is not None
    return Named(name, secret, secret and _PASSWORD.search(name) is not None, _VENDOR.search(name) is not None)


def _shaped(vendor: Vendor, value: str, chance: bool) -> bool:
    return (chance or vendor.bare or len(value) > 30) and re.fullmatch(vendor.shape, value) is not None


def _another_item(named: re.Match[str]) -> bool:
    """Whether name and value are items of a list, one a line, rather than a pair."""
    between = named[0][: -len(named["name"])]
    return "," in between and "\n" in between
