"""The way from one text to another as a person goes it: what is taken out, what is written, in which places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"\w+|[^\S\n]+|.", re.DOTALL)
_NEAR_LINES = 6
_NEAR_CHARACTERS = 12
_ALIKE = 0.55


@dataclass(frozen=True, slots=True)
class Edit:
    """The text from `start` to `end` (offsets in the text before all edits) becomes `text`."""

    start: int
    end: int
    text: str


Hunk = tuple[Edit, ...]


def hunks(before: str, after: str) -> list[Hunk]:
    """Return edits that turn one text into the other, in order and not touching; near ones form a hunk."""
    found: list[list[Edit]] = []
    last_end = 0
    for edit in _edits(before, after):
        if found and before.count("\n", last_end, edit.start) <= _NEAR_LINES:
            found[-1].append(edit)
        else:
            found.append([edit])
        last_end = edit.end
    return [tuple(hunk) for hunk in found]


def _edits(before: str, after: str) -> Iterator[Edit]:
    old, new = _lines(before), _lines(after)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    last_end = -1
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for edit in _block(before, starts[a], old[a:b], new[c:d], last_end):
            yield edit
            last_end = edit.end


def _block(before: str, start: int, old: Sequence[str], new: Sequence[str], last_end: int) -> Iterator[Edit]:
    """Lines become other lines: alike ones are mended where they stand, others taken out and written."""
    if len(old) == len(new) and all(_alike(*pair) for pair in zip(old, new, strict=True)):
        for line, wanted in zip(old, new, strict=True):
            yield from _mended(start, line, wanted)
            start += len(line)
        return
    gone, wanted = "".join(old), "".join(new)
    end = start + len(gone)
    if gone and wanted:
        indent = len(gone) - len(gone.lstrip(" \t"))
        kept = indent if gone[:indent] == wanted[:indent] else 0
        tail = 1 if gone[-1] == wanted[-1] == "\n" and len(gone) > kept + 1 and len(wanted) > kept + 1 else 0
        yield Edit(start + kept, end - tail, wanted[kept : len(wanted) - tail])
    elif wanted and wanted.endswith("\n") and before[start - 1 : start] == "\n" and last_end < start - 1:
        yield Edit(start - 1, start - 1, "\n" + wanted[:-1])
    else:
        yield Edit(start, end, wanted)


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def _mended(start: int, line: str, wanted: str) -> Iterator[Edit]:
    """The differing words of a line; those that stand close together are written as one."""
    old, new = _TOKEN.findall(line), _TOKEN.findall(wanted)
    at, pending = start, None
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, text = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            if pending is not None and len(gone) < _NEAR_CHARACTERS and b < len(old):
                pending = Edit(pending.start, at + len(gone), pending.text + gone)
            elif pending is not None:
                yield pending
                pending = None
        elif pending is not None:
            pending = Edit(pending.start, at + len(gone), pending.text + text)
        else:
            pending = Edit(at, at + len(gone), text)
        at += len(gone)
    if pending is not None:
        yield pending


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
