"""Every source file of a workspace, found without following a link; what is left out is counted by its reason."""

from __future__ import annotations

import os
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from . import by_name
from .reading import MAX_BYTES, TOO_LARGE

LeftOut = Callable[[str, bool], bool]
"""Whether a path of the workspace ('/' separated; the second argument: it is a folder) is kept from the index."""

MAX_SOURCES = 100_000
MAX_OTHERS = 100_000
MAX_ENTRIES = 2_000_000
EXCLUDED = "excluded"
"""The reason where the rules that a walk is given keep something out."""

MOST_NAMED = 5
"""So many of what is left out are named for each reason."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A source file and its stamp."""

    path: str
    language: str
    size: int
    mtime_ns: int


@dataclass(slots=True)
class Walked:
    """What stands in a workspace: its sources, the paths of all other files, and what was left out and why.

    `named` holds the first paths for each reason, folders with a '/' at their end.
    """

    sources: list[Entry] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)

    def leave(self, reason: str, path: str) -> None:
        """Count what is left out."""
        self.skipped[reason] += 1
        named = self.named.setdefault(reason, [])
        insort(named, path, key=_rank)
        del named[MOST_NAMED:]


def first_named(paths: Iterable[str]) -> list[str]:
    """Those of the paths left out for one reason that are named: hidden ones last, else in order."""
    return sorted(paths, key=_rank)[:MOST_NAMED]


def _rank(path: str) -> tuple[bool, str]:
    return path.startswith("."), path


def walk(
    root: str,
    language_of: Callable[[str], str | None],
    left_out: LeftOut | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Walked:
    """Find the sources below `root` (a real path), sorted. Links are not followed, so there are no loops.

    A folder that is left out counts once. Files that are no sources are listed in `others`, not counted.
    """
    found = Walked()
    waiting = [("", False)]
    entries = 0
    while waiting and not stopped():
        folder, in_tests = waiting.pop()
        try:
            with os.scandir(f"{root}/{folder}" if folder else root) as listing:
                inside = list(listing)
        except OSError:
            found.leave("a folder that cannot be read", f"{folder or '.'}/")
            continue
        names = {entry.name for entry in inside}
        if folder and any(mark in names for mark in by_name.OUTPUT_MARKS):
            found.leave("output of a tool", f"{folder}/")
            continue
        entries += len(inside)
        if entries > MAX_ENTRIES:
            found.leave(f"beyond the first {MAX_ENTRIES:,} entries", f"{folder or '.'}/")
            break
        for entry in inside:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not _storable(path):
                found.leave("a name that is not text", _shown(path))
            elif _is_folder(entry):
                reason = by_name.folder_reason(entry.name, entry.path, names, in_tests)
                if not reason and left_out is not None and left_out(path, True):
                    reason = EXCLUDED
                if reason:
                    found.leave(reason, f"{path}/")
                else:
                    waiting.append((path, in_tests or entry.name in by_name.TESTS))
            else:
                _file(found, entry, path, language_of, left_out)
    found.sources.sort(key=lambda entry: entry.path)
    found.others.sort()
    return found


def _file(
    found: Walked,
    entry: os.DirEntry[str],
    path: str,
    language_of: Callable[[str], str | None],
    left_out: LeftOut | None,
) -> None:
    """Put one file where it belongs."""
    language = language_of(path)
    reason, size, mtime_ns = "", 0, 0
    if language is not None:
        reason, size, mtime_ns = _file_reason(entry)
        if not reason and left_out is not None and left_out(path, False):
            reason = EXCLUDED
        if not reason and len(found.sources) >= MAX_SOURCES:
            reason = f"beyond the first {MAX_SOURCES:,} files"
    if language is not None and not reason:
        found.sources.append(Entry(path, language, size, mtime_ns))
        return
    if reason:
        found.leave(reason, path)
    if reason not in (EXCLUDED, "a link") and len(found.others) < MAX_OTHERS:
        found.others.append(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _file_reason(entry: os.DirEntry[str]) -> tuple[str, int, int]:
    """Why a source file is left out, told without opening it; its size and time."""
    try:
        if entry.is_symlink():
            return "a link", 0, 0
        if not entry.is_file(follow_symlinks=False):
            return "not a regular file", 0, 0
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return "unreadable", 0, 0
    if status.st_size > MAX_BYTES:
        return TOO_LARGE, 0, 0
    return by_name.file_reason(entry.name), status.st_size, status.st_mtime_ns


def _shown(path: str) -> str:
    """A path as text: what is none becomes question marks."""
    return path.encode("utf-8", "replace").decode()


def _storable(path: str) -> bool:
    """Whether a path can be kept: UTF-8, on one line."""
    if path.isascii():
        return path.isprintable()
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return not any(char in path for char in "\n\r\0\\") and len(path.splitlines()) == 1
