"""`twolane explain`: what happened to the last requests, in every window of this user's editors."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...completion.worded import worded
from ..history.reading import last_requests
from ..history.store import HistoryUnusable, Store, default_path
from .files import workspace_of
from .outcome import DONE, CommandError, emit, printable, say, warn

NO_EDITOR_YET = (
    "Requests are kept by the server that an editor starts, not by `twolane complete`: connect an editor, type in it, "
    "and ask again a second later.\n"
    "`twolane demo` and docs/editors.md say how to connect one; with history.keep_days = 0 none are kept."
)

_ORIGINS = {
    "model": "written when it was asked for",
    "adopted": "asked for a few keys before, and still being written",
    "typed-through": "written for an earlier state that the typing agrees with",
    "speculated": "written before anybody asked",
}
_MARGIN = f"{'':10}"


def run(arguments: argparse.Namespace) -> int:
    """Tell the last requests of this workspace, or of all, newest last."""
    root = workspace_of(Path.cwd())
    store = Store(default_path())
    try:
        requests = _kept(store, root, arguments.count, arguments.all) if store.exists else []
    finally:
        store.close()
    if arguments.json:
        emit({"requests": requests})
        return DONE
    for request in requests:
        say("\n".join(_paragraph(request, arguments.all)))
    if not requests:
        say(_nothing(root, arguments.all))
    return DONE


def _kept(store: Store, root: Path | None, count: int, everywhere: bool) -> list[dict[str, Any]]:
    try:
        requests = last_requests(store, root, count, everywhere=everywhere)
    except HistoryUnusable as error:
        raise CommandError(str(error), kind="history") from error
    if store.note:
        warn(store.note)
    return list(map(worded, requests))


def _nothing(root: Path | None, everywhere: bool) -> str:
    if everywhere:
        return f"no requests are kept\n{NO_EDITOR_YET}"
    where = str(root) if root is not None else "files outside of any workspace"
    others = "`twolane explain --all` tells those of every workspace"
    return printable(f"no requests of {where} are kept; {others}\n{NO_EDITOR_YET}")


def _paragraph(request: Mapping[str, Any], everywhere: bool) -> list[str]:
    """One request for people: when, where, what came of it, and below that what it took."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(request["at"]))
    language = f" ({request['language']})" if request["language"] else ""
    place = f":{request['line']}:{request['column']}" if request["line"] else ""
    where = f"{request['path']}{place}{language}" + ("" if request["kind"] == "completion" else f", {request['kind']}")
    if everywhere:
        where += f" in {request['workspace'] or 'no workspace'}"
    lines = [f"{stamp}  {where}", _outcome(request)]
    lines += [_MARGIN + line for line in (_timeline(request), _prompt(request), _sources(request)) if line]
    lines += [f"{_MARGIN}{name:<9}{'; '.join(phrases)}" for name, phrases in request["words"].items() if phrases]
    lines += [f"{_MARGIN}sent     {sent['bytes']:,} bytes to {sent['host']}" for sent in request["sent"]]
    return [printable(line) for line in lines]


def _outcome(request: Mapping[str, Any]) -> str:
    answered = f"{request['lane']} lane, {request['model']}" if request["model"] else "no model"
    origin = _ORIGINS.get(request["origin"], "")
    if request["shown"]:
        told = ", ".join(part for part in (_size(request), origin) if part)
        return f"{_MARGIN}shown after {request['ms']:,.1f} ms{': ' if told else ''}{told} ({answered})"
    return f"{_MARGIN}nothing shown: {request['reason'] or 'no reason was given.'} ({answered})"


def _size(request: Mapping[str, Any]) -> str:
    """How much was shown; '' where that is not known."""
    chars, lines = request["chars"], request["lines"]
    if not chars:
        return ""
    return f"{chars:,} character{'' if chars == 1 else 's'} on {lines:,} line{'' if lines == 1 else 's'}"


def _timeline(request: Mapping[str, Any]) -> str:
    stages = ", ".join(f"{name} {ms:,.1f}" for name, ms in request["stages"].items())
    if not stages:
        return ""
    goal = request["pace"].get("goal_ms")
    return f"time     {stages}; {request['ms']:,.1f} ms in all" + (f" (goal {goal:,} ms)" if goal else "")


def _prompt(request: Mapping[str, Any]) -> str:
    if not request["prompt_tokens"]:
        return ""
    return (
        f"tokens   {request['prompt_tokens']:,} of prompt: {request['reused_tokens']:,} known from before, "
        f"{request['evaluated_tokens']:,} read; {request['generated_tokens']:,} written"
    )


def _sources(request: Mapping[str, Any]) -> str:
    sources: Sequence[Mapping[str, Any]] = request["sources"]
    if not sources:
        return ""
    files = Counter(source["path"] for source in sources)
    pieces = "piece" if len(sources) == 1 else "pieces"
    told = ", ".join(f"{path or 'no file'} ({count})" for path, count in files.most_common())
    of_others = " of other files" if request["kind"] == "completion" else ""
    return f"sources  {len(sources)} {pieces}{of_others}: {told}"
