"""The text before a dot becomes steps: `self.make(x).client` is self, make(), client."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_STEPS = 8

_BEFORE = re.compile(r"^(?:\s|await\b|new\b|return\b|yield\b|[*&!])+")
_WORD = re.compile(r"(?:r#)?[$@]*[^\W\d]\w*|\$\w+")
_DOT = re.compile(r"\s*(?:\?|!)*\s*(?:\.|->|::|\\|:(?=\w))\s*")
_CLOSING = {"(": ")", "<": ">"}


@dataclass(frozen=True, slots=True)
class Step:
    """One name of a chain, and whether it is called there."""

    name: str
    called: bool = False


def steps(text: str) -> tuple[Step, ...]:
    """The steps of a receiver, at most eight; empty where it is more than names, calls and dots."""
    while text[:1] == "(" and text[-1:] == ")" and _end(text, 0) == len(text):
        text = text[1:-1]
    text = _BEFORE.sub("", text).rstrip("?! \n\t")
    found: list[Step] = []
    at = 0
    if text.startswith(("::", "\\")):
        at = len(text) - len(text.lstrip(":\\"))
    while at < len(text):
        if (word := _WORD.match(text, at)) is None:
            return ()
        name, at, called = word.group(), word.end(), False
        if text.startswith("::<", at):
            at = _end(text, at + 2)
        elif text.startswith("<", at):
            at = _end(text, at)
        if text.startswith("!(", at):
            return ()
        if text.startswith("(", at):
            called, at = True, _end(text, at)
        found.append(Step(name, called))
        if at < 0 or len(found) > MAX_STEPS:
            return ()
        if at == len(text):
            break
        if (dot := _DOT.match(text, at)) is None:
            return ()
        at = dot.end()
        if at == len(text):
            return ()
    return tuple(found)


def _end(text: str, at: int) -> int:
    """Where the bracket that opens at `at` is closed, just behind it; -1 if it is not."""
    opening, depth = text[at], 0
    closing = _CLOSING[opening]
    for index in range(at, len(text)):
        if text[index] == opening:
            depth += 1
        elif text[index] == closing:
            depth -= 1
            if depth == 0:
                return index + 1
    return -1
