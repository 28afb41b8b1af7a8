"""A unified diff taken apart by file, so that a file that may not leave takes its part with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_NAMES = re.compile(
    r"(?:diff --(?:cc|combined) (?P<merged>.+)"
    r"|diff --git (?P<both>.+)"
    r"|Index: (?P<index>.+)"
    r"|(?:---|\+\+\+) (?P<side>.+)"
    r"|(?:rename|copy) (?:from|to) (?P<moved>.+)"
    r"|Binary files (?P<old>.+?) and (?P<new>.+) differ)\r?\n?",
)
_ESCAPES = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a diff about one file: its text and every name the file has in it."""

    text: str
    paths: tuple[str, ...]


def split(diff: str) -> list[Part]:
    """Take a diff apart; the texts in order are the whole again. What names no file is a part without paths.

    Lines of a hunk are counted, so that no removed or added line is taken for the head of another file.
    """
    parts: list[tuple[list[str], list[str]]] = [([], [])]
    left = [0, 0]
    seen_hunk = False
    lines = re.findall(r"[^\n]*\n|[^\n]+", diff)
    for number, line in enumerate(lines):
        if _in_hunk(line, left):
            parts[-1][0].append(line)
            continue
        hunk = _HUNK.match(line)
        if hunk is not None:
            left = [int(count) if count is not None else 1 for count in hunk.groups()]
            seen_hunk = True
        elif _opens(line, lines[number + 1] if number + 1 < len(lines) else "", seen_hunk or not parts[-1][1]):
            parts.append(([], []))
            seen_hunk = False
        parts[-1][0].append(line)
        if hunk is None and (named := _NAMES.fullmatch(line)) is not None:
            parts[-1][1].extend(_paths(named))
    return [Part("".join(text), tuple(dict.fromkeys(paths))) for text, paths in parts if text]


def _in_hunk(line: str, left: list[int]) -> bool:
    """Whether the line belongs to the hunk of which `left` lines of the old and the new file are to come."""
    if not any(left):
        return False
    sign = line[:1]
    if sign not in " -+\\\r\n":
        left[:] = [0, 0]
        return False
    if sign != "\\":
        left[0] -= sign != "+" and left[0] > 0
        left[1] -= sign != "-" and left[1] > 0
    return True


def _opens(line: str, following: str, complete: bool) -> bool:
    """Whether this line, outside a hunk, begins the part of another file."""
    if line.startswith(("diff --git ", "diff --cc ", "diff --combined ", "Index: ")):
        return True
    return complete and line.startswith("--- ") and following.startswith("+++ ")


def _paths(named: re.Match[str]) -> list[str]:
    if named["both"]:
        found = _pair(named["both"])
    elif named["old"]:
        found = [_name(named["old"]), _name(named["new"])]
    elif named["merged"] or named["moved"]:
        found = [_name(named["merged"] or named["moved"], bare=True)]
    else:
        found = [_name(named["index"] or named["side"])]
    return [name for name in found if name and name != "/dev/null"]


def _pair(both: str) -> list[str]:
    """The two names of `diff --git a/x b/x`, which may hold blanks."""
    if '"' in both:
        return [_name(word) for word in re.findall(r'"(?:[^"\\]|\\.)*"|\S+', both)]
    half = len(both) // 2
    if len(both) % 2 and both[half] == " ":
        return [_name(both[:half]), _name(both[half + 1 :])]
    words = both.split(" b/")
    return [_name(words[0]), *(_name("b/" + word) for word in words[1:])]


def _name(word: str, *, bare: bool = False) -> str:
    """A path as the workspace has it: unquoted, without time stamp and without `a/` or `b/`."""
    word = word.rstrip("\r").split("\t")[0]
    if word.startswith('"'):
        word = _unquoted(word.strip('"'))
    return word if bare else re.sub(r"\A[abciow]/", "", word)


def _unquoted(text: str) -> str:
    """Undo git's quoting of unusual file names (C escapes, octal bytes)."""
    raw = bytearray()
    for match in re.finditer(r"\\([0-7]{3})|\\(.)|([^\\]+)", text, re.DOTALL):
        if match[1]:
            raw.append(int(match[1], 8) & 255)
        else:
            raw += (_ESCAPES.get(match[2], match[2]) if match[2] else match[3]).encode("utf-8", "surrogatepass")
    return raw.decode("utf-8", "replace")
