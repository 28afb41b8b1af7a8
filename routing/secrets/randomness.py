"""Whether a value looks drawn by lot, as keys are, or written by a person, as names and words are."""

from __future__ import annotations

import math
import re
from collections import Counter

_TURNS = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_CASE_TURNS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[a-z])")
_WRITTEN = re.compile(
    r"(?i)xxxx|\]\{|\.\.\.|\*\*\*|____|1234567|abcdef|example|changeme|placeholder|redacted|your[_-]|dummy|\$\{|\{\{|%\(|\$\(|<%|\\[ux]"
    r"|\A(?:https?:|file:|data:|[./~]|[a-z]:\\)|0{8}"
)
_CODE = re.compile(r"\A[$@&*]?[A-Za-z_]\w{0,40}(?:(?:\.|::|->)[A-Za-z_]\w{0,40})+\Z")
_MARKS = re.compile(r"[!@#$%^&*?+=]")
_KINDS = (re.compile(r"\d"), re.compile(r"[a-z]"), re.compile(r"[A-Z]"))
_COMMON = frozenset(
    {
        *("password", "passwd", "pass", "pwd", "secret", "token", "mypassword", "mysecret"),
        *("user", "username", "admin", "root", "guest", "test", "postgres"),
    }
)
_DATE = re.compile(r"\A[^\d]{0,10}\d{4}-\d\d-\d\d")


def entropy(value: str) -> float:
    """Shannon's entropy of the characters, in bits per character; 0.0 for an empty text."""
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values())


def varied(value: str, least: int = 7) -> bool:
    """Whether at least so many different characters occur, as they do not in `ghp_xxxxxxxx`."""
    return len(set(value)) >= least


def written(value: str) -> bool:
    """Whether a person wrote it as a place-holder, an address, a path, a date or an expression."""
    return bool(_WRITTEN.search(value) or _CODE.match(value) or _DATE.match(value))


def drawn(value: str) -> bool:
    """Whether a value of 10 or more characters looks drawn by lot."""
    turns = len(_TURNS.findall(value))
    if turns == 0 or len(value) < 10 or not varied(value) or written(value):
        return False
    bits = entropy(value)
    if turns >= 3:
        return bits >= (3.0 if len(value) < 24 else 3.2)
    mixed = len(_CASE_TURNS.findall(value))
    return len(value) >= 12 and bits >= 3.2 and mixed * 3 >= len(value)


def strong(password: str) -> bool:
    """Whether a value of 8 or more characters looks like a password that somebody chose with care."""
    marks = len(_MARKS.findall(password))
    turns = len(_TURNS.findall(password)) + marks
    if len(password) < 8 or turns < 2:
        return False
    kinds = sum(kind.search(password) is not None for kind in _KINDS) + (marks > 0)
    return (kinds >= 3 or turns >= 3) and varied(password, 6) and not written(password)


def stand_in(value: str) -> bool:
    """Whether somebody wrote a word, a variable or a blank where a password goes."""
    low = value.lower().strip("[]{}()*")
    return (
        low in _COMMON
        or not varied(low, 3)
        or written(value)
        or any(char in value for char in "{}$<>*")
        or value.startswith(("%", "["))
    )
