"""`twolane complete`: what would be suggested at one place, or at every place of a list."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...context.document import Snapshot
from .answers import document, open_answers, silent
from .configured import load_settings
from .files import UnreadableError, offset_of, read_snapshot, workspace_of
from .outcome import DONE, CommandError, MisuseError, emit, printable, say
from .points import answer_points

_LONG_S = 2.0


def run(arguments: argparse.Namespace) -> int:
    """Answer one place, or the list given by `--points`."""
    if (arguments.target is None) == (arguments.points is None):
        raise MisuseError("give either FILE:LINE:COL or --points FILE.jsonl")
    if arguments.points is not None:
        return asyncio.run(
            answer_points(arguments.points, trusted=arguments.trust, context_tokens=arguments.context_tokens)
        )
    root, snapshot, offset = place(arguments.target)
    return asyncio.run(_answer_one(root, snapshot, offset, arguments))


def place(target: str) -> tuple[Path, Snapshot, int]:
    """Read the file of FILE:LINE:COL; return its workspace, the file and the offset of the cursor."""
    parts = target.rsplit(":", 2)
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts[1:]):
        raise MisuseError(f"{target}: not of the form FILE:LINE:COL")
    path = Path(parts[0])
    try:
        folder = path.resolve().parent
        root = workspace_of(folder) or folder
        snapshot = read_snapshot(path, root)
        return root, snapshot, offset_of(snapshot.text, int(parts[1]), int(parts[2]), parts[0])
    except (UnreadableError, RuntimeError, ValueError) as error:
        raise CommandError(str(error), kind="bad-input") from error


async def _answer_one(root: Path, snapshot: Snapshot, offset: int, arguments: argparse.Namespace) -> int:
    async with open_answers(load_settings(root, trusted=arguments.trust)) as answers:
        if reason := answers.silence(snapshot):
            _tell(silent(reason), arguments.json)
            return DONE
        with _patience():
            await answers.ready(snapshot)
            completion = await answers.ask(snapshot, offset, arguments.context_tokens)
    _tell(document(completion), arguments.json)
    return DONE


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Say what takes so long, if it does."""
    told = asyncio.get_running_loop().call_later(
        _LONG_S, _note, "loading the model and reading the workspace; both are quicker the next time"
    )
    try:
        yield
    finally:
        told.cancel()


def _tell(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit(answer)
        return
    if answer["text"]:
        say(printable(answer["text"]) if sys.stdout.isatty() else answer["text"])
    if not answer["text"]:
        _note(f"no suggestion: {answer['reason']}")
    elif answer["reason"]:
        _note(answer["reason"])
    if answer["model"]:
        _note(
            f"{answer['lane']} lane, {answer['model']}, {answer['ms']:.0f} ms, "
            f"{answer['prompt_tokens']} tokens of prompt, {answer['reused_tokens']} of them reused"
        )
    files = Counter(source["path"] for source in answer["sources"])
    if files:
        _note("from " + ", ".join(f"{path} ({count})" for path, count in files.items()))


def _note(line: str) -> None:
    """Tell something that is not an error on stderr, away from the suggestion."""
    sys.stderr.write(f"{printable(line)}\n")
    sys.stderr.flush()
