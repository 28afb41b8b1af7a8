"""Bytes in, message bodies out: the base protocol's framing, and the way back from a damaged stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BODY_BYTES = 64 * 1024 * 1024
_MAX_LINE_BYTES = 64 * 1024
_KEPT_BYTES = 64
_MARK = b"content-length"
_HEADER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*:")
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([0-9]{1,20})[ \t]*\r?\n", re.IGNORECASE)
_MARKS = re.compile(rb"content-length[ \t]*:")
_OTHER_HEADER = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]*-content-length[ \t]*:")
_OVERRUN = re.compile(rb"\}\s*(?=content-length[ \t]*:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Frame:
    """One message body, as many bytes as its header announced."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no message were left out; a message may be lost. `refused`: its header was unusable."""

    reason: str
    refused: bool = False


class Framer:
    """Cuts a byte stream into bodies; after damage it goes on at the next Content-Length header.

    Header names may be in any case, other headers are ignored, a bare line feed ends a line too. At most
    one body of `limit` bytes is held, whatever a header announces.
    """

    def __init__(self, limit: int = MAX_BODY_BYTES) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._searched = 0
        self._length: int | None = None
        self._in_body = False
        self._in_block = False
        self._astray = False

    def feed(self, data: bytes) -> Iterator[Frame | Damage]:
        """Take more bytes and yield what they complete, in order."""
        self._buffer += data
        while True:
            if self._in_body:
                length = self._length or 0
                if len(self._buffer) < length:
                    return
                yield Frame(self._take_body(length))
                continue
            end = self._buffer.find(b"\n", self._searched)
            if end < 0:
                self._searched = len(self._buffer)
                if self._searched <= _MAX_LINE_BYTES:
                    return
                del self._buffer[:-_KEPT_BYTES]
                self._searched = len(self._buffer)
                yield from self._lost("a header line is too long")
                return
            line = bytes(self._buffer[: end + 1])
            del self._buffer[: end + 1]
            self._searched = 0
            yield from self._line(line)

    @property
    def idle(self) -> bool:
        """Tell whether the stream stands between two messages."""
        return not self._in_body and not self._in_block and not self._buffer.strip()

    def _take_body(self, length: int) -> bytes:
        with memoryview(self._buffer) as view:
            body = bytes(view[:length])
        del self._buffer[:length]
        self._in_body = self._astray = False
        self._length = None
        kept = _without_overrun(body)
        if len(kept) < len(body):
            self._buffer[:0] = body[len(kept) :]
        return kept

    def _line(self, line: bytes) -> Iterator[Damage]:
        if not line.strip():
            if self._length is not None:
                self._in_body, self._in_block = True, False
            elif self._in_block:
                yield from self._lost("a header block has no Content-Length")
            return
        lowered = line.lower()
        start = max((mark.start() for mark in _MARKS.finditer(lowered)), default=-1)
        if start > 0 and _OTHER_HEADER.match(lowered) is None:
            self._length = None
            if lowered[:start].strip():
                yield from self._lost("bytes between two messages belong to neither")
            line, start = line[start:], 0
        if start == 0:
            yield from self._length_header(line)
        elif _HEADER.match(line) is None:
            yield from self._lost("a header line is not a header")
        elif not self._astray:
            self._in_block = True

    def _length_header(self, line: bytes) -> Iterator[Damage]:
        found = _LENGTH.fullmatch(line)
        if found is not None and int(found[1]) <= self._limit:
            self._length = int(found[1])
            self._in_block = True
            return
        self._astray = False
        limit = f"the limit is {self._limit} bytes"
        reason = "a Content-Length is not a number of bytes" if found is None else f"a message is too long; {limit}"
        yield from self._lost(reason, refused=True)

    def _lost(self, reason: str, *, refused: bool = False) -> Iterator[Damage]:
        """Report damage once, until a whole message is found again."""
        self._length = None
        self._in_block = False
        if not self._astray:
            self._astray = True
            yield Damage(reason, refused)


def _without_overrun(body: bytes) -> bytes:
    """Cut off the beginning of the next message where a Content-Length was too large."""
    if body[-1:] == b"}":
        return body
    end = body.rstrip()
    if not end or end.endswith(b"}"):
        return body
    if found := _OVERRUN.search(body):
        return body[: found.end()]
    brace = end.rfind(b"}")
    rest = end[brace + 1 :].lstrip().lower()
    if brace >= 0 and rest and _MARK.startswith(rest):
        return body[: brace + 1]
    return body
