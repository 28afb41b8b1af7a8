"""Where it is measured: real lines that use a name which exactly one other file of the repository defines."""

from __future__ import annotations

import builtins
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from . import definitions, lexing
from .definitions import Defined
from .repository import Repository

Track = Literal["A", "B", "C", "M", "R"]
TRACKS: tuple[Track, ...] = ("A", "B", "C", "M")
"""Those that are drawn from a tree as it stands; R is made of changes (`replaying.py`)."""
_PER_FILE = 4
_LEAST_LETTERS = 3
_COMMON = frozenset(
    [
        "get",
        "set",
        "add",
        "put",
        "push",
        "pop",
        "map",
        "filter",
        "reduce",
        "forEach",
        "length",
        "size",
        "keys",
        "values",
        "entries",
        "join",
        "split",
        "replace",
        "trim",
        "test",
        "match",
        "exec",
        "call",
        "apply",
        "bind",
        "then",
        "catch",
        "finally",
        "next",
        "done",
        "value",
        "name",
        "type",
        "data",
        "error",
        "message",
        "string",
        "toString",
        "equals",
        "hashCode",
        "close",
        "read",
        "write",
        "open",
        "run",
        "start",
        "stop",
        "init",
        "main",
        "new",
        "len",
        "append",
        "print",
        "println",
        "format",
        "parse",
        "String",
        "Error",
        "Len",
        "Close",
        "Read",
        "Write",
        "Name",
        "Type",
        "Value",
        "Key",
        "Err",
        "clone",
        "into",
        "from",
        "unwrap",
        "expect",
        "iter",
        "collect",
        "push_str",
        "is_empty",
        "contains",
        "insert",
        "remove",
        "as_ref",
        "as_str",
        "to_string",
        "default",
        "fmt",
        "ok",
        "err",
        "some",
        "none",
        "poll",
        "bool",
        "char",
        "usize",
        "isize",
        "self",
        "Self",
        "this",
        "super",
        "int",
        "float",
        "double",
        "long",
        "short",
        "byte",
        "void",
        "boolean",
        "string",
        "any",
        "unknown",
        "never",
        "error",
        "rune",
        "range",
        "last",
        "first",
        "count",
        "index",
        "find",
        "sort",
        "min",
        "max",
        "abs",
        "copy",
        "cap",
        "make",
        "delete",
        "panic",
        "recover",
        "iota",
        "nil",
        "true",
        "false",
    ]
)


@dataclass(frozen=True, slots=True)
class Point:
    """The text from `start` to `end` (offsets) of `path` is hidden; `golds` are the definitions, any of which will do.

    `masked` are the names that count as not imported; `member` says that the name stands behind a dot.
    """

    track: Track
    path: str
    line: int
    start: int
    end: int
    name: str
    golds: tuple[Defined, ...]
    member: bool
    masked: frozenset[str] = frozenset()


def find(repository: Repository, limit: int, seed: int = 0) -> list[Point]:
    """At most `limit` points of each track, drawn by `seed`, few of one file."""
    reader = _Reader(repository)
    chance = random.Random(seed)
    found: dict[Track, list[Point]] = {track: [] for track in TRACKS}
    for path in repository.texts:
        per_track: dict[Track, list[Point]] = defaultdict(list)
        for point in reader.points(path):
            per_track[point.track].append(point)
        for track, points in per_track.items():
            found[track] += chance.sample(points, min(len(points), _PER_FILE))
    drawn = [point for points in found.values() for point in chance.sample(points, min(len(points), limit))]
    return sorted(drawn, key=lambda point: (point.track, point.path, point.line))


Read = tuple[str, list[Defined], set[str]]


def in_file(repository: Repository, path: str, known: dict[tuple[str, str], Read]) -> list[Point]:
    """All points of one file; `known` keeps what each text says for the next call."""
    return list(_Reader(repository, known).points(path))


class _Reader:
    def __init__(self, repository: Repository, known: dict[tuple[str, str], Read] | None = None) -> None:
        self._repository = repository
        known = {} if known is None else known
        self._code: dict[str, str] = {}
        golds: dict[tuple[str, str], list[Defined]] = defaultdict(list)
        self._files: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._own: dict[str, set[str]] = {}
        for path, text in repository.texts.items():
            language = repository.language(path)
            if not definitions.known(language):
                continue
            if (path, text) not in known:
                code = lexing.plain(text, language)
                known[path, text] = code, *definitions.read(path, code, language)
            self._code[path], made, anything = known[path, text]
            family = definitions.families(language)
            self._own[path] = anything
            for item in made:
                golds[family, item.name].append(item)
            for name in anything:
                self._files[family, name].add(path)
        self._golds = {key: tuple(items) for key, items in golds.items() if len(self._files[key]) == 1}

    def points(self, path: str) -> Iterable[Point]:
        """Every point of one file."""
        if (code := self._code.get(path)) is None:
            return
        text, language = self._repository.texts[path], self._repository.language(path)
        family = definitions.families(language)
        spans = lexing.import_spans(text, code, language)
        imported = {word for start, end in spans for word in lexing.WORD.findall(text[start:end])}
        body = _blanked(code, spans)
        uses: dict[str, list[re.Match[str]]] = defaultdict(list)
        for match in lexing.WORD.finditer(body):
            if len(match[0]) >= _LEAST_LETTERS and (family, match[0]) in self._golds:
                uses[match[0]].append(match)
        for name, matches in uses.items():
            golds = self._golds[family, name]
            if name in self._own[path] or golds[0].path == path or name in _outside(language):
                continue
            if _bound_here(body, name, language):
                continue
            lines = {body.count("\n", 0, match.start()) + 1 for match in matches}
            for match in matches:
                member = _behind_dot(body, match.start())
                if any(gold.member for gold in golds) != member and language in ("python", "java", "typescript"):
                    qualified = member and all(not gold.member for gold in golds)
                    if not qualified:
                        continue
                if member and not any(gold.member for gold in golds) and name not in imported:
                    qualifier = _qualifier(body, match.start())
                    if qualifier and qualifier not in imported:
                        continue
                yield from self._of(path, body, match, golds, member, len(lines) > 1, imported)

    def _of(
        self,
        path: str,
        body: str,
        match: re.Match[str],
        golds: tuple[Defined, ...],
        member: bool,
        elsewhere: bool,
        imported: set[str],
    ) -> Iterable[Point]:
        text = self._repository.texts[path]
        begin = text.rfind("\n", 0, match.start()) + 1
        stop = text.find("\n", match.end())
        stop = len(text) if stop < 0 else stop
        line = text.count("\n", 0, begin) + 1
        start = begin + len(text[begin:stop]) - len(text[begin:stop].lstrip(" \t"))
        point = Point("A" if elsewhere else "B", path, line, start, stop, match[0], golds, member)
        yield point
        if elsewhere:
            return
        yield replace(point, track="M", start=match.start())
        owners = {self._owner(gold) for gold in golds} if member else set()
        masked = {match[0]} & imported
        qualifier = _qualifier(body, match.start())
        masked |= {qualifier} & imported if qualifier else set()
        masked |= owners & imported
        if masked:
            yield replace(point, track="C", masked=frozenset(masked))

    def _owner(self, gold: Defined) -> str:
        """The last type that begins before a member, a guess good enough to mask it."""
        code = self._code[gold.path].split("\n")
        for line in reversed(code[: gold.start]):
            if found := re.match(
                r"(?:export |public |abstract |final |pub )*(?:class|struct|trait|interface|impl)\s+(\w+)", line
            ):
                return found[1]
        found = re.match(r"func\s+\(\w*\s*\*?(\w+)", code[gold.start - 1])
        return found[1] if found else ""


def _blanked(code: str, spans: Sequence[tuple[int, int]]) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [code[done:start], re.sub(r"[^\n]", " ", code[start:end])]
        done = max(done, end)
    return "".join([*parts, code[done:]])


def _behind_dot(code: str, at: int) -> bool:
    before = code[:at].rstrip(" \t")
    return before.endswith((".", "->")) and not before.endswith("...")


def _qualifier(code: str, at: int) -> str:
    found = re.search(r"(\w+)(?:\.|::|->)$", code[max(0, at - 100) : at])
    return found[1] if found else ""


def _bound_here(code: str, name: str, language: str) -> bool:
    """Whether the file gives the name a meaning of its own: assigned, a parameter, an attribute."""
    escaped = re.escape(name)
    pattern = rf"\b{escaped}\s*(?::=|=[^=>])|\b(?:for|as|let|const|var|mut|def|class|fn|func)\s+{escaped}\b"
    if language == "python":
        pattern += (
            rf"|[(,]\s*\*{{0,2}}{escaped}\s*(?::[^,)\n]*)?[,)=](?<!\()(?=[^\n]*:\s*$)|\blambda[^:\n]*\b{escaped}\b"
        )
    return re.search(pattern, code, re.MULTILINE) is not None


def _outside(language: str) -> frozenset[str]:
    return _PYTHON if language == "python" else _COMMON


def _python_members() -> frozenset[str]:
    """Members of the built-in types and of modules that most programs use."""
    names = set(dir(builtins)) | set(sys.stdlib_module_names)
    for kind in (
        str,
        bytes,
        bytearray,
        int,
        float,
        list,
        dict,
        set,
        tuple,
        object,
        type,
        BaseException,
        OSError,
        complex,
    ):
        names |= set(dir(kind))
    import asyncio
    import collections
    import contextlib
    import datetime
    import io
    import json
    import logging
    import os
    import pathlib
    import re as regular
    import socket
    import ssl
    import threading
    import typing
    import unittest.mock
    import urllib.parse

    modules = (asyncio, collections, contextlib, datetime, io, json, logging, os, pathlib, regular, socket, ssl)
    for module in (*modules, threading, typing, unittest, unittest.mock, urllib.parse):
        names |= set(dir(module))
    for inner in (pathlib.Path, threading.Thread, io.BytesIO, logging.Logger, datetime.datetime, unittest.TestCase):
        names |= set(dir(inner))
    for deeper in (asyncio.AbstractEventLoop, socket.socket, ssl.SSLContext, asyncio.Task, unittest.mock.Mock):
        names |= set(dir(deeper))
    return frozenset(names)


_PYTHON = _python_members() | _COMMON
