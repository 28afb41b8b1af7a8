"""What the filters did, in words for whoever never saw their code; traces hold their names (`chain.py`)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

_WHAT: Final = MappingProxyType(
    {
        "control tokens": "control tokens of the model, and what follows them",
        "broken characters": "broken characters",
        "line ends": "line ends of another kind",
        "path header": "the beginning of another file",
        "start of line repeated": "the start of the line, said again",
        "impossible start": "a line that cannot begin so",
        "blanks again": "blanks that stand before the cursor already",
        "indented too far": "lines further in than anything above allows",
        "unfinished line": "a last line that it had no time to end",
        "rest of line": "what stands behind the cursor already",
        "extra closing brackets": "closing brackets that nothing needs",
        "indentation": "indentation of another kind than the file has",
        "lines below": "lines that stand below already",
        "lines above": "lines that stand above already",
        "line below": "the line that stands below already",
        "repetition": "what it said over and over",
        "one name over and over": "a name that a list says over and over",
        "number without end": "a number that says one digit over and over",
        "imported again": "names that the line imports already",
        "never reached": "code that would never be reached",
        "empty comment": "a comment that says nothing",
        "lone quote": "a lone quote",
        "comma before a bracket": "a comma before the closing bracket",
        "trailing space": "blanks at the ends of lines",
        "glued to a word": "a text that would become one word with the one behind the cursor",
    }
)
_TOLD = re.compile(r"(?P<name>.+) \((?P<sign>[+-])(?P<count>\d+)\)")


def what(name: str) -> str:
    """What a filter takes out or changes; the name itself where nothing is known by it."""
    return _WHAT.get(name, name)


def told(line: str) -> str:
    """One of `Trace.filters` in words; what is not a filter's line stays as it is."""
    found = _TOLD.fullmatch(line)
    if found is None:
        return what(line)
    count = int(found["count"])
    unit = "character" if count == 1 else "characters"
    return f"{what(found['name'])} ({count:,} {unit} {'more' if found['sign'] == '+' else 'less'})"
