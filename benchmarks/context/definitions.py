"""What a repository defines, read with regular expressions: gold that no parser of the product has touched.

It misses what it does not know, so points are only taken where a name is found to be defined in one file alone, by
any rule, the loose ones included; and a loose rule never makes gold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Defined:
    """`name` is defined on lines `start`..`end` (1-based, at most three) of `path`, inside something if `member`."""

    name: str
    path: str
    start: int
    end: int
    member: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """Group 1 is the name; a `member` is inside of something, None: if it is indented; `loose` makes no gold."""

    pattern: re.Pattern[str]
    member: bool | None = None
    loose: bool = False


def _rule(pattern: str, member: bool | None = None, *, loose: bool = False) -> _Rule:
    return _Rule(re.compile(pattern, re.MULTILINE), member, loose)


_NOT_A_WORD = r"(?!(?:if|for|while|switch|catch|return|else|do|new|throw|await|function|super|yield|typeof|match)\b)"
_SCRIPT = (
    _rule(r"^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:async\s+)?function\s*\*?\s*([A-Za-z_$][\w$]*)", False),
    _rule(
        r"^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:class|interface|enum|namespace)\s+(\w+)",
        False,
    ),
    _rule(r"^(?:export\s+)?(?:declare\s+)?type\s+(\w+)\s*(?:<|=)", False),
    _rule(r"^(?:export\s+)?(?:declare\s+)?(?:const|let|var)\s+(\w+)\b", False),
    _rule(
        r"^[ \t]+(?:(?:public|private|protected|static|async|override|abstract|get|set|readonly)\s+)*\*?"
        + _NOT_A_WORD
        + r"([A-Za-z_]\w*)\s*(?:<[^>\n]*>)?\([^)\n]*\)\s*(?::[^=\n]*)?\{\s*$",
        True,
    ),
    _rule(
        r"^[ \t]+(?:(?:public|private|protected|static|readonly|override|declare)\s+)*(\w+)\s*[?!]?\s*[:=]",
        True,
        loose=True,
    ),
    _rule(r"^[ \t]+" + _NOT_A_WORD + r"(\w+)\s*\??(?:<[^\n]*>)?\(", True, loose=True),
    _rule(r"^[ \t]+(?:const|let|var|function|class)\s+(\w+)", True, loose=True),
    _rule(r"\bthis\.(\w+)\s*=[^=]", True, loose=True),
)
_C = (
    _rule(r"^(?!static)[A-Za-z_][\w \t*]*?[ \t*]([A-Za-z_]\w*)\([^;{]*\)\s*\{", False),
    _rule(r"^(?:struct|union|enum)\s+(\w+)\s*\{", False),
    _rule(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", False),
    _rule(r"^\}\s*(\w+)\s*;", False, loose=True),
    _rule(r"^[A-Za-z_][\w \t*]*?[ \t*]([A-Za-z_]\w*)\([^{]*\)\s*;", False, loose=True),
    _rule(r"^(?:static|extern|const)[\w \t*]*?[ \t*](\w+)\s*[=;\[(]", False, loose=True),
    _rule(r"^[ \t]+[\w \t*]+?[ \t*](\w+)\s*(?:\[[^\]]*\]|:\s*\d+)?;", True, loose=True),
)
_RULES: Mapping[str, tuple[_Rule, ...]] = {
    "python": (
        _rule(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)"),
        _rule(r"^[ \t]*class[ \t]+(\w+)"),
        _rule(r"^([A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=[^=]", False),
        _rule(r"^[ \t]+(\w+)[ \t]*:[ \t]*[A-Za-z\"]", True, loose=True),
        _rule(r"^[ \t]+(\w+)[ \t]*=[^=]", True, loose=True),
        _rule(r"\b(?:self|cls)\.(\w+)[ \t]*(?::[^=\n]+)?=[^=]", True, loose=True),
    ),
    "go": (
        _rule(r"^func\s+(\w+)\s*[\[(]", False),
        _rule(r"^func\s+\([^)]*\)\s*(\w+)\s*\(", True),
        _rule(r"^type\s+(\w+)\b", False),
        _rule(r"^(?:var|const)\s+(\w+)\b", False),
        _rule(r"^\t(\w+)\s*(?:,|=|\(|[\w*\[\]])", True, loose=True),
    ),
    "rust": (
        _rule(
            r"^[ \t]*(?:pub(?:\([^)]*\))?\s+)?(?:default\s+)?(?:const\s+)?(?:async\s+)?(?:unsafe\s+)?"
            r"(?:extern\s+\"[^\"]*\"\s+)?fn\s+(\w+)"
        ),
        _rule(r"^(?:pub(?:\([^)]*\))?\s+)?(?:struct|enum|trait|union|type|const|static)\s+(\w+)", False),
        _rule(r"^\s*macro_rules!\s*(\w+)", False),
        _rule(r"^[ \t]+(?:pub(?:\([^)]*\))?\s+)?(?:type|const|struct|enum|trait|static)\s+(\w+)", True, loose=True),
        _rule(r"^[ \t]+(?:pub(?:\([^)]*\))?\s+)?(\w+)\s*(?::|,|\(|\{)", True, loose=True),
    ),
    "java": (
        _rule(
            r"^(?:(?:public|private|protected|abstract|final|static|sealed)\s+)*(?:class|interface|enum|record|@interface)\s+(\w+)",
            False,
        ),
        _rule(
            r"^[ \t]+(?:(?:public|private|protected|abstract|final|static|synchronized|default|native)\s+)+"
            r"(?:<[^>\n]*>\s*)?[\w.]+(?:<[^;{}()=]*>)?(?:\[\])*\s+(\w+)\s*\(",
            True,
        ),
        _rule(
            r"^[ \t]+(?:(?:public|private|protected|abstract|final|static)\s+)*(?:class|interface|enum|record)\s+(\w+)",
            True,
            loose=True,
        ),
        _rule(r"^[ \t]+(?:[\w<>\[\].,?@]+\s+)+(\w+)\s*[=;(]", True, loose=True),
        _rule(r"^[ \t]+(\w+)\s*[,(;]", True, loose=True),
    ),
    "c": _C,
    "cpp": (
        *_C,
        _rule(r"^[ \t]*(?:class|struct|enum class)\s+(\w+)\s*(?:final\s*)?[:{]", False, loose=True),
        _rule(r"^[ \t]+[\w:<>,&* \t]+?[ \t*&](\w+)\([^;{]*\)[^;{]*[;{]", True, loose=True),
        _rule(r"\b\w+::(\w+)\(", True, loose=True),
    ),
    "typescript": _SCRIPT,
    "typescriptreact": _SCRIPT,
    "javascript": _SCRIPT,
    "javascriptreact": _SCRIPT,
}
_ENDS = {"python": re.compile(r":[ \t]*$", re.MULTILINE)}
_OPENS = re.compile(r"[{;]")


def families(language: str) -> str:
    """Languages whose files may define each other's names."""
    return "script" if language.startswith(("typescript", "javascript")) else {"cpp": "c"}.get(language, language)


def known(language: str) -> bool:
    """Whether definitions of this language can be read."""
    return language in _RULES


def read(path: str, code: str, language: str) -> tuple[list[Defined], set[str]]:
    """The definitions in code without comments that make gold, and the names that anything defines."""
    found: dict[tuple[int, str], Defined] = {}
    anything: set[str] = set()
    for rule in _RULES[language]:
        for match in rule.pattern.finditer(code):
            name = match[1]
            anything.add(name)
            if rule.loose:
                continue
            start = code.count("\n", 0, match.start(1)) + 1
            begin = code.rfind("\n", 0, match.start(1)) + 1
            member = code[begin : begin + 1] in " \t" if rule.member is None else rule.member
            end = min(start + _signature_lines(code, match.end(), language) - 1, start + _MOST_LINES - 1)
            found.setdefault((start, name), Defined(name, path, start, end, member))
    return list(found.values()), anything


def _signature_lines(code: str, at: int, language: str) -> int:
    """How many lines a signature has: to the first bracket that opens a body, or the end of what is in brackets."""
    depth, lines = 0, 1
    for character in code[at : at + 2000]:
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "\n":
            if depth <= 0:
                break
            lines += 1
        elif depth <= 0 and (character in "{;" or (character == ":" and language == "python")):
            break
    return lines
