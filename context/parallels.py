"""Parallel passages: other places that say what stands before the cursor, for what they go on with.

A project says the same things in many places, and there what followed before is right more often than what a
small model thinks. What the model is shown anyway is not looked for: it has seen that.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import TYPE_CHECKING, TypeAlias

from .languages.loading import kin, language_of
from .snippet import Parallel

if TYPE_CHECKING:
    from .graph.live import LiveWorkspace

_ALIKE, _LONGEST_ALIKE = 20, 200
"""So many bytes that are no white space must be the same before the cursor, and be no longer with the white space."""

_SURE = 25
"""With fewer only the rest of the line is taken: of 15 such blocks none was right in packages that were tuned on."""

_MORE = 8
"""So many bytes more must be the same than at any place that is shown: less is chance, as in numbered rows."""

_COMPARED = 1_000
"""Bytes before a place that may be found to be the same."""

_REACH = 1_500
"""Bytes of what is behind a place that are handed over."""

_NEAR_BYTES, _LARGEST_FILE = 512_000, 100_000
"""Of the files near a document: in projects of up to 1,500 files they hold four of five places that are right."""

_NEAR_FILES = 500
_LONGEST_DOCUMENT = 400_000
_LOOKED_AT = 5_000
_DOCUMENTS = 16
_PLACES = 64
_BREAK = b"\0"
_NAMES = re.compile(rb"[ \t]*(?:[a-z]+ )*(?:class|def|func|function|fn|interface|struct|enum|trait|type|module) \w*$")
"""Ends of lines that name something new: what another file called its own is no name for it."""


@dataclass(frozen=True, slots=True)
class _Texts:
    """Files, one behind the other, the nearest first: file `n` is at `starts[n]`, behind a break.

    The first begins at line `line`. `revisions` say what the files said when they were read, `shape` which there were.
    """

    paths: tuple[str, ...]
    starts: tuple[int, ...]
    data: bytes
    line: int = 1
    revisions: tuple[object, ...] = ()
    shape: int = 0


_Place: TypeAlias = tuple[_Texts, int]
"""Where text ends that also stands before the cursor."""


class Parallels:
    """What the files near the open documents say. One thread refreshes and forgets; another may `find` at any time."""

    def __init__(self, workspace: LiveWorkspace) -> None:
        self._workspace = workspace
        self._texts: dict[str, _Texts] = {}

    def refresh(self, path: str) -> None:
        """Read the files near a document, if that was not done or if any of them may say something else now."""
        texts = dict(self._texts)
        held = texts.pop(path, None)
        if held is None or not self._is_true(held):
            held = self._read(path)
        texts[path] = held
        self._texts = dict(islice(texts.items(), max(0, len(texts) - _DOCUMENTS), None))

    def near(self, path: str) -> tuple[str, ...]:
        """The files that were read for a document."""
        held = self._texts.get(path)
        return held.paths if held is not None else ()

    def forget(self, path: str) -> None:
        """A document was closed."""
        self._texts = {one: texts for one, texts in self._texts.items() if one != path}

    def find(
        self,
        path: str,
        text: str,
        offset: int,
        before: str,
        after: str,
        *,
        others: bool = True,
        allowed: Callable[[str], bool] = lambda _: True,
    ) -> Parallel | None:
        """The place that says for longest what stands before `offset`; None where the model is shown one as long.

        `before` and `after` are what it is shown of the document's `text`, in lines that end in \\n. With `others` the
        files near `path` are looked at, too, as they were read, if they are `allowed`. Of several places as long only
        what they go on with alike is told.
        """
        here, behind = _plain(before), _plain(after)
        alike = _end(here)
        if not alike:
            return None
        shown = max(
            (
                *(_common(here, at, here, len(here)) for at in _above(here, len(here) - 1, alike)),
                *(_common(behind, at, here, len(here)) for at in _below(behind, 0, alike)),
            ),
            default=0,
        )
        places = _unseen(path, text, offset, (len(here), len(behind)), alike)
        texts = self._texts.get(path) if others and not _NAMES.match(here, here.rfind(b"\n") + 1) else None
        if texts is not None:
            places += [(texts, at) for at in _below(texts.data, 0, alike)]
        by_length: dict[int, list[_Place]] = {}
        for place in places:
            by_length.setdefault(_common(place[0].data, place[1], here, len(here)), []).append(place)
        for length in sorted(by_length, reverse=True):
            if length < shown + _MORE:
                return None
            one_line = _letters(here[-length:]) < _SURE
            taken = (_taken(*place, one_line=one_line) for place in by_length[length])
            if found := [one for one in taken if one.text.strip() and (one.path == path or allowed(one.path))]:
                return _agreed(found)
        return None

    def _read(self, path: str) -> _Texts:
        paths, starts, parts, at = list[str](), list[int](), list[bytes](), 0
        revisions = list[object]()
        for near in islice(self._nearest(path), _NEAR_FILES):
            revision = self._workspace.revision(near)
            text = self._workspace.read(near) if revision is not None else None
            data = _plain(text) if text else b""
            if not 0 < len(data) <= _LARGEST_FILE:
                continue
            if at + len(data) > _NEAR_BYTES:
                break
            paths.append(near)
            revisions.append(revision)
            starts.append(at + len(_BREAK))
            parts.append(_BREAK + data)
            at += len(parts[-1])
        made = tuple(revisions), self._workspace.shape
        return _Texts(tuple(paths), tuple(starts), b"".join(parts), 1, *made)

    def _is_true(self, texts: _Texts) -> bool:
        """Whether no file came or went, and those that were read say what they said."""
        now = map(self._workspace.revision, texts.paths)
        return texts.shape == self._workspace.shape and all(map(_same, now, texts.revisions))

    def _nearest(self, path: str) -> Iterator[str]:
        """The files of a document's languages, those first that share most of its folders."""
        paths = self._workspace.paths()
        paths = paths if isinstance(paths, Sequence) else sorted(paths)
        language = kin(language_of(path))
        folders = path.split("/")[:-1]
        here = bisect_left(paths, path)
        left, right = here - 1, bisect_right(paths, path)
        for _ in range(min(_LOOKED_AT, len(paths) - right + left + 1)):
            above = _shared(folders, paths[left]) if left >= 0 else -1
            below = _shared(folders, paths[right]) if right < len(paths) else -1
            if above > below or (above == below and here - left <= right - here):
                near, left = paths[left], left - 1
            else:
                near, right = paths[right], right + 1
            if kin(language_of(near)) == language:
                yield near


def _unseen(path: str, text: str, offset: int, shown: tuple[int, int], alike: bytes) -> list[_Place]:
    """The places in a document beyond the bytes that are shown before and after the cursor, the nearest first."""
    if len(text) > _LONGEST_DOCUMENT:
        return []
    above, below = _plain(text[:offset]), _plain(text[offset:])
    before = _Texts((path,), (0,), above)
    behind = _Texts((path,), (0,), below, 1 + above.count(b"\n"))
    return [
        *((before, at) for at in _above(above, len(above) - shown[0], alike)),
        *((behind, at) for at in _below(below, shown[1], alike)),
    ]


def _same(one: object, other: object) -> bool:
    return one is other or (isinstance(one, int) and one == other)


def _agreed(found: Sequence[Parallel]) -> Parallel | None:
    """What all of them go on with."""
    low, high = min(one.text for one in found), max(one.text for one in found)
    alike = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False))))
    return replace(found[0], text=low[:alike]) if low[:alike].strip() else None


def _shared(folders: Sequence[str], path: str) -> int:
    """How many of the folders a path begins with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(folders, path.split("/")[:-1], strict=False)))


def _plain(text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")


def _end(text: bytes) -> bytes:
    """The last bytes of a text: as many as say something; empty where it is too short for that."""
    letters = 0
    for at in range(len(text) - 1, max(-1, len(text) - 1 - _LONGEST_ALIKE), -1):
        letters += not text[at : at + 1].isspace()
        if letters == _ALIKE:
            return text[at:]
    return b""


def _below(text: bytes, start: int, alike: bytes) -> Iterator[int]:
    """Where `alike` ends in a text behind `start`, the first places."""
    at = text.find(alike, max(0, start - len(alike) + 1))
    for _ in range(_PLACES):
        if at < 0:
            return
        yield at + len(alike)
        at = text.find(alike, at + 1)


def _above(text: bytes, end: int, alike: bytes) -> Iterator[int]:
    """Where `alike` ends in a text up to `end`, the last places, from there upwards."""
    at = text.rfind(alike, 0, max(0, end))
    for _ in range(_PLACES):
        if at < 0:
            return
        yield at + len(alike)
        at = text.rfind(alike, 0, at + len(alike) - 1)


def _common(one: bytes, end: int, other: bytes, other_end: int) -> int:
    """How many bytes are the same before two places."""
    low, high = 0, min(end, other_end, _COMPARED)
    while low < high:
        middle = (low + high + 1) // 2
        if one[end - middle : end] == other[other_end - middle : other_end]:
            low = middle
        else:
            high = middle - 1
    return low


def _letters(text: bytes) -> int:
    return len(b"".join(text.split()))


def _taken(texts: _Texts, place: int, *, one_line: bool) -> Parallel:
    """What stands at a place, its last line whole; the rest of its line only with `one_line`."""
    number = bisect_right(texts.starts, place) - 1
    start = texts.starts[number]
    end = texts.starts[number + 1] - len(_BREAK) if number + 1 < len(texts.starts) else len(texts.data)
    behind = texts.data[place : min(end, place + _REACH)]
    if one_line:
        behind = behind.partition(b"\n")[0]
    elif place + _REACH < end:
        behind = behind[: behind.rfind(b"\n") + 1]
    line = (texts.line if number == 0 else 1) + texts.data.count(b"\n", start, place)
    return Parallel(texts.paths[number], line, behind.decode("utf-8", "ignore"))
