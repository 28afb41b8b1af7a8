"""Values that are secret because of where they stand, without a name beside them.

An argument of a call that takes a key (`jwt.encode(claims, "…")`), a word of a command line (`sshpass -p …`), the other
half of a pair (`name: API_KEY` and `value: …`), what a statement sets (`IDENTIFIED BY '…'`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .randomness import drawn, stand_in, strong
from .secret import Secret, whole
from .seen import Seen

NameIsSecret = Callable[[str], bool]
"""Whether a name, in lower case, says that what it is given is secret."""

_LONGEST_CALL = 400
_LITERAL = re.compile(r"""[(,=]\s*[bBrR@]{0,2}(?P<quote>["'`])(?P<value>[^\s"'`\\<>]{8,200})(?P=quote)\s*(?=[,)])""")
_CALLS = (
    *("jwt.encode(", "jwt.decode(", "jwt.sign(", "jwt.verify(", "hmac.new(", "createHmac(", "Fernet("),
    *("HTTPBasicAuth(", "asicAuth(", "asic_auth(", ".login(", "auth=(", "auth = (", "getConnection("),
    *("sql.connect(", "ySQLdb.connect(", "connector.connect(", "AWSCredentials(", "BasicCredentials.create("),
    *("NewStaticCredentials(", "Secret.fromString(", "SecretStr("),
)
"""Calls of which an argument that looks drawn by lot, or chosen with care, is a key or a password."""

_WORD = r"""["']?(?P<value>[^\s"'`<>|;${}()\[\]]{6,200})"""

_IN_QUOTES = r"'(?P<value>[^\s'`<>]{6,200})'"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where `pattern` stands around one of `marks`, its `value` is a secret. `reach` is how far before it it begins.

    Unless it is `sure`, people write other things there too, and only what looks like a password counts.
    """

    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    reach: int = 0
    sure: bool = True


def _place(marks: str, pattern: str, reach: int = 0, *, sure: bool = True) -> _Place:
    return _Place(tuple(marks.split("|")), re.compile(pattern), reach, sure)


_PLACES = (
    _place("sshpass", r"sshpass[ \t]+(?:-\w+[ \t]+)*?-p[ \t]*" + _WORD),
    _place(
        "mysql|mariadb",
        r"(?:mysql|mariadb)(?:-?(?:dump|admin|import|show|check))?[ \t](?:[^\n|;&]{0,300}?[ \t])??-p" + _WORD,
    ),
    _place("redis-cli", r"redis-cli[ \t][^\n|;&]{0,200}?(?:-a|--pass)[ \t=]" + _WORD),
    _place(" login ", r" login [^\n|;&]{0,200}?-p[ \t=]" + _WORD),
    _place("--password-stdin| -S ", r"echo[ \t]+(?:-n[ \t]+)?" + _WORD + r"""["']?[ \t]*\|[^\n]{0,80}""", 240),
    _place("openssl ", r"openssl [^\n|;&]{0,200}?(?:-k[ \t]|-pass(?:in|out)?[ \t]pass:)" + _WORD),
    _place("net use ", r"net use [^\n]{0,120}?[ \t]" + _WORD + r"[ \t]+/user:"),
    _place("sqlplus |oracle:thin:", r"(?:sqlplus |oracle:thin:)\w+/" + r"(?P<value>[^\s@\"'`<>/${}]{6,200})@"),
    _place("configure set aws_secret", r"configure set aws_secret\w+[ \t]+(?P<value>[A-Za-z0-9+/]{40})"),
    _place("secret set ", r"secret set [^\n|;&]{0,80}?--body[ \t=]" + _WORD),
    _place("login ", r"login[ \t]+\S{1,80}\s+password[ \t]+" + _WORD),
    _place("requirepass ", r"requirepass[ \t]+" + _WORD),
    _place("IDENTIFIED BY", r"IDENTIFIED BY[ \t]+(?:PASSWORD[ \t]+)?" + _IN_QUOTES),
    _place("identified by", r"identified by[ \t]+(?:password[ \t]+)?" + _IN_QUOTES, sure=False),
    _place("PASSWORD '", r"PASSWORD " + _IN_QUOTES),
    _place("password '", r"password " + _IN_QUOTES, sure=False),
    _place("_pass=|PASS=|_pass:|_PASS:", r"(?:_|(?<![A-Za-z]))(?:pass|PASS)[:=][ \t]{0,3}" + _WORD, sure=False),
    _place("ConvertTo-SecureString", r"ConvertTo-SecureString[ \t]+(?:-String[ \t]+)?" + _WORD),
)

_NAME = r"""(?P<name>[\w.$-]{1,80})"""
_PAIRS = (
    _place(
        'value:|value":|Value":|value=|value =',
        rf"""\b[nN]ame["']?[ \t]?[:=][ \t]?["']?{_NAME}["']?[ \t]*[,;]?\s{{1,40}}["']?[vV]alue["']?[ \t]?[:=][ \t]?"""
        r"""["']?(?P<value>[^\s"'`<>,{}$]{8,400})""",
        140,
    ),
    _place("value=", rf"""\bkey=["']{_NAME}["']\s{{1,40}}value=["'](?P<value>[^\s"'`<>{{}}$]{{8,400}})["']""", 140),
    _place(
        "</property>|</entry>|</string>",
        rf"""\b(?:name|key)=["']{_NAME}["']>(?P<value>[^\s"'`<>{{}}$]{{8,400}})</""",
        300,
    ),
    _place(
        'variable "',
        rf"""variable "{_NAME}"\s{{0,3}}\{{[^{{}}]{{0,600}}?\bdefault\s*=\s*"(?P<value>[^\s"<>${{}}]{{8,400}})\"""",
    ),
)
"""A name and its value, each with a name of its own."""

MARKS = (*_CALLS, *(mark for one in (*_PLACES, *_PAIRS) for mark in one.marks))


def positioned(text: str, seen: Seen, is_secret: NameIsSecret) -> Iterator[Secret]:
    """Find them all, each after a look for a rare mark."""
    for call in _CALLS:
        for at in seen.marks.get(call, ()):
            yield from _arguments(text, at + len(call) - 1)
    for place in _PLACES:
        for match in _around(text, seen, place):
            if (_certain if place.sure else _likely)(match["value"]):
                yield whole("password", *match.span("value"))
    for place in _PAIRS:
        for match in _around(text, seen, place):
            if is_secret(match["name"].lower()) and _likely(match["value"]):
                yield whole("assigned-secret", *match.span("value"))


def _around(text: str, seen: Seen, place: _Place) -> Iterator[re.Match[str]]:
    """The matches that hold a mark, or begin at it."""
    for at in seen.places(*place.marks) if seen.any_of(place.marks) else ():
        if not place.reach:
            match = place.pattern.match(text, at)
        else:
            match = place.pattern.search(text, max(0, at - place.reach), at + _LONGEST_CALL)
            match = match if match is not None and match.start() <= at < match.end() else None
        if match is not None:
            yield match


def _arguments(text: str, opening: int) -> Iterator[Secret]:
    """The literals among a call's own arguments that are keys."""
    depth = 0
    for at in range(opening, min(len(text), opening + _LONGEST_CALL)):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
        if depth == 0:
            break
        if depth == 1 and text[at] in "(,=":
            literal = _LITERAL.match(text, at)
            if literal is not None and _likely(literal["value"]):
                yield whole("assigned-secret", *literal.span("value"))


def _likely(value: str) -> bool:
    return strong(value) or drawn(value)


def _certain(value: str) -> bool:
    """Whether a word that can be nothing but a password is one, and no stand-in."""
    return not stand_in(value) and not value.isalpha() and any(map(str.isalpha, value))
