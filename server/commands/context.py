"""`twolane context`: which lines of other files matter at one place, or at every place of a list; needs no model."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...context.document import Snapshot
from ...context.graph.live import LiveWorkspace
from ...context.index import ContextIndex
from ...context.snippet import Packed
from ..indexer import left_out_of, rules_of
from .complete import place
from .configured import load_settings
from .files import UnreadableError, offset_of, read_snapshot, workspace_of
from .masking import UnmaskableError, masked
from .outcome import DONE, FAILED, MisuseError, emit, error_document, printable, say, warn
from .points import BadPointError, Point, lines, parse_point

DEFAULT_TOKENS = 1_024


def run(arguments: argparse.Namespace) -> int:
    """Answer one place, or the list given by `--points`."""
    if (arguments.target is None) == (arguments.points is None):
        raise MisuseError("give either FILE:LINE:COL or --points FILE.jsonl")
    if arguments.points is not None:
        return asyncio.run(_answer_points(arguments))
    root, snapshot, offset = place(arguments.target)
    with _opened(root, trusted=arguments.trust) as index:
        answer = _answer(index, snapshot, offset, arguments.tokens)
    if arguments.json:
        emit(answer)
    else:
        _tell(answer)
    return DONE


async def _answer_points(arguments: argparse.Namespace) -> int:
    """Answer each line in turn; exit code 1 where a line could not be answered. Paths start at the workspace."""
    here = Path.cwd()
    root = workspace_of(here) or here
    code = DONE
    with _opened(root, trusted=arguments.trust) as index:
        async for number, line in lines(arguments.points):
            try:
                answer = _at_point(index, root, parse_point(line), number, arguments.tokens)
            except (BadPointError, UnreadableError, UnmaskableError) as error:
                answer, code = error_document("bad-input", f"line {number}: {error}"), FAILED
            emit(answer)
    return code


def _at_point(index: ContextIndex, root: Path, point: Point, version: int, budget: int) -> dict[str, Any]:
    whole = read_snapshot(root / point.path, root, version)
    start = offset_of(whole.text, *point.start, point.path)
    end = offset_of(whole.text, *point.end, point.path)
    if end < start:
        raise BadPointError("end is before start")
    snapshot, offset = masked(whole, start, end, point.mask_imports)
    return _answer(index, snapshot, offset, budget)


def _answer(index: ContextIndex, snapshot: Snapshot, offset: int, budget: int) -> dict[str, Any]:
    """Open the document, ask, close it: nothing of it is left for the next."""
    began = time.perf_counter()
    try:
        index.refresh(snapshot)
        refreshed = time.perf_counter()
        packed = index.snippets(snapshot, offset, budget)
        reason = index.reason(snapshot.path)
        if not packed.snippets and not reason and index.pool(snapshot.path).candidates:
            reason = f"nothing fits into {budget} tokens"
    finally:
        index.forget(snapshot.path)
    return _document(packed, (refreshed - began) * 1000, reason)


def _document(packed: Packed, refresh_ms: float, reason: str) -> dict[str, Any]:
    """The answer as scripts rely on it; `refresh_ms` is what an editor's session does before anybody asks."""
    return {
        "snippets": [asdict(snippet) for snippet in packed.snippets],
        "tokens": packed.tokens,
        "ms": round(packed.ms, 3),
        "refresh_ms": round(refresh_ms, 3),
        "reason": reason,
    }


@contextmanager
def _opened(root: Path, *, trusted: bool) -> Iterator[ContextIndex]:
    """The workspace's index, brought up to date with the disk first."""
    settings = load_settings(root, trusted=trusted).settings
    workspace = LiveWorkspace.open(root, left_out=left_out_of(str(root), rules_of(settings.privacy.blocked)))
    workspace.build()
    if workspace.trouble:
        warn(workspace.trouble)
    yield ContextIndex(root, workspace)


def _tell(answer: dict[str, Any]) -> None:
    path = ""
    for snippet in answer["snippets"]:
        if snippet["path"] != path:
            path = snippet["path"]
            say(f"# {printable(path)}")
        say(printable(snippet["text"]) + f"    ({snippet['start_line']}: {printable(snippet['why'])})")
    if not answer["snippets"]:
        say(f"nothing: {answer['reason'] or 'no other file of this workspace seems to matter here'}")
