"""Messages between this program's own processes over a pipe: a JSON head and pieces of bytes behind it.

A frame is four bytes with the head's length (big-endian), the head as UTF-8 JSON `[message, [length, …]]`, and the
pieces one after the other.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

MAX_HEAD = 64_000_000
MAX_PIECE = 2_000_000_000
_LENGTH = struct.Struct(">I")


class BrokenFrame(Exception):
    """What came over the pipe is no frame, or ended in the middle of one."""


def send(stream: IO[bytes], message: Any, *pieces: bytes) -> None:
    """Write one frame at once; raises `OSError` where nobody reads any more."""
    head = json.dumps([message, [len(piece) for piece in pieces]]).encode("ascii")
    stream.write(b"".join((_LENGTH.pack(len(head)), head, *pieces)))
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[Any, list[bytes]] | None:
    """Read one frame; None at the end. Raises `BrokenFrame`."""
    first = stream.read(_LENGTH.size)
    if not first:
        return None
    if len(first) < _LENGTH.size:
        raise BrokenFrame("it ended in the middle")
    (length,) = _LENGTH.unpack(first)
    if length > MAX_HEAD:
        raise BrokenFrame("its head is too long")
    try:
        message, lengths = json.loads(_exactly(stream, length))
        if not all(isinstance(one, int) and 0 <= one <= MAX_PIECE for one in lengths):
            raise BrokenFrame("its lengths make no sense")
    except (ValueError, TypeError) as error:
        raise BrokenFrame("its head cannot be read") from error
    return message, [_exactly(stream, one) for one in lengths]


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise BrokenFrame("it ended in the middle")
    return data
