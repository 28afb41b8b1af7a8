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
from .seen import Look, Seen
from .vendors import VENDORS, Vendor, name_hints
from .words import Words

_NAMES = 4_096

REACH = 120
"""How many characters before a value its name may begin."""

_QUOTED = re.compile(rb"""\"(?=[^" \n0]*+0)[^" \n<]{8,400}+\"""")
"""In the text by class: a value without blanks that holds a digit."""

_BARE_IN_WORDS = re.compile(r"[:=>,|][ \t]{0,4}(?=[\w+-][\w+/.~:|-]{14})")
_BARE = re.compile(r"[\w+/=.~!@#$%^*?|:-]{12,400}")
_BARE_PASSWORD = re.compile(r"[\w-]{0,20}[ \t]{0,3}[:=>][ \t]{0,4}([^\s\"'`<>;,&(){}\[\]]{8,200})")
_MARGIN = 40
_NEXT_ITEM = (",\n", ",\r\n")
"""A value behind one of them and at most a margin is an item of a list, a line for each: the one before is no name."""

_TURN_OR_MARK = re.compile(r"[A-Za-z][0-9]|[0-9][A-Za-z]|[!@#$%^&*?+=]")
_SURELY_LONG = 30
"""A value of so many characters without either is no secret of any kind, unless it is a number."""

_NUMBER = re.compile(r"[-+]?\d+\.\d+")
_PASSWORD_MARKS = ("ssw", "ssW", "SSW", "pwd", "PWD", "Pwd", "ssphr", "ssPhr", "SSPHR")
_OPTION_MARKS = ("-password", "-passwd", "-token", "-secret", "-api-key", "-apikey")
_STATEMENT_MARKS = ("#define", "ENV ", "ARG ", "setenv")
MARKS = (*_PASSWORD_MARKS, *_OPTION_MARKS, *_STATEMENT_MARKS)
_IN_CONNECTION = re.compile(r"[A-Za-z]*\s?=\s?([^;\s\"'`<>{}()\[\]$%&]{6,200})(?=[;\"'&])")
_CONNECTION_REACH = 200
_OPTION = re.compile(r"--?((?:[a-z]+-)*(?:password|passwd|token|secret|api-?key))[ \t]+([^\s\"'`<>;|&$]{8,200})")
_STATEMENT = re.compile(
    r"^[ \t]*(?:#[ \t]*define|ENV|ARG|setenv)[ \t]+(\w{1,60})[ \t]+[\"']?([^\s\"'`<>;,&(){}\[\]$]{8,200})", re.MULTILINE
)
"""A name and its value with nothing but blanks between, as a preprocessor, a Dockerfile and a C shell have it."""

_NAME_BACKWARDS = re.compile(
    r"""["'`]?(?:[A-Za-z@$]{1,2}(?=[\s=:>,({])|\([A-Za-z.]{0,24}(?:\s{1,2}wen)?)?\s{0,12}"""
    r"""(?:[=:][:?|!+~=]{0,2}|>=|\|\||ro(?=\s)|[>,({]|[\[(]\s{0,3}[:=>,])"""
    r"""\s{0,3}(?:\]\w{0,24}\[|["'`\])]{0,3})(?P<name>[\w.$ -]{0,60}[A-Za-z_$])"""
)
"""An operator and a name to its left, read from the value backwards, so that the match is anchored."""

_TYPED_BACKWARDS = re.compile(
    r"""["'`]?(?:[A-Za-z@$]{1,2}(?=[\s=]))?\s{0,12}=\s{0,3}[\w\[\]<>&*'?|,. ]{1,60}?:\s{0,3}[?!]?"""
    r"""(?P<name>[\w.$ -]{0,60}[A-Za-z_$])"""
)
"""The same where the name's type stands between: `api_key: &str = "…"`."""

_ENDING = (
    r"(?:[_.$ -]?(?:key|id|value|val|string|str|text|b64|base64|hex|base|default|prod|production|dev|staging|test|live"
    r"|old|new|current|env|s|v?\d{1,2}))*\s*\Z"
)
_SECRET = re.compile(
    r"(?<!public)(?<!public[_.$ -])(?<!next)(?<!next[_-])(?<!page)(?<!page[_-])(?<!sync[_-])(?<!cancel[_-])"
    r"(?:passw(?:or)?d|passphrase|(?<![a-z])pwd?|secret|token|credential|creds|authorization|(?<![a-z])auth|bearer"
    r"|(?:(?<![a-z])|db|smtp|user|root|admin|mail|ftp|ssh|proxy)pass"
    r"|(?:api|access|auth|private|signing|sign|encryption|crypt|account|master|service|shared|license|storage|sas)"
    r"[_.$ -]?key)" + _ENDING
)
_SECRET_HINTS = ("pass", "pw", "secret", "token", "cred", "auth", "bearer", "key")
"""Every name that `_SECRET` finds holds one of them."""

_HINTS = Look([*_SECRET_HINTS, *name_hints()])
_VENDOR = re.compile("|".join(dict.fromkeys(f"(?:{vendor.name})" for vendor in VENDORS)))
_PASSWORD = re.compile(r"(?:passw(?:or)?d|passphrase|(?<![a-z])pwd?)" + _ENDING)


@dataclass(frozen=True, slots=True)
class Named:
    """What the name beside a value says of it."""

    name: str
    secret: bool
    password: bool
    vendor: bool


def assigned(text: str, words: Words, seen: Seen) -> Iterator[Secret]:
    """Find values whose name says that they are secret; `words` are the long words of `text` with a digit."""
    for match in _QUOTED.finditer(seen.flat):
        start, end = match.start() + 1, match.end() - 1
        if text[max(0, start - _MARGIN) : start - 1].rstrip(" \t").endswith(_NEXT_ITEM):
            continue
        if kind := _kind(text, start, text[start:end]):
            yield whole(kind, start, end)
    for hit in _BARE_IN_WORDS.finditer(words.text):
        bare = _BARE.match(text, words.origin(hit.end()))
        if bare is not None and (kind := _kind(text, bare.start(), bare[0])):
            yield whole(kind, *bare.span())
    yield from _passwords(text, seen)
    for stated in _STATEMENT.finditer(text) if seen.any_of(_STATEMENT_MARKS) else ():
        named = _read_name(stated[1].lower())
        if named.secret and (drawn(stated[2]) or (named.password and strong(stated[2]))):
            yield whole("password" if named.password else "assigned-secret", *stated.span(2))
    if seen.any_of(_OPTION_MARKS) and "--" in text:
        for option in _OPTION.finditer(text):
            if strong(option[2]) or drawn(option[2]):
                yield whole("password" if "passw" in option[1] else "assigned-secret", *option.span(2))


def _passwords(text: str, seen: Seen) -> Iterator[Secret]:
    """Passwords without quotes, and those in connection strings, where any but a stand-in counts."""
    for mark in _PASSWORD_MARKS if seen.any_of(_PASSWORD_MARKS) else ():
        for at in seen.places(mark):
            after = at + len(mark)
            bare = _BARE_PASSWORD.match(text, after)
            if bare is not None and strong(bare[1]):
                yield whole("password", *bare.span(1))
            match = _IN_CONNECTION.match(text, after)
            near = text[max(0, at - _CONNECTION_REACH) : match.end() + 1] if match is not None else ""
            if match is not None and ";" in near and not stand_in(match[1]):
                yield whole("connection-string", *match.span(1))


def _kind(text: str, start: int, value: str) -> str:
    """Which kind of secret the value is, '' for none."""
    if len(value) <= _SURELY_LONG and not _TURN_OR_MARK.search(value) and not value.isdecimal():
        return ""
    before = text[max(0, start - REACH) : start]
    if not _HINTS.finds(before.lower()):
        return ""
    backwards = before[::-1]
    left = _NAME_BACKWARDS.match(backwards)
    if left is None:
        return ""
    named = _read_name(left["name"][::-1].lower())
    if not (named.secret or named.vendor) and (typed := _TYPED_BACKWARDS.match(backwards)) is not None:
        left, named = typed, _read_name(typed["name"][::-1].lower())
    if not (named.secret or named.vendor) or _another_item(left) or _NUMBER.fullmatch(value) is not None:
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


def names_a_secret(name: str) -> bool:
    """Whether a name, in lower case, says that its value is secret."""
    return _read_name(name).secret


@lru_cache(_NAMES)
def _read_name(name: str) -> Named:
    """What a name says; the same few names stand before most values, so answers are kept."""
    secret = _SECRET.search(name) is not None
    return Named(name, secret, secret and _PASSWORD.search(name) is not None, _VENDOR.search(name) is not None)


def _shaped(vendor: Vendor, value: str, chance: bool) -> bool:
    return (chance or vendor.bare or len(value) > _SURELY_LONG) and re.fullmatch(vendor.shape, value) is not None


def _another_item(named: re.Match[str]) -> bool:
    """Whether name and value are items of a list, one a line, rather than a pair."""
    between = named[0][: -len(named["name"])]
    return "," in between and "\n" in between
