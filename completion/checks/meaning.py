"""What the checks found, in words for whoever never saw their code; traces hold it shorter (`Verdict.__str__`)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from .verdict import Verdict

_SYNTAX_ERROR = "it would be a syntax error here"
_BECAUSE: Final = MappingProxyType(
    {
        "syntax error": _SYNTAX_ERROR,
        "syntax error; no time to mend it": f"{_SYNTAX_ERROR}, and there was no time to look for a part that is none",
        "a word of the language behind a dot": "a keyword of the language stands behind a dot in it",
        "a comment of another language": "it begins a comment as another language does",
        "unknown name": "a name in it is neither defined nor imported in this file, nor known to the language",
        "unknown member": "it asks an object for a member that the object does not have",
        "arguments do not fit": "it calls something with more or fewer arguments than that takes",
        "there is no syntax tree of this place": "the code around the cursor cannot be parsed",
        "it is too long": "the text is too long",
        "brackets were open": "",
    }
)
_FINDINGS: Final = MappingProxyType(
    {
        "fits": "nothing wrong was found",
        "closed": "what it had left open was closed",
        "cut": "its end was left out",
        "withheld": "all of it was withheld",
        "unchecked": "not checked",
    }
)
_TOLD = re.compile(r"(?P<check>\w+): (?P<finding>\w+)(?: \((?P<why>.*)\))?")


def because(why: str) -> str:
    """The few words of a verdict (`Verdict.why`) as a clause; as they are where nothing more is known."""
    return _BECAUSE.get(why, why)


def withheld(verdict: Verdict) -> str:
    """Why all of a text was withheld, one sentence. It names nothing of the text: traces are kept on disk."""
    return f"What the model wrote was withheld: {because(verdict.why)} (check `{verdict.check}`)."


def told(line: str, reason: str = "") -> str:
    """One of `Trace.checks` in words, without what `reason` says already; what is no check's line stays as it is."""
    found = _TOLD.fullmatch(line)
    if found is None or found["finding"] not in _FINDINGS:
        return line
    short = f"{found['check']}: {_FINDINGS[found['finding']]}"
    why = because(found["why"] or "")
    if not why or why in reason:
        return short
    return f"{short} ({why})" if found["finding"] == "fits" else f"{short}, because {why}"
