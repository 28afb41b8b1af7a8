"""`twolane complete --points`: many places, one answer a line, in order, from one warm process.

A line is `{"path", "start": {"line", "column"}, "end": {"line", "column"}, "mask_imports": [names]}`; `end`
is `start` and `mask_imports` empty where they are left out. The text from start to end counts as not yet
written, the names as not yet imported. A line that cannot be answered gives `{"error": …}` in its place;
empty lines are passed over, and so are keys of the caller's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from threading import Thread
from typing import Any

from ...clients.errors import ModelError
from .answers import Answers, document, open_answers, silent
from .configured import load_settings
from .files import UnreadableError, offset_of, read_snapshot, workspace_of
from .masking import UnmaskableError, masked
from .outcome import DONE, FAILED, CommandError, emit, error_document

MAX_LINE_BYTES = 1_000_000


class BadPointError(Exception):
    """Why a line is not a place; one line."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place: lines and columns count from 1, columns in code points."""

    path: str
    start: tuple[int, int]
    end: tuple[int, int]
    mask_imports: frozenset[str]


async def answer_points(source: str, *, trusted: bool, context_tokens: int | None) -> int:
    """Answer each line of the file `source` (`-`: stdin); exit code 1 where a line could not be answered.

    Paths start at the workspace of the current folder.
    """
    here = Path.cwd()
    root = workspace_of(here) or here
    code = DONE
    async with open_answers(load_settings(root, trusted=trusted)) as answers:
        async for number, line in lines(source):
            try:
                point = parse_point(line)
                answer = await _answer(answers, root, point, number, context_tokens)
            except (BadPointError, UnreadableError, UnmaskableError) as error:
                answer, code = error_document("bad-input", f"line {number}: {error}"), FAILED
            except ModelError as error:
                answer, code = error_document(error.kind, f"line {number}: {error}"), FAILED
            emit(answer)
    return code


async def _answer(
    answers: Answers, root: Path, point: Point, version: int, context_tokens: int | None
) -> dict[str, Any]:
    snapshot = read_snapshot(root / point.path, root, version)
    start = offset_of(snapshot.text, *point.start, point.path)
    end = offset_of(snapshot.text, *point.end, point.path)
    if end < start:
        raise BadPointError("end is before start")
    if reason := answers.silence(snapshot):
        return silent(reason)
    snapshot, offset = masked(snapshot, start, end, point.mask_imports)
    try:
        await answers.ready(snapshot)
        return document(await answers.ask(snapshot, offset, context_tokens))
    finally:
        answers.forget(snapshot)


def parse_point(line: bytes) -> Point:
    """Read one line; raise `BadPointError` with what is wrong with it."""
    if len(line) > MAX_LINE_BYTES:
        raise BadPointError(f"longer than {MAX_LINE_BYTES} bytes")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadPointError(f"not JSON ({error})") from error
    if not isinstance(value, dict):
        raise BadPointError("not a JSON object")
    path, names = value.get("path"), value.get("mask_imports") or []
    if not isinstance(path, str) or not path or "\0" in path:
        raise BadPointError('"path" must be the path of a file')
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadPointError('"mask_imports" must be a list of names')
    start = _position(value, "start")
    end = start if value.get("end") is None else _position(value, "end")
    return Point(path, start, end, frozenset(names))


def _position(value: dict[str, Any], key: str) -> tuple[int, int]:
    position = value.get(key)
    if isinstance(position, dict):
        line, column = position.get("line"), position.get("column")
        if type(line) is int and type(column) is int:
            return line, column
    raise BadPointError(f'"{key}" must be {{"line": number, "column": number}}')


async def lines(source: str) -> AsyncIterator[tuple[int, bytes]]:
    """Yield numbered lines as they arrive; empty ones are passed over.

    A thread of its own reads, so that the engine's connection is served while stdin is silent.
    """
    stream = _opened(source)
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes | OSError | None] = asyncio.Queue()

    def hand_over(item: bytes | OSError | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, item)

    def read() -> None:
        rest = b""
        with stream, contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits for more lines
            try:
                while piece := stream.read(65536):
                    *whole, rest = (rest + piece).split(b"\n")
                    for line in whole:
                        hand_over(line)
            except OSError as error:
                hand_over(error)
            else:
                hand_over(rest)
                hand_over(None)

    Thread(target=read, name="points", daemon=True).start()
    number = 0
    while isinstance(line := await queue.get(), bytes):
        number += 1
        if line.strip():
            yield number, line
    if line is not None:
        raise CommandError(f"{source}: {line.strerror or line}", kind="bad-input")


def _opened(source: str) -> FileIO:
    """The raw stream: without a buffer there is no lock that a waiting thread could hold at exit."""
    try:
        if source == "-":
            return FileIO(sys.stdin.fileno(), closefd=False)
        return FileIO(source)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandError(f"{source}: {reason}", kind="bad-input") from error
