"""Path patterns in the syntax of .gitignore, matched in time linear in the path whatever the pattern.

Patterns and file names may both come from a stranger, so every wildcard takes the first place that fits and
never comes back (atomic groups): earliest is best, because what stands between two `*` of a segment has a fixed
number of characters, and what stands between two `**` a fixed number of segments. Syntax: gitignore(5).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

LONGEST = 1_000
"""Characters of a pattern beyond which it is refused."""

MOST_WILD = 500
"""Patterns of one file that can only be tried one after the other; more are refused, because each path meets all."""

MOST_WILDCARDS = 2_500
"""Wildcards in these patterns together: to make each of them ready takes time before the first path is looked at."""

_WILD = re.compile(r"[*?\[\\]")
_WILD_BUT_STAR = re.compile(r"[?\[\\]")

_LIKE_ASCII = {0x130: "i", 0x131: "i", 0x17F: "s", 0x212A: "k"}
"""Letters that regular expressions take for these where case does not matter."""


class GlobError(ValueError):
    """Why a pattern cannot be used, in words for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Glob:
    """One pattern as written. `reopens` is a leading `!`, `folders_only` a trailing `/`.

    `segments` are its parts between slashes, the first one `**` where it fits at any depth.
    """

    text: str
    segments: tuple[str, ...]
    reopens: bool
    folders_only: bool


class Globs:
    """The patterns of an ignore file, in order; the last one that matches a path speaks for it.

    With `ignore_case` the file system does not tell `A` from `a`, so neither does a pattern. Patterns without
    wildcards are looked up, and only the others compiled, when they are first needed.
    """

    def __init__(self, lines: Iterable[str], *, ignore_case: bool = False) -> None:
        """Read the lines; raise `GlobError`."""
        self._ignore_case = ignore_case
        self._names: dict[str, list[tuple[int, Glob]]] = {}
        self._paths: dict[str, list[tuple[int, Glob]]] = {}
        self._endings: dict[str, list[tuple[int, Glob]]] = {}
        self._others: list[tuple[int, Glob]] = []
        self._compiled: dict[int, re.Pattern[str]] = {}
        self._wildcards = 0
        for number, line in enumerate(lines):
            glob = read_line(line)
            if glob is not None:
                self._file(number, glob)

    def last_match(self, path: str, *, folder: bool = False) -> Glob | None:
        """The last pattern that matches `path` itself, not only a folder above it; None without one."""
        path = _composed(path.lower() if self._ignore_case else path)
        name = path.rpartition("/")[2]
        best: tuple[int, Glob] | None = None
        found = [self._names.get(name), self._paths.get(path)]
        if self._endings:
            found += [self._endings.get(name[at:]) for at, char in enumerate(name) if char == "."]
        for entries in found:
            for entry in entries or ():
                if (folder or not entry[1].folders_only) and (best is None or entry[0] > best[0]):
                    best = entry
        for number, glob in reversed(self._others):
            if best is not None and number < best[0]:
                break
            if (folder or not glob.folders_only) and self._pattern(number, glob).match(path):
                return glob
        return best[1] if best is not None else None

    def _file(self, number: int, glob: Glob) -> None:
        """Put the pattern where it is found fastest."""
        segments = [segment.lower() for segment in glob.segments] if self._ignore_case else list(glob.segments)
        anywhere = segments[0] == "**" and len(segments) == 2
        if not any(_WILD.search(segment) for segment in segments):
            self._paths.setdefault("/".join(segments), []).append((number, glob))
        elif anywhere and not _WILD.search(segments[1]):
            self._names.setdefault(segments[1], []).append((number, glob))
        elif anywhere and segments[1].startswith("*.") and not _WILD.search(segments[1][1:]):
            self._endings.setdefault(segments[1][1:], []).append((number, glob))
        else:
            translated(glob, below=False)
            self._others.append((number, glob))
            self._wildcards += len(_WILD.findall(glob.text))
            if len(self._others) > MOST_WILD:
                raise GlobError(f"more than {MOST_WILD} patterns with wildcards other than a leading `*.`")
            if self._wildcards > MOST_WILDCARDS:
                raise GlobError(f"more than {MOST_WILDCARDS} wildcards other than a leading `*.`")

    def _pattern(self, number: int, glob: Glob) -> re.Pattern[str]:
        compiled = self._compiled.get(number)
        if compiled is None:
            compiled = self._compiled[number] = _compile(translated(glob, below=False), self._ignore_case)
        return compiled


class Cover:
    """Patterns that can only add: a path is covered where one matches it or a folder above it.

    Patterns for one name with at most one `*` are looked up name by name, and only the others compiled, when they are
    first needed: for a hundred patterns that takes longer than an editor may be kept waiting.
    """

    def __init__(self, patterns: Iterable[str], *, ignore_case: bool = False) -> None:
        """Read the patterns; raise `GlobError`, also for one that begins with `!` or names nothing."""
        self._ignore_case = ignore_case
        self._globs: list[Glob] = []
        self._names: dict[str, list[_Named]] = {}
        self._begun: list[_Begun] = []
        self._others: list[tuple[int, str]] = []
        self._any: re.Pattern[str] | None = None
        self._each: list[re.Pattern[str]] = []
        for pattern in patterns:
            glob = read_line(pattern)
            if glob is None:
                raise GlobError(f"the pattern {pattern[:60]!r} names nothing")
            if glob.reopens:
                raise GlobError(f"the pattern {pattern[:60]!r} begins with `!`; here a pattern can only add")
            self._file(len(self._globs), glob)
            self._globs.append(glob)
        self._beginnings = tuple({one.beginning for one in self._begun if one.beginning})
        self._endings = tuple({one.ending for one in self._begun if not one.beginning})

    def covering(self, path: str) -> Glob | None:
        """The first pattern that takes `path` in; None where none does."""
        path = _composed(path)
        found = [self._by_name(path)]
        if self._others:
            if self._any is None:
                self._any = _compile("|".join(f"(?:{text})" for _, text in self._others), self._ignore_case)
            if self._any.match(path) is not None:
                self._each = self._each or [_compile(text, self._ignore_case) for _, text in self._others]
                matched = zip(self._others, self._each, strict=True)
                found.append(next(number for (number, _), one in matched if one.match(path)))
        first = min((number for number in found if number is not None), default=None)
        return self._globs[first] if first is not None else None

    def _by_name(self, path: str) -> int | None:
        """The number of the first pattern that the path's own name or that of a folder above it matches alone."""
        names = (_folded(path) if self._ignore_case else path).split("/")
        found: list[int] = []
        for at, name in enumerate(names, 1):
            if not name:
                continue
            folder = at < len(names)
            for number, folders_only in self._names.get(name, ()):
                if folder or not folders_only:
                    found.append(number)
            if name.startswith(self._beginnings) or name.endswith(self._endings):
                found += [one.number for one in self._begun if (folder or not one.folders_only) and one.matches(name)]
        return min(found, default=None)

    def _file(self, number: int, glob: Glob) -> None:
        """Put the pattern where it is found fastest."""
        if len(glob.segments) == 2 and glob.segments[0] == "**" and not _WILD_BUT_STAR.search(glob.segments[1]):
            name = _folded(glob.segments[1]) if self._ignore_case else glob.segments[1]
            parts = name.split("*")
            if len(parts) == 1:
                self._names.setdefault(name, []).append(_Named(number, glob.folders_only))
                return
            if len(parts) == 2:
                self._begun.append(_Begun(number, glob.folders_only, parts[0], parts[1]))
                return
        self._others.append((number, translated(glob, below=True)))


class _Named(NamedTuple):
    """The number of a pattern that is a name."""

    number: int
    folders_only: bool


class _Begun(NamedTuple):
    """The number of a pattern that is a name with one `*` in it."""

    number: int
    folders_only: bool
    beginning: str
    ending: str

    def matches(self, name: str) -> bool:
        """Whether a name begins and ends so; what is between may be nothing, but they share no letter."""
        return (
            len(name) >= len(self.beginning) + len(self.ending)
            and name.startswith(self.beginning)
            and name.endswith(self.ending)
        )


def read_line(line: str) -> Glob | None:
    """Read one line; None for a blank line or a comment. Raise `GlobError`."""
    text = _stripped(line)
    if not text or text.startswith("#"):
        return None
    if len(text) > LONGEST:
        raise GlobError(f"a pattern of {len(text)} characters; at most {LONGEST} are read")
    body = _composed(text)
    reopens = body.startswith("!")
    body = body.removeprefix("!")
    folders_only = body.endswith("/")
    body = body.rstrip("/") if folders_only else body
    segments = [part for part in body.split("/") if part]
    if not segments:
        return None
    if "/" not in body:
        segments.insert(0, "**")
    return Glob(text, tuple(segments), reopens, folders_only)


def translated(glob: Glob, *, below: bool) -> str:
    """A regular expression for `match`: of the path itself, or with `below` of it and all below. Raise `GlobError`."""
    inner = glob.segments[-1] == "**"
    runs: list[list[str]] = [[]]
    for segment in glob.segments:
        if segment != "**":
            runs[-1].append(_segment(segment, glob.text))
        elif runs[-1]:
            runs.append([])
    runs = [run for run in runs if run]
    if not runs:
        return r".+/" if below and glob.folders_only else r".+\Z"
    end = "/." if inner else ("/" if glob.folders_only else r"(?:/|\Z)") if below else r"\Z"
    parts = []
    for index, run in enumerate(runs):
        text = "/".join(run)
        last = index == len(runs) - 1
        if index == 0 and glob.segments[0] != "**":
            parts.append(text + (end if last else "/"))
        else:
            parts.append(f"(?>(?:[^/]+/)*?{text}{end if last else '/'})")
    return "".join(parts)


def _compile(text: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL if ignore_case else re.DOTALL)


def _composed(text: str) -> str:
    """Accented letters as one character each: file systems and keyboards write the same name in either form."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _folded(text: str) -> str:
    """The text for where case does not matter."""
    return text.lower() if text.isascii() else text.translate(_LIKE_ASCII).casefold()


def _stripped(line: str) -> str:
    """The line without its end and without trailing blanks, but for a blank that is escaped."""
    line = line.rstrip("\r\n")
    bare = line.rstrip(" \t")
    if bare != line and (len(bare) - len(bare.rstrip("\\"))) % 2:
        bare += line[len(bare)]
    return bare


def _segment(glob: str, whole: str) -> str:
    """Translate the wildcards of one segment."""
    chunks: list[str] = [""]
    position = 0
    while position < len(glob):
        char = glob[position]
        position += 1
        if char == "*":
            if chunks[-1] or len(chunks) == 1:
                chunks.append("")
        elif char == "?":
            chunks[-1] += "[^/]"
        elif char == "[":
            piece, position = _class(glob, position, whole)
            chunks[-1] += piece
        else:
            if char == "\\" and position < len(glob):
                char = glob[position]
                position += 1
            chunks[-1] += re.escape(char)
    first, *searched, last = chunks if len(chunks) > 1 else (chunks[0], "")
    if len(chunks) == 1:
        return first
    if not first and not searched and not last:
        return "[^/]++"
    middle = "".join(f"(?>[^/]*?{chunk})" for chunk in searched if chunk)
    ending = rf"(?>[^/]*?{last}(?![^/]))" if last else "[^/]*+"
    return f"{first}{middle}{ending}"


def _class(glob: str, position: int, whole: str) -> tuple[str, int]:
    """Translate `[…]` that opens before `position`; without its end it is a plain bracket."""
    start = position
    negated = glob.startswith(("!", "^"), position)
    position += negated
    items: list[str] = []
    first = True
    while position < len(glob) and (first or glob[position] != "]"):
        first = False
        if glob.startswith("[:", position) and (end := glob.find(":]", position)) != -1:
            items.append(_POSIX.get(glob[position + 2 : end], ""))
            position = end + 2
            continue
        low, position = _member(glob, position)
        high = low
        if glob.startswith("-", position) and position + 1 < len(glob) and glob[position + 1] != "]":
            high, position = _member(glob, position + 1)
        if high < low:
            raise GlobError(f"the pattern {whole[:60]!r} holds the range {low}-{high}, which is empty")
        items.append(re.escape(low) if high == low else f"{re.escape(low)}-{re.escape(high)}")
    if position >= len(glob):
        return r"\[", start
    body = "".join(items)
    if not body:
        return "(?!)" if not negated else "[^/]", position + 1
    return f"(?!/)[{'^' if negated else ''}{body}]", position + 1


def _member(glob: str, position: int) -> tuple[str, int]:
    """One character of a class, perhaps escaped, and where it ends."""
    if glob[position] == "\\" and position + 1 < len(glob):
        position += 1
    return glob[position], position + 1


_POSIX = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
