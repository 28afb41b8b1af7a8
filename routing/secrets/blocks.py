"""Secrets that show by what stands around them: private keys, logins in addresses, headers, manifests."""

from __future__ import annotations

import base64
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise

from .randomness import drawn, stand_in, varied, written
from .secret import Secret, whole
from .seen import Seen
from .words import Words

_BEGIN = re.compile(r"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----")
_OTHER_ARMOUR = re.compile(r"-----(?:BEGIN|END)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_LINE = re.compile(r"(?:[^\n\\]|\\[^n])+")
_BODY = re.compile(r"(?:\\[nr]|[\s\"'+\\,]|[A-Za-z0-9+/]{16,}={0,2}|(?:Proc-Type|DEK-Info|Version|Comment):[^\n]*)*")
_HEADER_LINE = re.compile(r"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset):[^\n\"'\\]*")
_PEM_STARTS = re.compile(
    r"(?<![A-Za-z0-9+/])(?:MII[A-Za-z0-9+/]{3,5}IBAA[A-Za-z0-9+/]|MII[A-Za-z0-9+/]{2,5}IBADANBgkqhki|MI[GH][A-Za-z0-9+/]AgEAMB"
    r"|MHcCAQEEI|MC4CAQAwBQYDK2V|b3BlbnNzaC1rZXktdjE)[A-Za-z0-9+/]{16,}"
)
_RUN_ON = re.compile(r"[A-Za-z0-9+/]+={0,2}(?:(?:\\n|[\s\"'+\\,])+[A-Za-z0-9+/]{16,}={0,2})*")
_PUTTY = re.compile(r"Private-Lines:\s*\d+\r?\n((?:[A-Za-z0-9+/=]+\r?\n?)+)")
_LOGIN = re.compile(r"://([^\s/@:\"'`<>]{0,200})(?::([^\s/@\"'`<>]{0,200}))?@(?=[\w\[.-])")
_HEADER = re.compile(r"[A-Za-z]+[ \t]+([A-Za-z0-9._~+/=@-]{12,2000})")
_CURL = re.compile(
    r"\bcurl\b(?:[^\n\\]|\\.|\\\r?\n){0,400}?\s(?:-u|--user|--proxy-user|-U)[ =]{0,3}[\"']?"
    r"([^\s\"':]{1,80}):([^\s\"']{3,200})"
)
_MANIFEST = re.compile(r"^kind:[ \t]*[\"']?Secret[\"']?[ \t]*\r?$", re.MULTILINE)
_MANIFEST_DATA = re.compile(r"^([ \t]*)(?:string)?[dD]ata:[ \t]*\r?$", re.MULTILINE)
_MANIFEST_VALUE = re.compile(
    r"^[ \t]+[\"']?[\w.-]+[\"']?:[ \t]*(?:[|>][+-]?[ \t]*\r?\n[ \t]+)?[\"']?([^\s\"'{}#|>][^\s\"'{}]{5,})", re.MULTILINE
)
_NUGET = re.compile(r"<add\s+key=\s*\"(?:ClearText)?Password\"\s*value=\s*\"([^\"%$]{4,})\"", re.IGNORECASE)
_ELEMENT = re.compile(r"<(\w*(?:[pP]assword|[pP]assphrase|[sS]ecret|[tT]oken|[aA]pi[kK]ey))>([^<>\s${}]{6,})</\1>")
_WEBHOOK = re.compile(
    r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{30,})"
    r"|\.webhook\.office\.com/webhookb2/([\w@/-]{60,})"
    r"|discord(?:app)?\.com/api/webhooks/(\d{15,}/[\w-]{50,})"
)
_STORAGE_KEY = re.compile(r"(?:AccountKey|SharedAccessKey|AccessKey)=([A-Za-z0-9+/]{40,}={0,2})")
_SIGNATURE = re.compile(r"sig=([A-Za-z0-9+/]|%2[BFbf]){40,90}(?:=|%3[Dd]){1,2}")
_KEY_MARKS = ("MII", "MIG", "MIH", "MHcC", "MC4C", "b3Bl")
_HEADER_MARKS = ("earer ", "EARER ", "asic ", "oken ", "piKey ")
_ELEMENT_MARKS = ("assword>", "assphrase>", "ecret>", "oken>", "piKey>", "pikey>", "<add")
MARKS = (
    *("PRIVATE KEY", "Private-Lines:", "://", "curl", "kind:", "hook", "Key=", "sig="),
    *(*_KEY_MARKS, *_HEADER_MARKS, *_ELEMENT_MARKS),
)


def blocks(text: str, words: Words, seen: Seen) -> Iterator[Secret]:
    """Find them all, each after a look for a rare mark; `words` are the long words of `text` with a digit."""
    marks = seen.marks
    if "PRIVATE KEY" in marks:
        yield from _armoured(text)
        yield from _ends(text)
    if seen.any_of(_KEY_MARKS):
        yield from _bodies(text, words)
    if "Private-Lines:" in marks:
        for match in _PUTTY.finditer(text):
            yield _lines("private-key", text, *match.span(1))
    if "://" in marks and "@" in text:
        for match in _at(text, seen.places("://"), _LOGIN):
            yield from _login(match)
    if seen.any_of(_HEADER_MARKS):
        yield from _headers(text, seen)
    if "curl" in marks:
        for match in _CURL.finditer(text):
            if not stand_in(match[2]):
                yield whole("curl-login", *match.span(2))
    if "kind:" in marks and "ata:" in text:
        yield from _manifests(text)
    if seen.any_of(_ELEMENT_MARKS):
        yield from _elements(text)
    if "hook" in marks:
        for match in _WEBHOOK.finditer(text):
            yield whole("webhook", *match.span(match.lastindex or 0))
    if "Key=" in marks:
        for match in _STORAGE_KEY.finditer(text):
            yield whole("connection-string", *match.span(1))
    if "sig=" in marks:
        for match in _at(text, seen.places("sig="), _SIGNATURE):
            yield whole("connection-string", match.start() + len("sig="), match.end())


def _at(text: str, places: Iterable[int], pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Match the pattern at each of these places."""
    for place in places:
        if (match := pattern.match(text, place)) is not None:
            yield match


def _login(match: re.Match[str]) -> Iterator[Secret]:
    """The password of an address; the name too where it is the key, as in `https://TOKEN:x@host`."""
    user, password = match[1], match[2] or ""
    known = len(password) >= 3 and password != user and not stand_in(password)
    if drawn(user):
        yield whole("login-in-address", match.start(1), match.end(2) if known else match.end(1))
    elif known:
        both = sum(map(str.isdigit, user)) > 1
        yield whole("login-in-address", match.start(1 if both else 2), match.end(2))


def _headers(text: str, seen: Seen) -> Iterator[Secret]:
    """`Bearer …`, `Basic …`: what an HTTP header proves the caller with."""
    for match in _at(text, seen.places(*_HEADER_MARKS), _HEADER):
        value = match[1]
        if match[0].startswith("asic"):
            known = _basic(value)
        else:
            known = drawn(value) or (len(value) >= 16 and varied(value, 10) and any(map(str.isdigit, value)))
            known = known and not written(value)
        if known:
            yield whole("authorization-header", *match.span(1))


def _basic(value: str) -> bool:
    """Whether it is a login in base64, and not a stand-in."""
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return False
    return bool(colon) and user != password and not stand_in(password)


def _armoured(text: str) -> Iterator[Secret]:
    """The lines between BEGIN and END, or to the end of what looks like a key where END is missing."""
    for begin in _BEGIN.finditer(text):
        other = _OTHER_ARMOUR.search(text, begin.end())
        stop = other.start() if other is not None else _end_of_body(text, begin.end())
        secret = _lines("private-key", text, begin.end(), stop)
        if sum(end - start for start, end in secret.parts) >= 24:
            yield secret


def _ends(text: str) -> Iterator[Secret]:
    """The body before an END whose BEGIN was cut off."""
    armours = [match.start() for match in _OTHER_ARMOUR.finditer(text)]
    for end in _END.finditer(text):
        index = bisect_left(armours, end.start())
        floor = armours[index - 1] if index else 0
        if index and _BEGIN.match(text, floor) is not None:
            continue
        start = end.start()
        for line in reversed([*_LINE.finditer(text, floor, end.start())]):
            body = line[0].strip(" \t\r\"'+,")
            if body and not _BASE64.fullmatch(body):
                break
            start = line.start()
        secret = _lines("private-key", text, start, end.start())
        if secret.parts and max(stop - begin for begin, stop in secret.parts) >= 32:
            yield secret


def _bodies(text: str, words: Words) -> Iterator[Secret]:
    """Keys without armour, by how their encoding begins (PKCS 1, PKCS 8, SEC 1, OpenSSH)."""
    for match in _PEM_STARTS.finditer(words.text):
        start = words.origin(match.start())
        run = _RUN_ON.match(text, start)
        yield _lines("private-key", text, start, run.end() if run is not None else start)


def _end_of_body(text: str, start: int) -> int:
    run = _BODY.match(text, start)
    return run.end() if run is not None else start


def _lines(kind: str, text: str, start: int, end: int) -> Secret:
    """A secret of several lines: what carries it, without line breaks, quotes and headers."""
    body = _HEADER_LINE.sub(lambda match: " " * len(match[0]), text[start:end])
    body = re.sub(r"\\[nrt]", "  ", body)
    parts = tuple((start + match.start(), start + match.end()) for match in re.finditer(r"[A-Za-z0-9+/=]{2,}", body))
    return Secret(kind, parts[0][0] if parts else start, parts[-1][1] if parts else end, parts)


def _manifests(text: str) -> Iterator[Secret]:
    """The values under `data:` in a Kubernetes manifest of kind Secret; documents end at `---`."""
    bounds = [0, *(match.start() for match in re.finditer(r"^---", text, re.MULTILINE)), len(text)]
    for begin, end in pairwise(bounds):
        if _MANIFEST.search(text, begin, end) is None:
            continue
        for data in _MANIFEST_DATA.finditer(text, begin, end):
            stop = re.compile(rf"^{data[1]}[^\s#-]", re.MULTILINE).search(text, data.end(), end)
            for value in _MANIFEST_VALUE.finditer(text, data.end(), stop.start() if stop else end):
                if not stand_in(value[1]):
                    yield whole("kubernetes-secret", *value.span(1))


def _elements(text: str) -> Iterator[Secret]:
    for match in _NUGET.finditer(text):
        yield whole("configured-password", *match.span(1))
    for match in _ELEMENT.finditer(text):
        if not stand_in(match[2]) and any(map(str.isdigit, match[2])):
            yield whole("configured-password", *match.span(2))
