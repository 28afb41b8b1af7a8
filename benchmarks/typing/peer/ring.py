"""llama.vim's ring of chunks: pieces of where the person has been, shown to the model as other files' text."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

_CHUNKS, _CHUNK_LINES, _QUEUED = 16, 64, 16
_SAME, _DISTURBING = 0.9, 0.5
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of a file."""

    path: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as the server is told."""
        return "\n".join(self.lines) + "\n"


class Ring:
    """Chunks in use and chunks that wait until the person rests; all choices are drawn from `chance`."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._chunks: list[Chunk] = []
        self._queued: list[Chunk] = []

    def extra(self) -> list[dict[str, str]]:
        """The chunks in use, in the server's form."""
        return [{"text": chunk.text, "filename": chunk.path} for chunk in self._chunks]

    def pick(self, path: str, lines: Sequence[str], *, replace: bool) -> None:
        """Queue a part of these lines; very similar chunks give way where `replace`, else nothing is picked."""
        if len(lines) < 3:
            return
        whole = len(lines) + 1 < _CHUNK_LINES
        chunk = Chunk(path, tuple(lines) if whole else self._part(lines))
        if any(chunk.lines == other.lines for other in (*self._chunks, *self._queued)):
            return
        for kept in (self._queued, self._chunks):
            alike = [other for other in kept if similarity(other.lines, chunk.lines) > _SAME]
            if alike and not replace:
                return
            for other in alike:
                kept.remove(other)
        if len(self._queued) == _QUEUED:
            self._queued.pop(0)
        self._queued.append(chunk)

    def update(self) -> bool:
        """Take the oldest queued chunk into use; False where none waits."""
        if not self._queued:
            return False
        if len(self._chunks) == _CHUNKS:
            self._chunks.pop(0)
        self._chunks.append(self._queued.pop(0))
        return True

    def drop_like(self, lines: Sequence[str]) -> None:
        """Drop chunks that resemble the text at the cursor: they would be repeated."""
        part = self._part(lines)
        self._chunks = [chunk for chunk in self._chunks if similarity(chunk.lines, part) <= _DISTURBING]

    def _part(self, lines: Sequence[str]) -> tuple[str, ...]:
        first = self._chance.randint(0, max(0, len(lines) - _CHUNK_LINES // 2))
        return tuple(lines[first : first + _CHUNK_LINES // 2 + 1])


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """How alike two chunks are, 0 to 1: the words of the second that the first has too."""
    first, second = _WORD.findall("\n".join(one)), _WORD.findall("\n".join(other))
    if not first and not second:
        return 1.0
    known = set(first)
    return 2.0 * sum(word in known for word in second) / (len(first) + len(second))
